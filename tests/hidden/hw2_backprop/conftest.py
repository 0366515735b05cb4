"""What the checks of hw2_backprop share: random numbers and tensors, and judges of graphs and of dictionaries.

A bug costs once. Part `nodes` looks at each operation, in graphs where no node is used twice; part `graphs` looks at
how gradients flow, in graphs of nothing but sums. `mlp_gradients` is made of the layers; where it is not right, it may
still use them correctly: then it is right with layers that stand in for the student's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest
import torch
from torch import Tensor

from grader.judging.compare import kind
from grader.judging.draws import Draws
from grader.suite import either, expect, expect_equal, pick

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
    """numbers("x", "y") are inputs of these names, of a size between 0.5 and 2; with positive=True, above 0.

    Those that nodes are made of directly are `times` as large: no answer of a later program is such a number by chance.
    """

    def draw(*names: str, positive: bool = False, times: float = 1.0) -> dict[str, float]:
        def make() -> dict[str, float]:
            values = {}
            for name in names:
                size = (0.5 + draws.integer(0, 1500) / 1000) * times
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
        expect_equal(found, reference.evaluate(program, inputs)[0], output="the result")

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
            expect_equal(found, expected, output=name.replace("_", "."))

    return judge


@pytest.fixture
def same_entries() -> Callable[..., None]:
    """same_entries(found, expected, name): `found` is a dictionary in which these entries are right."""
    return _same_entries


def _same_entries(found: Any, expected: Mapping[str, Any], name: str, tolerance: float | None = None) -> None:
    """Raise `Disagreement` unless `found` is a dictionary in which these entries are the same."""
    expect(isinstance(found, dict), f"{name} is {kind(found)}; a dictionary is asked for")
    for key, value in expected.items():
        expect(key in found, f"{name} has no entry `{key}`")
        expect_equal(found[key], value, output=key, tolerance=tolerance)


# -------------------------------------------------------------------------------------------------------- the network


@pytest.fixture
def judge_network(student: Any, reference: Any) -> Callable[..., None]:
    """judge_network(name, x, labels, params): the loss, or the gradient of this name, is right, or it is with other
    layers. A tolerance of EXACT is for batches whose losses are not small.
    """

    def judge(name: str, x: Tensor, labels: Tensor, params: dict[str, Tensor], tolerance: float | None = EXACT) -> None:
        arguments, output = (x, labels, params), "loss" if name == "loss" else "grads"

        def right() -> None:
            answer = student.mlp_gradients.once(*arguments)
            pick(answer, output, TRAINED)
            student.mlp_gradients.looked_at(TRAINED.index(output))
            _agree(name, answer, reference.mlp_gradients(*arguments), tolerance)

        def wired() -> None:
            answer, expected = student.probes.wired_mlp.once(*arguments), reference.probes.wired_mlp(*arguments)
            _agree(name, answer, expected, tolerance)

        either(right, wired)

    return judge


def _agree(name: str, answer: Any, expected: tuple[Tensor, dict[str, Tensor]], tolerance: float | None) -> None:
    """Raise `Disagreement` unless the loss, or the gradient of this name, is right."""
    loss, grads = expected
    exact = tolerance if loss.dtype == torch.float64 else None
    if name == "loss":
        expect_equal(pick(answer, "loss", TRAINED), loss, output="loss", tolerance=exact)
        return
    found = pick(answer, "grads", TRAINED)
    expect(isinstance(found, dict), f"the second result is {kind(found)}; a dictionary is asked for")
    expect(found.keys() == grads.keys(), "the gradients do not have the names of the parameters")
    expect_equal(found[name], grads[name], output=name, tolerance=exact)
