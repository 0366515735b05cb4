"""Submissions that do next to nothing: what they are given may only become less.

A bug costs once, and these once had many points by that: what was made of stubs was right for these stubs.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.commands.selfcheck.known import submission_of
from grader.homework import load_homework
from grader.judging import session
from grader.outcome import Grading, Verdict
from grader.sandbox.opening import open_sandbox
from tests.benchmarks.speed import ROOT
from tests.grader.course import require_isolation

pytestmark = pytest.mark.long
STUBS = Path(__file__).parents[1] / "hostile" / "stubs"
POINTS = {
    "hw1_conv": 0.0,
    "hw2_backprop": 0.0,
    "hw3_dropout": 16.0,
    "hw4_batchnorm": 8.0,
    "hw5_resnet": 0.0,
    "hw6_architectures": 2.0,
}


@pytest.mark.parametrize("name", POINTS)
def test_stubs_get_no_more_than_they_did(name):
    require_isolation()
    homework = load_homework(ROOT, name)
    submission = submission_of(homework, "stub", (STUBS / f"{name}.py").read_text("utf-8"))
    graded: list[Grading] = []
    with open_sandbox(homework.assignment) as zygote:
        session.grade(homework, [submission], zygote, on_graded=graded.append)
    (outcomes,) = (grading.outcomes for grading in graded)
    assert Verdict.INFRA not in {one.verdict for one in outcomes}
    assert sum(one.earned for one in outcomes) <= POINTS[name] + 1e-9
