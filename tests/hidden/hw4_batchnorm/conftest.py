"""What the checks of hw4_batchnorm share: random tensors, and fair judges of what is put together from other parts.

A bug costs once. `batchnorm_forward` is made of the lines of the algorithm, and `BatchNorm2d` of `batchnorm_forward`;
where one of them is not right, it may instead be what the student's own earlier functions give when the judge puts
them together, as long as these are more than stubs: their output changes with the batch, with gamma or with beta, and
it is normalised.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

import pytest
import torch
from torch import Tensor, nn

from grader.compare import Disagreement, compare
from grader.draws import Draws
from grader.suite import agree, expect

FORWARD = ("y", "running_mean", "running_var")
STATE = ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")
KNOWN: WeakKeyDictionary[Any, dict[str, bool]] = WeakKeyDictionary()  # of submissions: which parts are no stubs
Forward = Callable[..., tuple[Tensor, Tensor, Tensor]]


class NoAnswer(Exception):
    """A function of the student's fails, or gives what cannot be used."""


@pytest.fixture
def normal(draws: Draws) -> Callable[..., Tensor]:
    """normal(2, 3) is a float64 tensor of shape (2, 3) from the standard normal distribution."""
    return draws.normal


@pytest.fixture
def integer(draws: Draws) -> Callable[[int, int], int]:
    """integer(3, 9) is one of 3, 4, …, 9."""
    return draws.integer


@pytest.fixture
def batch(draws: Draws) -> Callable[..., Tensor]:
    """batch(3, 2, 4, 5) is a batch whose channels differ in mean and spread."""

    def draw(*shape: int, dtype: torch.dtype = torch.float64) -> Tensor:
        def make() -> Tensor:
            sides = (1, shape[1], *[1] * (len(shape) - 2))
            spread = draws.normal(*sides).abs() + 0.5
            return (draws.normal(*shape) * spread + 2 * draws.normal(*sides)).to(dtype)

        return draws.remember(make)

    return draw


@pytest.fixture
def positive(draws: Draws) -> Callable[..., Tensor]:
    """positive(5) are five numbers from 0.5 on: variances."""

    def draw(*shape: int, dtype: torch.dtype = torch.float64) -> Tensor:
        return draws.remember(lambda: (draws.normal(*shape).abs() + 0.5).to(dtype))

    return draw


@pytest.fixture
def judge_forward(student: Any, reference: Any, common_draws: Draws) -> Callable[..., None]:
    """judge_forward(output, *args): this output of `batchnorm_forward` is right, or right for the student's lines."""

    def judge(output: str, *args: Any, **kwargs: Any) -> None:
        asked, one = student.batchnorm_forward, {"output": output, "outputs": FORWARD}
        try:
            agree(asked, reference.batchnorm_forward, *args, **kwargs, **one)
        except Disagreement as wrong:
            forward = _from_lines(student)
            own = _attempt(forward, *args, **kwargs) if _is_real(student, "lines", forward, common_draws) else None
            if own is None:
                raise
            try:
                agree(asked, lambda *_, **__: own, *args, **kwargs, **one)
            except Disagreement:
                raise wrong from None

    return judge


@pytest.fixture
def judge_module(student: Any, common_draws: Draws) -> Callable[..., None]:
    """judge_module(script, channels, **options): what `script` finds at the student's BatchNorm2d is what it finds at
    torch's, or at one that is made of the student's own functions.

    `script` takes a module and returns what is to be compared, by name.
    """

    def judge(script: Callable[[Any], dict[str, Any]], channels: int, **options: float) -> None:
        found = script(student.BatchNorm2d(channels, **options))
        wrong = _first_wrong(found, script(nn.BatchNorm2d(channels, **options)))
        if wrong is None:
            return
        for part, forward in (("forward", student.batchnorm_forward.once), ("lines", _from_lines(student))):
            if _is_real(student, part, forward, common_draws):
                try:
                    own = script(Twin(forward, channels, **options))
                except NoAnswer:
                    continue
                if _first_wrong(found, own) is None:
                    return
        raise wrong

    return judge


class Twin(nn.Module):
    """BatchNorm2d as it should be, around a forward pass of the student's."""

    def __init__(self, forward: Forward, channels: int, eps: float = 1e-5, momentum: float = 0.1) -> None:
        super().__init__()
        self._forward, self._options = forward, (momentum, eps)
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))
        self.register_buffer("running_mean", torch.zeros(channels))
        self.register_buffer("running_var", torch.ones(channels))
        self.register_buffer("num_batches_tracked", torch.tensor(0))

    def forward(self, x: Tensor) -> Tensor:
        """Raises `NoAnswer` where the student's functions do not do."""
        own = (self.weight, self.bias, self.running_mean, self.running_var)
        answer = _attempt(self._forward, x, *(one.detach().clone() for one in own), self.training, *self._options)
        if answer is None:
            raise NoAnswer
        y, mean, var = answer
        if self.training:
            self.running_mean, self.running_var = mean, var
            self.num_batches_tracked += 1
        return y


