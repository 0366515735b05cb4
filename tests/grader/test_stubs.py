"""Submissions that do next to nothing: what fair judges let them have, which may only become less.

A bug costs once: what is made of other parts may be right for the student's own parts. These are stubs which pass for
such parts (docs/security.md tells of them). A bound here is what one got when it was found.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from grader import session
from grader.homework import load_homework
from grader.outcome import Grading, Verdict
from grader.sandbox.tiers import open_sandbox
from grader.selfcheck import submission_of
from tests.benchmarks.speed import ROOT
from tests.grader.course import require_isolation

STUBS = Path(__file__).parents[1] / "hostile" / "stubs"
POINTS = {"hw1_conv": 10.0, "hw2_backprop": 7.0, "hw3_dropout": 53.0, "hw4_batchnorm": 39.5, "hw5_resnet": 48.0}


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
    assert sum(one.earned for one in outcomes) <= POINTS[name]
