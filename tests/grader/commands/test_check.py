from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from grader.commands import check
from grader.errors import UsageError
from tests.grader.course import REFERENCE, write_course


@pytest.fixture(scope="module")
def course(tmp_path_factory) -> Path:
    return write_course(tmp_path_factory.mktemp("course"))


@pytest.fixture
def student(course, tmp_path, monkeypatch) -> Path:
    """A student's folder with the handout in it and a correct hw0.py; also the current one."""
    folder = tmp_path / "my homework" / "hw0"  # with a space, as folders have
    shutil.copytree(course / "assignments" / "hw0", folder)
    (folder / "hw0.py").write_text(REFERENCE)
    monkeypatch.chdir(folder)
    return folder


def words(capsys) -> str:
    return re.sub(r"\s+", " ", capsys.readouterr().out)


def test_correct_work_in_the_students_own_folder(student, capsys):
    assert check.run("hw0", Path()) == 0
    said = words(capsys)
    assert "passed double doubles 3. passed shift makes 4 of 3." in said
    assert "2 of 2 public checks pass" in said
    assert "isolation: none" in said


def test_the_folder_above_and_the_file_itself_do_too(student, monkeypatch, capsys):
    monkeypatch.chdir(student.parent)
    assert check.run("hw0", Path("hw0")) == 0
    assert check.run("hw0", Path("hw0/hw0.py")) == 0
    assert check.run("hw0/", Path("hw0")) == 0


def test_the_handouts_folder_with_work_elsewhere(course, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(course)
    (tmp_path / "hw0.py").write_text(REFERENCE.replace("x + 1", "x + 2"))
    assert check.run("hw0", tmp_path) == 1
    said = words(capsys)
    assert "failed shift makes 4 of 3. 3 and 1 is 4 (test_public.py, line 12)" in said
    assert "1 of 2 public checks pass" in said
    assert not (tmp_path / "__pycache__").exists()


def test_in_a_course_the_starter_is_checked_by_default(course, monkeypatch, capsys):
    monkeypatch.chdir(course)
    assert check.run("hw0", Path()) == 1
    assert "NotImplementedError" in words(capsys)


def test_a_syntax_error_is_shown_with_its_line(student, capsys):
    (student / "hw0.py").write_text("def double(x)\n    return 2 * x\n")
    assert check.run("hw0", Path()) == 1
    said = words(capsys)
    assert "failed The module can be imported." in said
    assert "hw0.py" in said
    assert "SyntaxError" in said


@pytest.mark.long
@pytest.mark.parametrize("end", ["while True:\n        pass", "import os\n    os._exit(0)"])
def test_work_that_never_answers_is_found_and_named(student, monkeypatch, capsys, end):
    monkeypatch.setattr(check, "SECONDS", 4)  # pytest starts in half a second
    (student / "hw0.py").write_text(REFERENCE.replace("return 2 * x", end))
    assert check.run("hw0", Path()) == 1
    said = words(capsys)
    assert "did not end double doubles 3. Is there an endless loop, or an exit()?" in said
    assert "not run shift makes 4 of 3." in said


@pytest.mark.long
def test_work_that_never_imports_leaves_a_sentence(student, monkeypatch, capsys):
    monkeypatch.setattr(check, "SECONDS", 4)
    (student / "hw0.py").write_text("while True:\n    pass\n")
    with pytest.raises(UsageError, match="did not run to their end"):
        check.run("hw0", Path())
    assert "longer than 4 s" in words(capsys)


def test_escape_sequences_of_the_students_stay_inert(student, capsys):
    (student / "hw0.py").write_text(
        REFERENCE.replace("return 2 * x", 'raise ValueError("\\x1b]0;title\\x07 [bold]b[/bold]")')
    )
    assert check.run("hw0", Path()) == 1
    said = capsys.readouterr().out
    assert "\x1b" not in said
    assert "[bold]b[/bold]" in said


@pytest.mark.parametrize(
    ("homework", "path", "sentence"),
    [
        ("hw0", "nowhere", "nowhere does not exist"),
        ("hw0", "tests", "holds no hw0.py"),
        ("hw9", ".", "hw9: there is no handout of that name here"),
    ],
)
def test_wrong_paths(student, homework, path, sentence):
    with pytest.raises(UsageError, match=sentence):
        check.run(homework, Path(path))


def test_a_course_lists_what_it_has(course, monkeypatch):
    monkeypatch.chdir(course)
    with pytest.raises(UsageError, match="there is no assignment 'hw9'; there are: hw0"):
        check.run("hw9", Path())


def test_what_fails_at_the_modules_end_costs_nothing_and_is_said(student, capsys):
    (student / "hw0.py").write_text(f"import not_there_at_all as plt\n{REFERENCE}plt.plot([1])\n")
    assert check.run("hw0", Path()) == 0
    said = words(capsys)
    assert "2 of 2 public checks pass" in said
    assert "Only what uses it fails." in said
    assert "This statement was left out." in said


def test_what_grade_takes_is_taken(student, tmp_path, capsys):
    cells = [{"cell_type": "code", "source": REFERENCE}, {"cell_type": "code", "source": "%time y = double(2)\n1 / 0"}]
    (tmp_path / "mine.ipynb").write_text(json.dumps({"nbformat": 4, "cells": cells}))
    assert check.run("hw0", tmp_path / "mine.ipynb") == 0
    assert "ZeroDivisionError" in words(capsys)
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "hw0 (1).py").write_text(REFERENCE)
    assert check.run("hw0", tmp_path / "work") == 0
    assert "hw0 (1).py is taken as hw0.py." in words(capsys)
    (tmp_path / "none").mkdir()
    with pytest.raises(UsageError, match="is empty"):
        check.run("hw0", tmp_path / "none")


@pytest.mark.long
def test_what_the_homework_forbids_is_refused_with_the_students_line(student, capsys):
    toml = student / "assignment.toml"
    toml.write_text(toml.read_text().replace("points = 5", 'points = 5\nbanned = ["mul", "mul.*"]', 1))
    body = "import torch\n\n\ndef double(x):\n    return torch.mul(torch.as_tensor(x), 2)"
    (student / "hw0.py").write_text(REFERENCE.replace("def double(x):\n    return 2 * x", body))
    assert check.run("hw0", Path()) == 1
    said = words(capsys)
    assert "forbids torch's operator `mul`" in said
    assert "(hw0.py, line 5)" in said


@pytest.mark.parametrize("line", ["import pandas", "from sklearn import datasets"])
def test_what_cannot_be_imported_in_grading_is_refused(student, capsys, line):
    (student / "hw0.py").write_text(REFERENCE.replace("def double(x):\n", f"def double(x):\n    {line}\n"))
    assert check.run("hw0", Path()) == 1
    name = line.split()[1]
    assert f"No module named '{name}' in grading: there are torch, numpy, Python's own library" in words(capsys)


@pytest.mark.long
def test_what_the_homework_lets_in_and_own_files_can_be_imported(student, capsys):
    toml = student / "assignment.toml"
    toml.write_text(toml.read_text() + '\n[sandbox]\npackages = ["scikit-learn"]\n')
    (student / "helper.py").write_text("import json\n")
    imports = "    import helper\n    import numpy.linalg\n    from sklearn import datasets\n"
    (student / "hw0.py").write_text(REFERENCE.replace("def double(x):\n", f"def double(x):\n{imports}"))
    assert check.run("hw0", Path()) == 0, words(capsys)
