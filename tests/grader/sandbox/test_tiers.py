"""One real grading in every tier that this machine offers; in-container, where it is short, in a place like one."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from grader.outcome import Verdict
from grader.sandbox.tiers import TIERS
from tests.grader.toy import correct, grade_all, verdicts, with_double
from tests.hostile import contained

ROOT = Path(__file__).parents[3]


def test_a_right_and_a_wrong_submission_are_graded(toy, each_tier):
    right, wrong = grade_all(toy, each_tier, correct(), with_double("return 3 * x"))
    assert verdicts(right) == [Verdict.PASSED] * 3
    assert verdicts(wrong) == [Verdict.FAILED, Verdict.FAILED, Verdict.PASSED]
    assert right.provenance.isolation == each_tier.tier


def test_and_in_a_place_like_a_container(tmp_path):
    if not TIERS["in-container"].missing():
        pytest.skip("this is such a place")
    if why := contained.lacking():
        pytest.skip(why)
    grading = "tests/grader/sandbox/test_tiers.py::test_a_right_and_a_wrong_submission_are_graded[in-container]"
    command = contained.inside("-m", "pytest", "-q", "-p", "no:cacheprovider", grading)
    ended = subprocess.run(
        command, check=False, stdout=subprocess.PIPE, text=True, env=contained.environment(tmp_path), cwd=ROOT
    )
    assert ended.returncode == 0, ended.stdout[-4000:]
    assert "1 passed" in ended.stdout
