"""What the checks of hw5_resnet share: networks with known weights, and fair judges of what is made of blocks.

A bug costs once. A network is made of blocks; where these are wrong, its outline and its answers may instead be what
the student's own parts give when a probe puts them together as the handout says.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor

from grader.compare import compare
from grader.draws import Draws
from grader.suite import expect


@pytest.fixture
def images(draws: Draws) -> Callable[..., Tensor]:
    """images(2, 3, 9, 7) is a batch of images in float64, or in `dtype`."""
    return draws.normal


@pytest.fixture
def pair(student: Any, reference: Any, draws: Draws) -> Callable[..., tuple[Any, Any, int]]:
    """pair("BasicBlock", 6, 8, 2): the student's and the reference's, filled with the same numbers, and the seed."""

    def make(name: str, *args: Any, double: bool = True) -> tuple[Any, Any, int]:
        seed = draws.integer(0, 2**20)
        theirs = getattr(student, name)(*args)
        if double:
            theirs = theirs.double()
        student.probes.fill(theirs, seed)

        def expected() -> Any:
            ours = getattr(reference, name)(*args)
            ours = ours.double() if double else ours
            reference.probes.fill(ours, seed)
            return ours

        return theirs, expected, seed

    return make


@pytest.fixture
def agree_all() -> Callable[[Any, dict[str, Tensor], str], None]:
    """agree_all(answer, expected, "gradient"): a dictionary of tensors, entry by entry."""

    def judge(answer: Any, expected: dict[str, Tensor], what: str) -> None:
        expect(isinstance(answer, dict), f"there are no {what}s to look at")
        for name, value in expected.items():
            expect(name in answer, f"there is no {what} of `{name}`")
            wrong = compare(answer[name], value, output=f"{what} of {name}")
            if wrong:
                raise wrong

    return judge


@pytest.fixture
def judge_outline(student: Any, reference: Any) -> Callable[..., None]:
    """judge_outline(name, args, composed): the right names and shapes, or those of the student's own blocks."""

    def judge(name: str, args: tuple[Any, ...], composed: tuple[Any, ...]) -> None:
        found = student.probes.outline_of(name, *args)
        if found == reference.probes.outline_of(name, *args):
            return
        own = student.probes.composed_outline(*composed)
        expect(isinstance(found, dict) and isinstance(own, dict), "the state is no dictionary")
        missing = [entry for entry in own if entry not in found]
        expect(not missing, f"the state has no `{missing[0]}`" if missing else "")
        strange = [entry for entry in found if entry not in own]
        expect(not strange, f"the state has an entry `{strange[0]}` too many" if strange else "")
        wrong = [entry for entry in own if found[entry] != own[entry]]
        expect(not wrong, f"`{wrong[0]}` has the shape {found[wrong[0]]}" if wrong else "")

    return judge


@pytest.fixture
def judge_scores(student: Any) -> Callable[..., None]:
    """judge_scores(model, x, expected, stages, pooled): right, or right for the parts that the network has."""

    def judge(model: Any, x: Tensor, expected: Tensor, stages: int, pooled: bool) -> None:
        answer, _ = student.probes.forward(model, x, False)
        wrong = compare(answer, expected, output="scores")
        if wrong is None:
            return
        own, sizes = student.probes.composed(model, x, stages, pooled)
        if sizes != _sizes(x, stages, pooled, sizes):
            raise wrong
        if not isinstance(own, Tensor) or not bool(torch.isfinite(own).all()) or float(own.std()) == 0:
            raise wrong
        if compare(answer, own, output="scores") is not None:
            raise wrong

    return judge


def _sizes(x: Tensor, stages: int, pooled: bool, found: Any) -> list[list[int]]:
    """The shape of each stage's output: two halvings in a pooled stem, and one in each stage but the first."""
    height, width = x.shape[2:]
    expected = []
    for stage in range(stages):
        for _ in range((2 if pooled else 0) if stage == 0 else 1):
            height, width = -(-height // 2), -(-width // 2)
        channels = found[stage][1] if isinstance(found, list) and len(found) == stages else 0
        expected.append([len(x), channels, height, width])
    return expected
