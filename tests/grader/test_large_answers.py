"""Answers as large as the wire carries: what they may take of the judge's memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.homework import Homework
from grader.judging.bridge.examination import ANSWERS_CAP
from grader.outcome import Verdict
from grader.sandbox.opening import open_sandbox
from grader.sandbox.zygote import Zygote
from tests.grader.course import require_isolation
from tests.grader.toy import correct, grade_all, homework, quick, verdicts, with_double

CHECKS, ANSWER_MB, REPLY_MB = 14, 40, 64
SUITE = f"""
@part("double")
@weight(4 / {CHECKS})
@pytest.mark.parametrize("case", range({CHECKS}))
def test_there_and_back(student, reference, case):
    '''double doubles what it has doubled.'''
    y = student.double.once(torch.tensor([float(case + 1)]))
    agree(student.double.once, reference.double, y)


@part("shift")
@weight(2)
def test_shift(student, reference):
    '''shift adds one, however often double is asked.'''
    for case in range({CHECKS}):
        student.double(torch.tensor([float(case)]))
    agree(student.shift, reference.shift, torch.ones(3))
"""
LARGE = f"return torch.full(({ANSWER_MB << 17},), float(x.flatten()[0]) + 1, dtype=torch.float64)"


@pytest.fixture(scope="module")
def toy(tmp_path_factory: pytest.TempPathFactory) -> Homework:
    limits = {"reply_mb": REPLY_MB, "memory_mb": 1024, "submission_seconds": 200, "call_seconds": 10}
    return quick(homework(tmp_path_factory.mktemp("large"), SUITE), **limits)


@pytest.fixture(scope="module")
def zygote(toy: Homework) -> Iterator[Zygote]:
    require_isolation()
    with open_sandbox(toy.assignment) as opened:
        yield opened


def resident(which: str) -> int:
    """Megabytes that this process holds (VmRSS), or has held at most (VmHWM)."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(which)) >> 10


@pytest.mark.long
def test_large_answers_do_not_pile_up(toy, zygote):
    grade_all(toy, zygote, correct())
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    before = resident("VmRSS")
    large, right = grade_all(toy, zygote, with_double(LARGE), correct())
    kept = (
        ANSWERS_CAP >> 20
    ) + REPLY_MB  # by the check that is run; for the diagnosis as much again, and copies of one
    assert resident("VmHWM") - before < 4 * kept  # in a fresh process 490; 1,300 and more with any one bound left out
    *doubles, shift = large.outcomes
    assert {one.verdict for one in doubles} == {Verdict.FAILED}
    assert (shift.verdict, shift.message) == (
        Verdict.ERROR,
        f"its answers in this check hold more than {kept} MB, 8 bytes a number",
    )
    assert verdicts(right) == [Verdict.PASSED] * (CHECKS + 1)
