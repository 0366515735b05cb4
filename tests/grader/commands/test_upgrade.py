"""`grader doctor --course`: what a newer grader asks of a course."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

import grader
from grader.commands import upgrade
from grader.commands.cli import main
from tests.grader.course import MISTAKES, write_course

PAGE = (Path(__file__).parents[3] / "docs" / "upgrading.md").read_text("utf-8")


def doctor(course: Path, version: str | None = grader.__version__, more: str = ""):
    line = "" if version is None else f'grader = "{version}"\n'
    (course / "assignments" / "course.toml").write_text(f'name = "Course"\n{line}{more}')
    ran = CliRunner().invoke(main, ["doctor", "--course", str(course)])
    return ran.exit_code, " ".join(ran.output.split())


def test_a_course_of_this_version_has_nothing_to_change(tmp_path):
    code, said = doctor(write_course(tmp_path))
    assert code == 0
    assert "nothing has to be changed" in said


@pytest.mark.parametrize("version", [None, "0.0.9"])
def test_an_older_course_is_told_what_has_changed(tmp_path, version):
    code, said = doctor(write_course(tmp_path), version)
    assert code == 1
    assert all(change in said for _, change in upgrade.CHANGES)
    assert f'grader = "{grader.__version__}"' in said


def test_a_course_of_a_newer_version_needs_the_newer_grader(tmp_path):
    code, said = doctor(write_course(tmp_path), "99.1")
    assert (code, "this is" in said, "install the newer one" in said) == (1, True, True)


def test_what_cannot_be_read_any_more_is_named(tmp_path):
    replaced = MISTAKES | {"odd": '"""Odd."""\nPARTS = ("double",)\nREPLACE = [("gone", "x")]\n'}
    code, said = doctor(write_course(tmp_path, mistakes=replaced))
    assert (code, "change hw0: mistake odd: REPLACE: 'gone' is not in the reference" in said) == (1, True)
    code, said = doctor(write_course(tmp_path / "other"), more="colour = 3\n")
    assert (code, "colour: unknown key" in said) == (1, True)


def test_the_page_has_every_change():
    for version, _ in upgrade.CHANGES:
        assert PAGE.count(f"| {version} |") == sum(one[0] == version for one in upgrade.CHANGES)
