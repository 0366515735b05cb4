"""What the checks of hw2_backprop share: random numbers and tensors, and judges of graphs and of dictionaries.

A bug costs once. Part `nodes` looks at each operation, in graphs where no node is used twice; part `graphs` looks at
how gradients flow, in graphs of nothing but sums. `mlp_gradients` is made of the layers; where it is not right, it may
instead be what the student's own layers give when the judge puts them together, as long as these are more than stubs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest
import torch
from torch import Tensor

from grader.compare import Disagreement, compare, kind
from grader.draws import Draws
from grader.suite import expect, pick

EXACT = 1e-12  # no rounding of a derived gradient comes near it, and no numerical gradient below it
EVALUATED = ("value", "gradient")
TRAINED = ("loss", "grads")
Program = Sequence[Sequence[str | float]]


@pytest.fixture
def normal(draws: Draws) -> Callable[..., Tensor]:
    """normal(2, 3) is a float64 tensor of shape (2, 3) from the standard normal distribution."""
    return draws.normal


@pytest.fixture
def numbers(draws: Draws) -> Callable[..., dict[str, float]]:
    """numbers("x", "y") are inputs of these names, of a size between 0.5 and 2; with positive=True, above 0."""

    def draw(*names: str, positive: bool = False) -> dict[str, float]:
        def make() -> dict[str, float]:
            values = {}
            for name in names:
                size = 0.5 + draws.integer(0, 1500) / 1000
                values[name] = size if positive or draws.integer(0, 1) else -size
            return values

        return draws.remember(make)

    return draw


@pytest.fixture
def judge_value(student: Any, reference: Any) -> Callable[..., None]:
    """judge_value(program, inputs): the program's result is right."""

    def judge(program: Program, inputs: Mapping[str, float]) -> None:
        found = pick(student.evaluate.once(program, inputs), "value", EVALUATED)
        student.evaluate.looked_at(0)
        _same(found, reference.evaluate(program, inputs)[0], "the result")

    return judge


@pytest.fixture
def judge_gradient(student: Any, reference: Any) -> Callable[..., None]:
    """judge_gradient(program, inputs, *names): the derivatives with respect to these inputs are right; or to all."""

    def judge(program: Program, inputs: Mapping[str, float], *names: str) -> None:
        found = pick(student.evaluate.once(program, inputs), "gradient", EVALUATED)
        student.evaluate.looked_at(1)
        expected = reference.evaluate(program, inputs)[1]
        _same_entries(found, {name: expected[name] for name in names or inputs}, "the gradient", EXACT)

    return judge


@pytest.fixture
def same_numbers() -> Callable[..., None]:
    """same_numbers(**found) of pairs (found, expected): numbers read from nodes are right."""

    def judge(**pairs: tuple[Any, float]) -> None:
        for name, (found, expected) in pairs.items():
            _same(found, expected, name.replace("_", "."))

    return judge


@pytest.fixture
def same_entries() -> Callable[..., None]:
    """same_entries(found, expected, name): `found` is a dictionary in which these entries are right."""
    return _same_entries


def _same(found: Any, expected: Any, name: str, tolerance: float | None = None) -> None:
    """Raise `Disagreement` unless both are the same."""
    wrong = compare(found, expected, output=name, tolerance=tolerance)
    if wrong is not None:
        raise wrong


def _same_entries(found: Any, expected: Mapping[str, Any], name: str, tolerance: float | None = None) -> None:
    """Raise `Disagreement` unless `found` is a dictionary in which these entries are the same."""
    expect(isinstance(found, dict), f"{name} is {kind(found)}; a dictionary is asked for")
    for key, value in expected.items():
        expect(key in found, f"{name} has no entry `{key}`")
        _same(found[key], value, key, tolerance)


# -------------------------------------------------------------------------------------------------------- the network


@pytest.fixture
def judge_network(student: Any, reference: Any, common_draws: Draws) -> Callable[..., None]:
    """judge_network(name, x, labels, params): the loss, or the gradient of this name, is right; or right for the
    student's own layers.
    """

    def judge(name: str, x: Tensor, labels: Tensor, params: dict[str, Tensor]) -> None:
        asked, output = student.mlp_gradients, "loss" if name == "loss" else "grads"
        try:
            answer = asked.once(x, labels, params)
        except Exception as error:
            if hasattr(error, "kind"):  # the student's; asking the layers too tells the diagnosis which of them it was
                _from_layers(student, x, labels, params)
            raise
        found = pick(answer, output, TRAINED)
        asked.looked_at(TRAINED.index(output))
        loss, grads = reference.mlp_gradients(x, labels, params)
        if output == "grads":
            expect(isinstance(found, dict), f"the second result is {kind(found)}; a dictionary is asked for")
            expect(found.keys() == params.keys(), "the gradients do not have the names of the parameters")
            found = found[name]
        exact = EXACT if x.dtype == torch.float64 else None
        wrong = compare(found, loss if name == "loss" else grads[name], output=name, tolerance=exact)
        if wrong is None:
            return
        own = _from_layers(student, x, labels, params)
        if (
            own is None
            or compare(found, own[name], tolerance=exact) is not None
            or not _are_real(student, common_draws)
        ):
            raise wrong

    return judge


def _from_layers(student: Any, x: Tensor, labels: Tensor, params: dict[str, Tensor]) -> dict[str, Tensor] | None:
    """Loss and gradients, put together from the student's layers; None where these do not do."""
    w1, b1, w2, b2 = (params[name] for name in ("W1", "b1", "W2", "b2"))
    try:
        (before,) = _tensors(student.affine_forward.once(x, w1, b1), 1)
        (hidden,) = _tensors(student.relu_forward.once(before), 1)
        (scores,) = _tensors(student.affine_forward.once(hidden, w2, b2), 1)
        loss, dscores = _tensors(student.softmax_cross_entropy.once(scores, labels), 2)
        dhidden, dw2, db2 = _tensors(student.affine_backward.once(dscores, hidden, w2), 3)
        (dbefore,) = _tensors(student.relu_backward.once(dhidden, before), 1)
        _, dw1, db1 = _tensors(student.affine_backward.once(dbefore, x, w1), 3)
    except Disagreement:
        return None
    except Exception as error:
        if not hasattr(error, "kind"):  # a fault of the grader's
            raise
        return None
    return {"loss": loss, "W1": dw1, "b1": db1, "W2": dw2, "b2": db2}


def _tensors(answer: Any, count: int) -> Sequence[Tensor]:
    """An answer that is `count` finite tensors of floats. Raises `Disagreement`."""
    several = answer if count > 1 and isinstance(answer, tuple | list) else (answer,)
    fit = all(isinstance(one, Tensor) and one.is_floating_point() for one in several)
    expect(len(several) == count and fit and all(bool(one.isfinite().all()) for one in several), "no tensors")
    return several


def _are_real(student: Any, draws: Draws) -> bool:
    """Whether the student's layers are more than stubs: with another batch, loss and gradients are all others."""
    shapes = {"W1": (4, 6), "b1": (6,), "W2": (6, 3), "b2": (3,)}

    def batch(*labels: int) -> tuple[Tensor, Tensor, dict[str, Tensor]]:
        params = {name: draws.normal(*shape) for name, shape in shapes.items()}
        return draws.normal(len(labels), 4), torch.tensor(labels), params

    one = _from_layers(student, *draws.remember(lambda: batch(0, 0, 0, 1, 2)))
    other = _from_layers(student, *draws.remember(lambda: batch(1, 2, 2, 2, 0)))
    return one is not None and other is not None and all(compare(one[name], other[name]) is not None for name in one)
