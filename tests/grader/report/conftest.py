"""One assignment and the reports of a few submissions to it."""

from __future__ import annotations

import pytest

from grader.outcome import Verdict
from grader.report.build import build, student_view
from grader.report.model import Report
from grader.spec import Assignment, Part
from tests.grader.report.samples import BEFORE, DUE, HOSTILE, grade, outcome, whole, wrong_tensor


@pytest.fixture(scope="session")
def assignment() -> Assignment:
    return Assignment(
        name="hw1",
        title="Homework 1: Convolution",
        points=20,
        due=DUE,
        files=("conv.py",),
        parts=(Part(name="forward", title="Forward", points=10), Part(name="backward", title="Backward", points=10)),
    )


@pytest.fixture(scope="session")
def staff(assignment: Assignment) -> Report:
    return build(assignment, whole())


@pytest.fixture(scope="session")
def hostile(assignment: Assignment) -> Report:
    """The staff's report of a submission that writes `HOSTILE` wherever it can."""
    bad = outcome(
        "d", "backward", verdict=Verdict.ERROR, message=HOSTILE, evidence=wrong_tensor(), staff_detail=HOSTILE
    )
    outcomes = (outcome("a"), outcome("b"), outcome("c", "backward"), bad)
    return build(assignment, grade(*outcomes, submission=HOSTILE, problem=HOSTILE))


@pytest.fixture(scope="session")
def infra(assignment: Assignment) -> Report:
    """The staff's report where the grader failed on one check."""
    bad = outcome("d", "backward", verdict=Verdict.INFRA, message="The sandbox did not start.")
    return build(assignment, grade(outcome("a"), outcome("b"), outcome("c", "backward"), bad))


@pytest.fixture(scope="session")
def infra_student(infra: Report, assignment: Assignment) -> Report:
    return student_view(infra, assignment, BEFORE)


@pytest.fixture(scope="session")
def raw(hostile: Report) -> Report:
    """`hostile` as a report.json that somebody else wrote would hold it: nothing is cleaned yet."""
    last = hostile.checks[-1].model_copy(update={"message": HOSTILE, "sentence": HOSTILE, "staff_detail": HOSTILE})
    return hostile.model_copy(
        update={"submission": HOSTILE, "problem": HOSTILE, "checks": (*hostile.checks[:-1], last)}
    )