@pytest.fixture
def state_of() -> Callable[..., dict[str, Tensor]]:
    """state_of(module): its state dict, with the entries of torch's and no others; or those that are named."""

    def read(module: Any, *names: str) -> dict[str, Tensor]:
        state = module.state_dict()
        expect(isinstance(state, dict), "`state_dict()` is no dictionary")
        missing = [name for name in names or STATE if name not in state]
        expect(not missing, f"`state_dict()` has no {' and no '.join(f'`{name}`' for name in missing)}")
        expect(bool(names) or len(state) == len(STATE), "`state_dict()` has entries that torch's does not have")
        return {name: state[name] for name in names or STATE}

    return read


def _first_wrong(found: dict[str, Any], expected: dict[str, Any]) -> Disagreement | None:
    wrong = (compare(found[name], value, output=name) for name, value in expected.items())
    return next((one for one in wrong if one is not None), None)


def _from_lines(student: Any) -> Forward:
    """batchnorm_forward, put together from the student's lines."""

    def forward(
        x: Tensor,
        gamma: Tensor,
        beta: Tensor,
        mean: Tensor,
        var: Tensor,
        training: bool,
        momentum: float = 0.1,
        eps: float = 1e-5,
    ) -> tuple[Any, ...]:
        running = mean, var
        if training:
            mean = student.batch_mean.once(x)
            var = student.batch_variance.once(x, mean)
            running = student.update_running.once(*running, mean, var, x.numel() // x.shape[1], momentum)
        y = student.scale_and_shift.once(student.normalize.once(x, mean, var, eps), gamma, beta)
        return y, *(running if isinstance(running, tuple | list) else (None,))

    return forward


def _is_real(student: Any, part: str, forward: Forward, draws: Draws) -> bool:
    """Whether a forward pass of the student's is more than a stub; found out once."""
    known = KNOWN.setdefault(student, {})
    if part not in known:
        known[part] = _is_layer(forward, draws)
    return known[part]


def _is_layer(forward: Forward, draws: Draws) -> bool:
    """Whether y changes with x, and with gamma or beta (one of these may have been forgotten), and is normalised."""
    inputs = [draws.normal(4, 3, 2, 5), draws.normal(3), draws.normal(3)]
    running = draws.normal(3), draws.remember(lambda: draws.normal(3).abs() + 0.5)
    usual = _attempt(forward, *inputs, *running, True)
    changes = []
    for place, value in enumerate(inputs):
        other = inputs.copy()
        other[place] = draws.normal(*value.shape)
        changed = _attempt(forward, *other, *running, True)
        if usual is None or changed is None:
            return False
        changes.append(compare(changed[0], usual[0]) is not None)
    return changes[0] and any(changes[1:]) and _is_normalised(forward, *inputs, *running)


def _is_normalised(forward: Forward, x: Tensor, gamma: Tensor, beta: Tensor, mean: Tensor, var: Tensor) -> bool:
    """Whether y grows by less than a batch in training, or shrinks where the running variance grows in evaluation.

    One of them will do: somebody may normalise with the wrong one of two statistics.
    """

    def width(size: float, spread: float, training: bool) -> float:
        answer = _attempt(forward, size * x, gamma, torch.zeros_like(beta), mean, spread * var, training)
        return 0.0 if answer is None else _width(answer[0])

    trained, evaluated = width(4, 1, True), width(1, 16, False)
    return 0 < trained < 3 * width(1, 1, True) or 0 < evaluated < 0.75 * width(1, 1, False)


def _width(y: Tensor) -> float:
    """How far its numbers lie apart."""
    return float(y.max() - y.min()) if y.numel() and y.is_floating_point() else 0.0


def _attempt(forward: Forward, *args: Any, **kwargs: Any) -> tuple[Tensor, Tensor, Tensor] | None:
    """What it returns, if that is y and two running statistics; a fault of the grader's is passed on."""
    try:
        answer = forward(*args, **kwargs)
    except Exception as error:
        if not hasattr(error, "kind"):
            raise
        return None
    if not isinstance(answer, tuple | list) or len(answer) != len(FORWARD):
        return None
    if not all(isinstance(one, Tensor) and bool(torch.isfinite(one).all()) for one in answer):
        return None
    y, mean, var = answer
    return y, mean, var
