"""What the checks of hw1_conv share: random tensors, and a fair judge of LeNet's wiring."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from weakref import WeakKeyDictionary

import pytest
import torch
from torch import Tensor

from grader.compare import Disagreement, compare
from grader.draws import Draws

CONVOLUTIONS, CONNECTED = ("conv1", "conv2"), ("fc1", "fc2", "fc3")
PRECISIONS = (torch.float64, torch.float32)
FLAT = 6  # layers before the maps are laid flat
WIDEST = 64  # times LeNet's features, which is what full padding in both convolutions and no pooling come to
KNOWN: WeakKeyDictionary[Any, bool] = WeakKeyDictionary()  # of submissions: whether their LeNet is one of their layers
MISWIRED = "neither LeNet-5 nor your own layers put together in LeNet's order"


@pytest.fixture
def normal(draws: Draws) -> Callable[..., Tensor]:
    """normal(2, 3) is a float64 tensor of shape (2, 3) from the standard normal distribution."""
    return draws.normal


@pytest.fixture
def integer(draws: Draws) -> Callable[[int, int], int]:
    """integer(3, 9) is one of 3, 4, …, 9."""
    return draws.integer


@pytest.fixture
def lenet_params(draws: Draws) -> Callable[..., dict[str, Tensor]]:
    """Random parameters of a LeNet of the given widths, in float64 or another precision."""

    def draw(
        channels: int = 1,
        maps: tuple[int, int] = (6, 16),
        units: tuple[int, int, int] = (120, 84, 10),
        dtype: torch.dtype = torch.float64,
    ) -> dict[str, Tensor]:
        return draw_params(draws, channels, maps, units, dtype)

    return draw


def draw_params(
    draws: Draws,
    channels: int = 1,
    maps: tuple[int, int] = (6, 16),
    units: tuple[int, int, int] = (120, 84, 10),
    dtype: torch.dtype = torch.float64,
) -> dict[str, Tensor]:
    """Scaled as He et al. (2015) do, so that no layer's numbers vanish or explode."""
    sizes = {"conv1": (maps[0], channels, 5, 5), "conv2": (maps[1], maps[0], 5, 5)}
    sizes |= {"fc1": (units[0], maps[1] * 25), "fc2": (units[1], units[0]), "fc3": (units[2], units[1])}

    def make() -> dict[str, Tensor]:
        params = {}
        for name, size in sizes.items():
            fan_in = torch.Size(size[1:]).numel()
            params[f"{name}.weight"] = (draws.normal(*size) * (2 / fan_in) ** 0.5).to(dtype)
            bias = draws.normal(size[0]) * 0.1
            # A layer that is wrong in its biases must not switch off every map: its own part has cost it already.
            params[f"{name}.bias"] = (bias.abs() if name in CONVOLUTIONS else bias).to(dtype)
        return params

    return draws.remember(make)


@pytest.fixture
def judge_lenet(student: Any, reference: Any, draws: Draws, common_draws: Draws) -> Callable[..., None]:
    """judge_lenet(x, params): the student's LeNet is right, or at least wired right.

    A bug in a layer has already cost its own part's points. So where the scores are not the reference's, they may be
    what the student's own layers give when the judge calls them in LeNet's order, as long as those layers are more
    than stubs: the scores are finite, and each layer's answer changes with its input and its weights, has as many maps or
    units as there are weights for, and is smaller where it is pooled. Two bugs would keep
    even a well-wired network from running on these inputs, and are worked around: layers that return a fixed dtype
    (both precisions are tried) and layers of another output size (fc1 is drawn to fit).

    Whether the layers are stubs is found out on one LeNet for all checks, and whether it is wired right first on that:
    a network that fails there fails everywhere, and costs no further calls.
    """

    def judge(x: Tensor, params: dict[str, Tensor]) -> None:
        scores, error = _attempt(student.lenet.once, x, params)
        if error is not None and not error.kind:  # out of time or memory, or forbidden: no layer's bug
            raise error
        wrong = compare(scores, reference.lenet(x, params))
        if error is None and wrong is None:
            return
        other = next(precision for precision in PRECISIONS if precision != x.dtype)
        if student not in KNOWN:
            KNOWN[student] = _is_network_of_layers(student, common_draws)
        if KNOWN[student]:
            if _wired_right(student, draws, x, params):
                return
            if error is not None and _wired_right(student, draws, x.to(other), _cast(params, other)):
                return
        if error is not None:
            raise error
        if wrong is not None:
            raise Disagreement(f"{wrong.message}: the scores are those of {MISWIRED}", wrong.evidence)

    return judge


def _is_network_of_layers(student: Any, draws: Draws) -> bool:
    """Whether a plain LeNet-5 of the student's equals its layers put together, and those are more than stubs."""
    x, params = draws.normal(2, 1, 32, 32), draw_params(draws)
    for precision in PRECISIONS:
        images, cast = (x, params) if x.dtype == precision else (x.to(precision), _cast(params, precision))
        if (fitted := _fitted(student, draws, images, cast)) is None:
            continue
        scores = _compose(student, images, fitted)
        if scores is not None and _agrees(student, images, fitted, scores):
            return _alive(student, draws, images, fitted)
    return False


