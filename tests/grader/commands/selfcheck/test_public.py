"""The public checks on solutions of known worth, one fork each."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from grader.commands.selfcheck import public_run
from grader.commands.selfcheck.public import PublicChecks
from grader.homework import load_homework
from tests.grader.course import REFERENCE, STARTER, write_course


@pytest.mark.long
def test_each_folder_has_its_own_results(tmp_path):
    course = write_course(tmp_path)
    for name, source in {"right": REFERENCE, "wrong": STARTER}.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "hw0.py").write_text(source)
    tests = course / "assignments" / "hw0" / "tests"
    works = [str(tmp_path / name) for name in ("right", "wrong")]
    command = [sys.executable, "-m", public_run.__name__, str(tests), str(tmp_path), *works]
    subprocess.run(command, check=True, capture_output=True)
    found = [json.loads((tmp_path / f"{number}.json").read_text()) for number in range(2)]
    assert [[one["outcome"] for one in results] for results in found] == [["passed"] * 2, ["failed"] * 2]


@pytest.mark.long
@pytest.mark.parametrize(
    ("test", "said"),
    [
        ("import hw0\n\n\ndef test_it():\n    '''It triples.'''\n    assert hw0.double(1) == 3\n", "fails the public check “It triples.”"),
        ("def test_it():\n    pass\n", "the starter passes all public checks"),
        ("import os\n\n\ndef test_it():\n    os._exit(3)\n", "(Is there an endless loop, or an exit()?)"),
    ],
)  # fmt: skip
def test_what_is_told(tmp_path, test, said):
    course = write_course(tmp_path)
    (course / "assignments" / "hw0" / "tests" / "test_public.py").write_text(test)
    checks = PublicChecks(load_homework(course, "hw0"))
    try:
        assert said in " ".join(checks.faults())
    finally:
        checks.close()


def test_no_public_checks_are_somebody_elses_to_tell(tmp_path):
    course = write_course(tmp_path)
    (course / "assignments" / "hw0" / "tests" / "test_public.py").unlink()
    checks = PublicChecks(load_homework(course, "hw0"))
    assert checks.faults() == []
    checks.close()
