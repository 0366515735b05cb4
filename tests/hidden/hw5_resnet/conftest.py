"""What the checks of hw5_resnet share: networks with known weights, and fair judges of what is made of blocks.

A bug costs once. A network is made of blocks; where these are wrong, its outline and its answers may instead be what
the student's own parts give when a probe puts them together as the handout says.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from torch import Tensor

from grader.compare import compare
from grader.draws import Draws
from grader.suite import expect, pick

COMPOSED = ("scores", "sizes")
CHANNELS = (7, 5)  # in and out, of the block that is looked at for what it has at all


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
def agree_outlines() -> Callable[[Any, Any], None]:
    """agree_outlines(found, right): both are names with shapes, and the same ones."""
    return _agree_outlines


def _agree_outlines(found: Any, right: Any) -> None:
    expect(_is_outline(found) and _is_outline(right), "the state is no dictionary of tensors")
    missing = [name for name in right if name not in found]
    expect(not missing, f"the state has no `{missing[0]}`" if missing else "")
    strange = [name for name in found if name not in right]
    expect(not strange, f"the state has an entry `{strange[0]}` too many" if strange else "")
    wrong = [name for name in right if found[name] != right[name]]
    expect(not wrong, f"`{wrong[0]}` has the shape {found[wrong[0]]}, not {right[wrong[0]]}" if wrong else "")


def _is_outline(found: Any) -> bool:
    return isinstance(found, dict) and all(map(_is_shape, found.values()))


def _is_shape(found: Any) -> bool:
    return isinstance(found, list) and all(type(size) is int for size in found)


@pytest.fixture
def is_right_outline(student: Any) -> Callable[..., bool]:
    """is_right_outline(found, right, composed): or else it has to be that of a network of the student's own blocks."""

    def judge(found: Any, right: dict[str, list[int]], composed: tuple[Any, ...]) -> bool:
        expect(_is_outline(found), "the state is no dictionary of tensors")
        if found == right:
            return True
        block = student.probes.outline_of(composed[0], *CHANNELS)
        taken = [shape[1] for shape in block.values() if len(shape) == 4] if _is_outline(block) else []
        expect(
            CHANNELS[0] in taken, f"`{composed[0]}` has no convolution of its input: there is nothing to put together"
        )
        _agree_outlines(found, student.probes.composed_outline(*composed))
        return False

    return judge


@pytest.fixture
def judge_outline(student: Any, reference: Any, is_right_outline: Any, draws: Draws) -> Callable[..., None]:
    """judge_outline(name, args, composed): the right names and shapes, or those of the student's own blocks."""

    def judge(name: str, args: tuple[Any, ...], composed: tuple[Any, ...]) -> None:
        right = draws.remember(lambda: reference.probes.outline_of(name, *args))
        is_right_outline(student.probes.outline_of(name, *args), right, composed)

    return judge


@pytest.fixture
def needs_convolution(student: Any) -> Callable[[Any, Tensor], None]:
    """needs_convolution(block, x): a block that makes no use of its weights leaves its input alone, by no merit."""

    def judge(block: Any, x: Tensor) -> None:
        before = pick(student.probes.forward(block, x, False), "y", ("y", "buffers"))
        student.probes.set_parameter(block, "conv1.weight", 0.0)
        after = pick(student.probes.forward(block, x, False), "y", ("y", "buffers"))
        used = _are_numbers(before) and _are_numbers(after) and _differ(before, after)
        expect(used, "the weights of `conv1` have no influence on the answer")

    return judge


@pytest.fixture
def judge_scores(student: Any) -> Callable[..., None]:
    """judge_scores(model, x, expected, stages, pooled): right, or right for the parts that the network has."""

    def judge(model: Any, x: Tensor, expected: Tensor, stages: int, pooled: bool) -> None:
        answer = pick(student.probes.forward(model, x, False), "scores", ("scores", "buffers"))
        wrong = compare(answer, expected, output="scores")
        if wrong is None:
            return
        parted = student.probes.composed(model, x, stages, pooled)
        own, sizes = (pick(parted, output, COMPOSED) for output in COMPOSED)
        if not _are_right(sizes, x, stages, pooled):
            raise wrong
        if not _are_numbers(own) or float(own.std()) == 0 or compare(answer, own, output="scores") is not None:
            raise wrong
        student.probes.silence(model, stages)
        silent = pick(student.probes.composed(model, x, stages, pooled), "scores", COMPOSED)
        if not _are_numbers(silent) or not _differ(own, silent):  # what works without weights is no block
            raise wrong

    return judge


def _are_numbers(found: Any) -> bool:
    return (
        isinstance(found, Tensor) and found.is_floating_point() and found.numel() > 1 and bool(found.isfinite().all())
    )


def _differ(one: Tensor, other: Tensor) -> bool:
    """By more than rounding."""
    return one.shape != other.shape or bool((one - other).abs().max() > 1e-3 * one.abs().max())


def _are_right(sizes: Any, x: Tensor, stages: int, pooled: bool) -> bool:
    """Of each stage's output: two halvings in a pooled stem, and one in each stage but the first."""
    if not isinstance(sizes, list) or len(sizes) != stages or not all(map(_is_shape, sizes)):
        return False
    height, width = x.shape[2:]
    for stage, size in enumerate(sizes):
        for _ in range((2 if pooled else 0) if stage == 0 else 1):
            height, width = -(-height // 2), -(-width // 2)
        if len(size) != 4 or [size[0], *size[2:]] != [len(x), height, width]:  # channels are the blocks' affair
            return False
    return True
