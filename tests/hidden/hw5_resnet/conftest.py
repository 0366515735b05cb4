"""What the checks of hw5_resnet share: networks with known weights, and fair judges of what is made of blocks.

A bug costs once. A network is made of blocks; where it is not right, it may still be put together correctly: then it is
right with staff's blocks, which stand in for the student's.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor

from grader.judging.compare import kind
from grader.judging.draws import Draws
from grader.suite import an_object, either, expect, expect_equal, pick

FORWARD = ("scores", "buffers")  # what `probes.forward` gives


@pytest.fixture
def images(draws: Draws) -> Callable[..., Tensor]:
    """images(2, 3, 9, 7) is a batch of images in float64, or in `dtype`."""
    return draws.normal


@pytest.fixture
def pair(student: Any, reference: Any, draws: Draws) -> Callable[..., tuple[Any, Any, int]]:
    """pair("BasicBlock", 6, 8, 2): the student's and the reference's, filled with the same numbers, and the seed."""

    def make(name: str, *args: Any, double: bool = True) -> tuple[Any, Any, int]:
        seed = draws.integer(0, 2**20)
        theirs = an_object(getattr(student, name)(*args), name)
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
            expect_equal(answer[name], value, output=f"{what} of {name}")

    return judge


@pytest.fixture
def agree_outlines() -> Callable[..., None]:
    """agree_outlines(found, right, "the state"): both are names with shapes, and the same ones."""
    return _agree_outlines


def _agree_outlines(found: Any, right: Any, whose: str = "the state") -> None:
    expect(_is_outline(found), f"{whose} is no dictionary of tensors")
    missing = [name for name in right if name not in found]
    expect(not missing, f"{whose} has no `{missing[0]}`" if missing else "")
    strange = [name for name in found if name not in right]
    expect(not strange, f"{whose} has an entry `{strange[0]}` too many" if strange else "")
    wrong = [name for name in right if found[name] != right[name]]
    expect(not wrong, f"`{wrong[0]}` has the shape {found[wrong[0]]}, not {right[wrong[0]]}" if wrong else "")


def _is_outline(found: Any) -> bool:
    return isinstance(found, dict) and all(map(_is_shape, found.values()))


def _is_shape(found: Any) -> bool:
    return isinstance(found, list) and all(type(size) is int for size in found)


@pytest.fixture
def judge_outline(student: Any, reference: Any, draws: Draws) -> Callable[..., None]:
    """judge_outline("resnet50", 13): the state of what is built so has the right names and shapes, or those that it
    should have with other blocks.
    """

    def judge(*built: Any) -> None:
        either(
            lambda: _agree_outlines(
                student.probes.outline_of(*built), draws.remember(lambda: reference.probes.outline_of(*built))
            ),
            lambda: _agree_wired_outlines(student, reference, built),
        )

    return judge


@pytest.fixture
def judge_scores(agree_scores: Callable[..., None]) -> Callable[..., None]:
    """judge_scores(x, "resnet20", 1, 10): the scores of what is built so are right, or those that it should have with
    other blocks; in evaluation, or with `training=True`.
    """

    def judge(x: Tensor, *built: Any, training: bool = False) -> None:
        either(
            lambda: agree_scores("built", x, *built, training=training),
            lambda: agree_scores("wired", x, *built, training=training),
        )

    return judge


@pytest.fixture
def agree_wired(student: Any, reference: Any, agree_scores: Callable[..., None]) -> Callable[..., None]:
    """agree_wired(x, "ResNet", "BasicBlock", [1, 1, 1, 1], 5): what is built so, of other blocks, has the right state and
    gives the right scores.
    """

    def judge(x: Tensor, *built: Any) -> None:
        _agree_wired_outlines(student, reference, built)
        agree_scores("wired", x, *built)

    return judge


@pytest.fixture
def agree_scores(student: Any, reference: Any, draws: Draws) -> Callable[..., None]:
    """agree_scores("built", x, "resnet20", 1, 10): what is built so, of one's own blocks or of others ("wired"), filled
    with the same numbers and in the dtype of x, gives the same scores, in evaluation or in training.
    """
    seed = draws.integer(0, 2**20)

    def scores(probes: Any, model: Any, x: Tensor, training: bool) -> Any:
        _fill(probes, model, seed, x.dtype)
        return pick(probes.forward(model, x, training), "scores", FORWARD)

    def judge(blocks: str, x: Tensor, *built: Any, training: bool = False) -> None:
        right = draws.remember(lambda: scores(reference.probes, getattr(reference.probes, blocks)(*built), x, training))
        theirs = an_object(getattr(student.probes, blocks)(*built), built[0])
        expect_equal(scores(student.probes, theirs, x, training), right, output="scores")

    return judge


def _agree_wired_outlines(student: Any, reference: Any, built: tuple[Any, ...]) -> None:
    _agree_outlines(student.probes.wired_outline_of(*built), reference.probes.wired_outline_of(*built))


def _fill(probes: Any, model: Any, seed: int, dtype: torch.dtype) -> None:
    probes.fill(model.double() if dtype == torch.float64 else model, seed)


@pytest.fixture
def judge_gradients(student: Any, reference: Any, draws: Draws, agree_all: Callable[..., None]) -> Callable[..., None]:
    """judge_gradients(x, dout, "resnet20", 1, 10): gradients flow through what is built so to x and to all parameters,
    in training, or those that should flow with other blocks.
    """
    seed = draws.integer(0, 2**20)

    def gradients(probes: Any, model: Any, x: Tensor, dout: Tensor) -> Any:
        _fill(probes, model, seed, x.dtype)
        return probes.gradients(model, x, dout)

    def judge(x: Tensor, dout: Tensor, *built: Any) -> None:
        def judge_one(blocks: str) -> None:
            right = draws.remember(
                lambda: gradients(reference.probes, getattr(reference.probes, blocks)(*built), x, dout)
            )
            theirs = an_object(getattr(student.probes, blocks)(*built), built[0])
            agree_all(gradients(student.probes, theirs, x, dout), right, "gradient")

        either(lambda: judge_one("built"), lambda: judge_one("wired"))

    return judge


@pytest.fixture
def needs_convolution(student: Any, draws: Draws) -> Callable[[Any, Tensor], None]:
    """needs_convolution(block, x): what never looks at neighbours leaves its input alone by no merit."""

    def judge(block: Any, x: Tensor) -> None:
        other = draws.remember(lambda: torch.cat([draws.normal(*x[:, :, :1].shape), x[:, :, 1:]], 2))
        answers = [pick(student.probes.forward(block, image, False), "y", ("y", "buffers")) for image in (x, other)]
        for y in answers:
            expect(isinstance(y, Tensor) and y.dim() == 4 and y.is_floating_point(), f"`y` is {kind(y)}, no images")
        one, two = (y[:, :, 1:] for y in answers)
        is_seen = one.shape == two.shape and bool(((one - two).abs() > 1e-6).any())
        expect(is_seen, "no pixel of the answer depends on another row of the image: there is no 3×3 convolution")

    return judge
