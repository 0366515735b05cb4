"""Courses beside the repository's own, written with what the docs say: each grades as declared, a class and Gradescope."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from grader.commands.cli import main
from grader.homework import load_homework
from tests.grader.course import require_isolation

COURSES = Path(__file__).parents[1] / "courses"
HOMEWORKS = {"data": "flowers", "attention": "attention"}


@pytest.fixture(params=HOMEWORKS)
def course(request, tmp_path) -> tuple[Path, str]:
    require_isolation()
    return shutil.copytree(COURSES / request.param, tmp_path / "course"), HOMEWORKS[request.param]


def command(*arguments: object) -> str:
    ran = CliRunner().invoke(main, [str(one) for one in arguments])
    assert ran.exit_code == 0, ran.output
    return ran.output


@pytest.mark.long
def test_it_grades_as_declared(course):
    folder, name = course
    assert f"{name} grades as declared" in " ".join(command("selfcheck", name, "--course", folder).split())


@pytest.mark.long
def test_a_class_is_graded(course, tmp_path):
    folder, name = course
    homework = load_homework(folder, name)
    file = homework.assignment.files[0]
    handed_in = {
        "ada": homework.reference_source,
        "ben": homework.wrong_source(homework.mistakes[:1]),
        "cyd": homework.starter_source,
        "dee": next(iter(homework.alternatives.values())),
    }
    for student, source in handed_in.items():
        (tmp_path / "class" / student).mkdir(parents=True)
        (tmp_path / "class" / student / file).write_text(source)
    command("grade", name, tmp_path / "class", "-o", tmp_path / "run", "--course", folder)
    reports = {one: json.loads((tmp_path / "run" / one / "report.json").read_text()) for one in handed_in}
    points = homework.assignment.points
    assert [reports[one]["score"] for one in ("ada", "cyd", "dee")] == [points, 0, points]
    assert 0 < reports["ben"]["score"] < points
    assert homework.mistakes[0].sentence in (tmp_path / "run" / "ben" / "report.html").read_text()


def test_gradescopes_archive_holds_what_grading_needs(course, tmp_path):
    folder, name = course
    command("package", "gradescope", name, "-o", tmp_path / "autograder.zip", "--course", folder)
    with zipfile.ZipFile(tmp_path / "autograder.zip") as archive:
        archive.extractall(tmp_path / "source")
    homework = load_homework(tmp_path / "source" / "course", name)
    assert homework.suite_sha256 == load_homework(folder, name).suite_sha256
    assert all(path.is_file() for path in homework.assignment.data_files.values())
    needed = (tmp_path / "source" / "requirements.txt").read_text()
    assert all(f"{package}==" in needed for package in homework.assignment.sandbox.packages)
