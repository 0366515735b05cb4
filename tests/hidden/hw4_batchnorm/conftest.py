"""What the checks of hw4_batchnorm share: random tensors, and fair judges of what is put together from other parts.

A bug costs once. `batchnorm_forward` is made of the lines of the algorithm, and `BatchNorm2d` of `batchnorm_forward`;
where one of them is not right, it may still use these correctly: then it does, too, with functions that stand in for
them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from grader.judging.draws import Draws
from grader.suite import agree, either, expect, expect_equal

FORWARD = ("y", "running_mean", "running_var")
STATE = ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")


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
def judge_forward(student: Any, reference: Any) -> Callable[..., None]:
    """judge_forward(output, *args): this output of `batchnorm_forward` is right, or right for other lines."""

    def judge(output: str, *args: Any, **kwargs: Any) -> None:
        def judge_one(ours: Any, theirs: Any) -> None:
            agree(ours, theirs, *args, **kwargs, output=output, outputs=FORWARD)

        either(
            lambda: judge_one(student.batchnorm_forward, reference.batchnorm_forward),
            lambda: judge_one(student.probes.wired_forward, reference.probes.wired_forward),
        )

    return judge


@pytest.fixture
def judge_module(student: Any, reference: Any, batch: Callable[..., Tensor]) -> Callable[..., None]:
    """judge_module(script, channels, **options): what `script` finds at the student's BatchNorm2d is what it finds at
    torch's; or BatchNorm2d is right with another batchnorm_forward, or with other lines.

    `script` takes a module and returns what is to be compared, by name.
    """

    def judge(script: Callable[[Any], dict[str, Any]], channels: int, **options: float) -> None:
        def right() -> None:
            found, expected = (script(layer(channels, **options)) for layer in (student.BatchNorm2d, nn.BatchNorm2d))
            for name, value in expected.items():
                expect_equal(found[name], value, output=name)

        # drawn here, whatever is asked for below: what is drawn is known by its place among the draws
        precisions = (torch.float32, torch.float64)
        drawn = [[batch(n, channels, 2, 3, dtype=dtype) for n in (3, 1, 1, 5)] for dtype in precisions]

        def wired(is_forward: bool) -> None:
            for batches in drawn:
                agree(student.probes.wired_module, reference.probes.wired_module, is_forward, batches, options)

        either(right, lambda: either(lambda: wired(True), lambda: wired(False)))

    return judge


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
