"""A toy homework, and warm sandboxes that many tests share: to start one takes three seconds."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from grader.homework import Homework
from grader.intake.submission import Submission
from grader.outcome import Grading, Verdict
from grader.sandbox.opening import open_sandbox
from grader.sandbox.tiers import TIERS
from grader.sandbox.where import WhereToGrade
from grader.sandbox.zygote import Zygote
from tests.grader import toy as toys


@pytest.fixture(scope="session")
def toy(tmp_path_factory: pytest.TempPathFactory) -> Homework:
    return toys.homework(tmp_path_factory.mktemp("course"))


@pytest.fixture(scope="session")
def warm(toy: Homework) -> Iterator[Callable[[str], Zygote]]:
    """Tier → its sandbox, started on first use. Skips where this machine does not offer the tier."""
    opened: dict[str, Zygote] = {}

    def sandbox(tier: str) -> Zygote:
        if tier not in opened:
            lacking = TIERS[tier].missing()
            if lacking:
                pytest.skip(f"tier {tier}: {lacking}")
            opened[tier] = open_sandbox(toy.assignment, WhereToGrade(tier)).__enter__()
        return opened[tier]

    yield sandbox
    for zygote in opened.values():
        zygote.close()


@pytest.fixture(params=list(TIERS))
def each_tier(request: pytest.FixtureRequest, warm: Callable[[str], Zygote]) -> Zygote:
    """The sandbox of every tier in turn."""
    return warm(request.param)


@pytest.fixture
def zygote(warm: Callable[[str], Zygote]) -> Zygote:
    """The sandbox of the best tier that this machine offers."""
    offered = [tier for tier, module in TIERS.items() if not module.missing()]
    if not offered:
        pytest.skip("this machine offers no tier of isolation")
    return warm(offered[0])


@pytest.fixture
def grade(toy: Homework, zygote: Zygote) -> Callable[..., Grading]:
    """Grade a submission, and prove that the next one is graded as if this one had never been."""

    def one(submission: Submission, **limits: float) -> Grading:
        if limits:  # too short for the next one, perhaps
            (grading,) = toys.grade_all(toys.quick(toy, **limits), zygote, submission)
            (after,) = toys.grade_all(toy, zygote, toys.correct())
        else:
            grading, after = toys.grade_all(toy, zygote, submission, toys.correct())
        assert toys.verdicts(after) == [Verdict.PASSED] * 3
        return grading

    return one
