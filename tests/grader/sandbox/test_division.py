"""Zygotes that are divided off one another: each serves a judge of its own, and what happens in one stays there."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator

import pytest

from grader.outcome import Verdict
from grader.sandbox.opening import open_sandbox
from grader.sandbox.processes import inside
from grader.sandbox.tiers import TIERS
from grader.sandbox.where import WhereToGrade
from grader.sandbox.zygote import DIVISIBLE, Zygote
from tests.grader.toy import correct, grade_all, submission, verdicts

PASSED = {Verdict.PASSED}


@pytest.fixture(scope="module", params=DIVISIBLE)
def whole(request, toy) -> Iterator[Zygote]:
    """The sandbox of the prototype."""
    if lacking := TIERS[request.param].missing():
        pytest.skip(f"tier {request.param}: {lacking}")
    with open_sandbox(toy.assignment, WhereToGrade(request.param)) as zygote:
        yield zygote


@pytest.fixture
def two(whole, toy) -> Iterator[list[Zygote]]:
    """Those of two workers."""
    with contextlib.ExitStack() as entered:
        zygotes = []
        for _ in range(2):
            zygote = open_sandbox(toy.assignment, WhereToGrade(whole.tier))
            entered.callback(zygote.close)
            zygote.move_into(whole.divide())
            zygotes.append(zygote)
        yield zygotes


def passes(toy, zygote: Zygote) -> bool:
    return set(verdicts(grade_all(toy, zygote, correct())[0])) == PASSED


def test_each_has_processes_of_its_own_behind_all_walls(whole, two, toy):
    assert all(passes(toy, one) for one in (*two, *two))
    first, second = (inside(one.root_pid) for one in two)
    assert first
    assert second
    assert not first & second
    assert first | second < inside(whole.root_pid)
    assert [one.protections for one in two] == [whole.protections] * 2
    assert all(set(one.probe().values()) == {"held"} for one in two)


def test_their_prototype_stays_as_it_was(whole, two, toy):
    before = whole.root_pid
    assert all(passes(toy, one) for one in two)
    whole.divide().control.close()
    assert whole.root_pid == before


@pytest.mark.long
def test_one_that_is_killed_is_replaced_and_the_other_does_not_notice(two, toy):
    first, second = two
    before = second.root_pid
    os.kill(first.root_pid, signal.SIGKILL)
    assert passes(toy, second)
    assert passes(toy, first)
    assert second.root_pid == before


@pytest.mark.long
def test_one_that_differs_from_its_start_is_replaced(two, toy):
    first, _ = two
    before = first.root_pid
    first._inventory["modules"] = 7
    assert passes(toy, first)
    assert passes(toy, first)
    assert first.root_pid != before


def test_what_a_submission_leaves_in_one_is_not_in_the_other(two, toy):
    first, second = two
    litter = "import os\nopen('/tmp/submission/mark', 'w').close()\nopen('/dev/shm/mark', 'w').close()\n"
    grade_all(toy, first, submission(litter + toy.reference_source))
    seen = "import os\nassert not os.path.exists('/dev/shm/mark') and not os.path.exists('/tmp/submission/mark')\n"
    for one in (second, first):
        (grading,) = grade_all(toy, one, submission(seen + toy.reference_source))
        assert set(verdicts(grading)) == PASSED


@pytest.mark.long
def test_more_than_one_submission_may_have_processes(whole, toy):
    """Each division leaves a process in the group that its prototype's zygote was put into for its own probes."""
    limits = toy.assignment.limits.model_copy(update={"processes": 1})
    with open_sandbox(toy.assignment.model_copy(update={"limits": limits}), WhereToGrade(whole.tier)) as small:
        divisions = [small.divide() for _ in range(20)]
        for one in divisions:
            one.wait()
        for one in divisions:
            one.stop()


@pytest.mark.long
def test_a_prototype_that_died_is_replaced_before_it_is_divided(toy):
    tier = next((name for name in DIVISIBLE if not TIERS[name].missing()), None)
    if tier is None:
        pytest.skip("no tier here can be divided")
    with open_sandbox(toy.assignment, WhereToGrade(tier)) as whole:
        os.kill(whole.root_pid, signal.SIGKILL)
        with contextlib.closing(open_sandbox(toy.assignment, WhereToGrade(tier))) as one:
            one.move_into(whole.divide())
            assert passes(toy, one)


def test_what_cannot_be_divided_says_so(toy):
    assert not open_sandbox(toy.assignment, WhereToGrade(strict=True)).is_divisible
