"""What the checks of hw1_conv share: random tensors, and a fair judge of LeNet's wiring."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor

from grader.judging.draws import Draws
from grader.suite import agree, either


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
    """Random parameters of a LeNet of the given widths, in float64 or another precision.

    Scaled as He et al. (2015) do, so that no layer's numbers vanish or explode.
    """

    def draw(
        channels: int = 1,
        maps: tuple[int, int] = (6, 16),
        units: tuple[int, int, int] = (120, 84, 10),
        dtype: torch.dtype = torch.float64,
    ) -> dict[str, Tensor]:
        sizes = {"conv1": (maps[0], channels, 5, 5), "conv2": (maps[1], maps[0], 5, 5)}
        sizes |= {"fc1": (units[0], maps[1] * 25), "fc2": (units[1], units[0]), "fc3": (units[2], units[1])}

        def make() -> dict[str, Tensor]:
            params = {}
            for name, size in sizes.items():
                fan_in = torch.Size(size[1:]).numel()
                params[f"{name}.weight"] = (draws.normal(*size) * (2 / fan_in) ** 0.5).to(dtype)
                params[f"{name}.bias"] = (draws.normal(size[0]) * 0.1).to(dtype)
            return params

        return draws.remember(make)

    return draw


@pytest.fixture
def judge_lenet(student: Any, reference: Any) -> Callable[..., None]:
    """judge_lenet(x, params): the student's LeNet is right, or at least wired right.

    A bug in a layer has already cost its own part's points. So where the scores are not the reference's, LeNet may still
    be right with layers that stand in for the student's.
    """

    def judge(x: Tensor, params: dict[str, Tensor]) -> None:
        either(
            lambda: agree(student.lenet, reference.lenet, x, params),
            lambda: agree(student.probes.wired_lenet, reference.probes.wired_lenet, x, params),
        )

    return judge
