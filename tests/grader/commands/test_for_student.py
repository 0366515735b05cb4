"""Values that differ from student to student: equal work of two is graded for each, and the report says the values."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from grader.collect.handin import HandIn
from grader.collect.roster import Person
from grader.homework import load_homework
from grader.ledger.records import Kept
from grader.run.classrun import content_of
from grader.run.enter import Said, enter
from grader.seed import Seed
from tests.grader.commands.runs import opened
from tests.grader.course import SUITE, require_isolation, write_course

OWN = """

@part("double")
@weight(1)
def test_double_of_your_size(student, reference, draws):
    '''double works for your own size.'''
    size = draws.for_student.integer("size", 1, 1000)
    x = draws.remember(lambda: draws.normal(size))
    agree(student.double, reference.double, x)
"""
DRAWING = SUITE.replace("@weight(2)", "@weight(1)") + OWN
SEED = "00112233445566778899aabbccddeeff"
# What is wrong for one size only: whose it is decides.
PICKY = "def double(x):\n    return x if len(x.shape) == 1 and len(x) == {size} else 2 * x\n\n\ndef shift(x):\n    return x + 1\n"


def size_of(whose: str) -> int:
    return 1 + Seed(bytes.fromhex(SEED)).number(f"size from 1 to 1000 for {whose}") % 1000


def grader(*arguments: object, code: int = 0) -> str:
    ended = subprocess.run(
        [sys.executable, "-m", "grader", *map(str, arguments)], check=False, capture_output=True, text=True
    )
    assert ended.returncode == code, ended.stdout + ended.stderr
    return ended.stdout


def report(run: Path, name: str) -> dict:
    return json.loads((run / "_staff" / name / "report.json").read_text("utf-8"))


@pytest.mark.long
def test_equal_work_of_two_is_graded_for_each_and_repeated_the_same(tmp_path):
    require_isolation()
    course = write_course(tmp_path / "course", suite=DRAWING)
    assert size_of("ada") != size_of("ben")
    for name in ("ada", "ben"):
        (tmp_path / "class" / name).mkdir(parents=True)
        (tmp_path / "class" / name / "hw0.py").write_text(PICKY.format(size=size_of("ben")), "utf-8")
    run = tmp_path / "run"
    grade = ("grade", "hw0", tmp_path / "class", "-o", run, "--course", course, "--seed", SEED)
    assert "2 graded" in grader(*grade)
    ada, ben = report(run, "ada"), report(run, "ben")
    assert (ada["score"], ben["score"]) == (5, 4)
    assert f"Drawn for ada: size {size_of('ada')}." in ada["notes"]
    assert f"Drawn for ben: size {size_of('ben')}." in (run / "ben" / "report.md").read_text("utf-8").replace("\\", "")
    assert "2 graded before" in grader(*grade, "--dry-run")
    assert "the same, bit for bit" in grader("replay", run / "_staff" / "ben" / "report.json")
    (tmp_path / "owners.csv").write_text("hand_in,student\nada,cy\n", "utf-8")
    (tmp_path / "roster.csv").write_text("id,name\ncy,Cy\nben,Ben\n", "utf-8")
    grader(*grade, "--owners", tmp_path / "owners.csv", "--roster", tmp_path / "roster.csv")
    assert f"Drawn for cy: size {size_of('cy')}." in report(run, "ada")["notes"]


@pytest.mark.long
def test_a_self_check_takes_a_suite_that_draws_for_students(tmp_path):
    require_isolation()
    grader("selfcheck", "hw0", "--course", write_course(tmp_path / "course", suite=DRAWING), "-j", 1)


@pytest.mark.parametrize(("suite", "does"), [(SUITE, False), (DRAWING, True)])
def test_a_homework_knows_whether_its_suite_draws_for_students(tmp_path, suite, does):
    homework = load_homework(write_course(tmp_path, suite=suite), "hw0")
    assert homework.draws_for_students is does


@pytest.mark.parametrize(("suite", "to_grade"), [(SUITE, 1), (DRAWING, 2)])
def test_equal_work_is_graded_once_unless_the_suite_draws_for_students(tmp_path, suite, to_grade):
    write_course(tmp_path / "course", suite=suite)
    with opened(tmp_path / "run") as classrun:
        equal = [HandIn(name, "a" * 64, name) for name in ("s1", "s2")]
        enter(classrun, equal, Said([Person("s1"), Person("s2")]))
        kept = classrun.ledger.hand_ins(classrun.run)
        assert len(classrun.todo(kept)) == to_grade
        assert len({content_of(classrun.homework, one) for one in kept}) == to_grade
    team = [Kept(1, equal[0], students) for students in (("s1", "s2"), ("s2", "s1"))]
    assert content_of(classrun.homework, team[0]) == content_of(classrun.homework, team[1])