def _wired_right(student: Any, draws: Draws, x: Tensor, params: dict[str, Tensor]) -> bool:
    """Whether the student's LeNet equals the composition of the student's own layers."""
    fitted = _fitted(student, draws, x, params)
    scores = None if fitted is None else _compose(student, x, fitted)
    return scores is not None and _agrees(student, x, fitted, scores)


def _agrees(student: Any, x: Tensor, params: dict[str, Tensor], composed: Tensor) -> bool:
    scores, _ = _attempt(student.lenet.once, x, params)
    return bool(torch.isfinite(composed).all()) and compare(scores, composed) is None


def _fitted(student: Any, draws: Draws, x: Tensor, params: dict[str, Tensor]) -> dict[str, Tensor] | None:
    """The parameters, with an fc1 that takes as many features as reach it; None where a layer fails before that."""
    flat = _features(student, x, params)
    if flat is None:
        return None
    width = max(flat.shape[1], 1)
    if width == params["fc1.weight"].shape[1]:
        return params
    return params | {"fc1.weight": draws.normal(len(params["fc1.weight"]), width, dtype=x.dtype) * (2 / width) ** 0.5}


def _alive(student: Any, draws: Draws, x: Tensor, params: dict[str, Tensor]) -> bool:
    """Whether each layer's answer, where it stands in the network, changes with its input and with its weights (not with
    their mean alone), and has the form of one.
    """
    for layer, inputs in _layers(student, x, params):
        answer, _ = _attempt(layer.once, *inputs)
        redrawn = [(draws.normal(*inputs[0].shape, dtype=x.dtype), *inputs[1:])]
        if layer.__name__ in ("conv2d_forward", "linear_forward"):
            weight = inputs[1]
            other = draws.normal(*weight.shape, dtype=x.dtype) * weight.std()
            redrawn.append((inputs[0], other - other.mean() + weight.mean(), inputs[2]))
            if not isinstance(answer, Tensor) or answer.dim() < 2 or answer.shape[1] != len(weight):
                return False
        elif layer.__name__ == "maxpool2d_forward" and (
            not isinstance(answer, Tensor) or answer.numel() >= inputs[0].numel()
        ):
            return False
        for others in redrawn:
            other, error = _attempt(layer.once, *others)
            if error is not None or compare(other, answer) is None:
                return False
    return True


def _compose(student: Any, x: Tensor, params: dict[str, Tensor]) -> Tensor | None:
    """What the layers give one after another, or None where one fails."""
    for layer, inputs in _layers(student, x, params):
        x, error = _attempt(layer.once, *inputs)
        if error is not None:
            return None
    return x if isinstance(x, Tensor) and x.dim() == 2 and x.numel() else None


def _features(student: Any, x: Tensor, params: dict[str, Tensor]) -> Tensor | None:
    """What reaches fc1, (N, D), or None where a layer fails or gives far more than any bug would."""
    widest = WIDEST * params["fc1.weight"].shape[1]  # for the judge draws weights to fit
    for layer, inputs in _layers(student, x, params):
        if layer.__name__ == "linear_forward":
            return inputs[0] if inputs[0].shape[1] <= widest else None
    return None


def _layers(student: Any, x: Tensor, params: dict[str, Tensor]) -> Iterator[tuple[Any, tuple[Any, ...]]]:
    """LeNet's layers with what each is asked, as far as they come: it ends where one gives no maps or features, or far
    more than any bug would.
    """
    most = len(x) * WIDEST * params["fc1.weight"].shape[1]  # for the judge draws other inputs as large
    stages: list[tuple[Any, tuple[Any, ...]]] = []
    for name in CONVOLUTIONS:
        stages.append((student.conv2d_forward, (params[f"{name}.weight"], params[f"{name}.bias"])))
        stages += [(student.relu_forward, ()), (student.maxpool2d_forward, (2, 2))]
    for name in CONNECTED:
        stages.append((student.linear_forward, (params[f"{name}.weight"], params[f"{name}.bias"])))
        stages += [(student.relu_forward, ())] if name != "fc3" else []
    for i, (layer, rest) in enumerate(stages):
        if i == FLAT:
            x = x.reshape(len(x), -1)
        yield layer, (x, *rest)
        x, error = _attempt(layer.once, x, *rest)
        if error is not None or not isinstance(x, Tensor) or x.dim() != (4 if i < FLAT else 2):
            return
        if not 0 < x.numel() <= most:
            return


def _attempt(asked: Callable[..., Any], *args: Any) -> tuple[Any, Any]:
    """What the student's function returns, and what it raised; a fault of the grader's is passed on."""
    try:
        return asked(*args), None
    except Exception as error:
        if not hasattr(error, "kind"):
            raise
        return None, error


def _cast(params: dict[str, Tensor], dtype: torch.dtype) -> dict[str, Tensor]:
    return {name: value.to(dtype) for name, value in params.items()}
