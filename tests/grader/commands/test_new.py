"""`grader new`: a course and a homework that work from their first minute, and nothing overwritten."""

from __future__ import annotations

import pytest
import yaml
from click.testing import CliRunner

import grader
from grader.commands.cli import main
from grader.spec import load_course
from tests.grader.course import require_isolation


def run(*arguments: object):
    return CliRunner().invoke(main, ["new", *map(str, arguments)])


@pytest.mark.long
def test_a_new_homework_of_a_new_course_grades_as_declared(tmp_path):
    require_isolation()
    assert run("course", tmp_path / "deep-learning").exit_code == 0
    course = tmp_path / "deep-learning"
    assert load_course(course / "assignments").grader == grader.__version__
    assert load_course(course / "assignments").name == "deep learning"
    assert yaml.safe_load((course / ".github/workflows/selfcheck.yml").read_text())["jobs"]
    assert run("homework", "hw1", "--course", course).exit_code == 0
    checked = CliRunner().invoke(main, ["selfcheck", "--course", str(course)])
    assert checked.exit_code == 0, checked.output
    assert "hw1 grades as declared (2 checks, 10 points, 2 mistakes" in checked.output
    assert CliRunner().invoke(main, ["starter", "hw1", "--course", str(course)]).exit_code == 0
    released = CliRunner().invoke(main, ["release", "hw1", "--course", str(course), "-o", str(tmp_path)])
    assert released.exit_code == 0, released.output


def test_nothing_is_overwritten(tmp_path):
    (tmp_path / ".gitignore").write_text("mine\n")
    assert "kept     .gitignore" in run("course", tmp_path).output
    assert (tmp_path / ".gitignore").read_text() == "mine\n"
    again = run("course", tmp_path)
    assert (again.exit_code, "this is a course" in again.output) == (2, True)
    assert run("homework", "hw1", "--course", tmp_path).exit_code == 0
    again = run("homework", "hw1", "--course", tmp_path)
    assert (again.exit_code, "hw1 is there already" in again.output) == (2, True)


@pytest.mark.parametrize("name", ["HW1", "1hw", "hw-1", "../hw1", ""])
def test_a_name_that_is_none(tmp_path, name):
    run("course", tmp_path)
    result = run("homework", name, "--course", tmp_path)
    assert result.exit_code == 2
    assert "is no name for a homework" in result.output


def test_a_homework_needs_a_course(tmp_path):
    result = run("homework", "hw1", "--course", tmp_path)
    assert (result.exit_code, "no course here" in result.output) == (2, True)
