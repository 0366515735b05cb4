"""What a judged check leaves in memory."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest

from grader.homework import load_homework
from grader.judging import session
from grader.judging.bridge.examination import RecordedCall
from grader.outcome import Grading
from grader.sandbox.opening import open_sandbox
from grader.sandbox.where import WhereToGrade
from grader.seed import Seed
from tests.hostile.here import submission

ROOT = Path(__file__).parents[3]
HOMEWORKS = sorted(path.name for path in (ROOT / "assignments").iterdir() if (path / "assignment.toml").is_file())
# Whatever is asked of it gives a tensor that is asked for nowhere.
WRONG = """
import torch


def __getattr__(name):
    if name.startswith("_"):
        raise AttributeError(name)
    return lambda *args, **kwargs: torch.zeros(7, 11, 13)
"""


@pytest.mark.long
@pytest.mark.parametrize("name", HOMEWORKS)
def test_answers_are_let_go_without_a_search_for_rings(name):
    """Such a search comes when it comes: a hostile submission's answers would fill the memory before."""
    homework = load_homework(ROOT, name)
    graded: list[Grading] = []
    handed_in = submission({homework.assignment.files[0]: WRONG.encode()})
    with open_sandbox(homework.assignment, WhereToGrade("bubblewrap")) as zygote:
        gc.collect()
        gc.disable()
        gc.set_debug(gc.DEBUG_SAVEALL)
        try:
            session.grade(homework, [handed_in], zygote, on_graded=graded.append, seed=Seed.fresh(), diagnose=False)
            gc.collect()
            left = {one.function for one in gc.garbage if isinstance(one, RecordedCall)}
        finally:
            gc.set_debug(0)
            gc.garbage.clear()
            gc.enable()
    assert sum(bool(outcome.message) for outcome in graded[0].outcomes) > 20
    assert left == set()
