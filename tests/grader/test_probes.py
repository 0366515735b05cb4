"""Probes: staff's code beside the student's, recorded and replayed like any call."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.commands.selfcheck.selfcheck import selfcheck
from grader.homework import load_homework
from grader.intake.submission import Submission
from grader.judging import session
from grader.judging.manifest import manifest
from grader.outcome import Verdict
from grader.sandbox.opening import open_sandbox
from grader.seed import Seed
from tests.grader.course import REFERENCE, SUITE, require_isolation, write_course

PROBES = (
    "def twice(module, x):\n    return module.double(module.double(x))\n\n\ndef broken(module):\n    return 1 / 0\n"
)
PROBED = SUITE.replace(
    "agree(student.double, lambda x: torch.tensor([0, 2, 4, 6]), torch.arange(4))",
    "agree(student.probes.twice, reference.probes.twice, torch.arange(4))",
).replace("def test_double_of_integers(student):", "def test_double_of_integers(student, reference):")


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    require_isolation()
    root = write_course(tmp_path_factory.mktemp("course"), suite=PROBED)
    (root / "assignments" / "hw0" / "probes.py").write_text(PROBES)
    return root


@pytest.mark.long
def test_a_probe_is_asked_of_the_submission_of_the_reference_and_of_mistakes(course):
    homework = load_homework(course, "hw0")
    matrix = selfcheck(homework, Seed.fresh())
    assert matrix.faults == []
    (squares,) = (row for row in matrix.rows if row.name == "double_squares")
    assert squares.diagnoses[:2] == ("double_squares", "double_squares")


def test_a_submission_cannot_take_a_probes_place(course):
    homework = load_homework(course, "hw0")
    source = REFERENCE + "\n\nclass probes:\n    twice = None\n\n\ndef twice(x):\n    raise ValueError\n"
    graded = []
    with open_sandbox(homework.assignment) as zygote:
        submission = Submission("ada", {"hw0.py": source.encode()}, "0", "ada")
        session.grade(homework, [submission], zygote, on_graded=graded.append)
    assert {outcome.verdict for outcome in graded[0].outcomes} == {Verdict.PASSED}


def test_a_changed_probe_is_a_changed_judge(course):
    before = load_homework(course, "hw0")
    names = before.suite_sha256, manifest(before).sha256
    (course / "assignments" / "hw0" / "probes.py").write_text(PROBES + "\n# changed\n")
    after = load_homework(course, "hw0")
    assert (after.suite_sha256, manifest(after).sha256) != names
    assert manifest(after).changed(manifest(before)) == {"double", "shift"}
