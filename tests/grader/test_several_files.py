"""A homework of two modules: self-checked, graded and explained as one of a single module is."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from grader.commands.cli import main
from grader.homework import load_homework
from grader.judging.answers import reference_of
from grader.spec import SpecError
from tests.grader.course import ASSIGNMENT, require_isolation, write_course

MAIN = "from layers import twice\n\n\ndef double(x):\n    return twice(x)\n\n\ndef shift(x):\n    return x + 1\n"
LAYERS = "def twice(x):\n    return 2 * x\n"
MISTAKES = {
    "layers_square": '"""You square."""\n\nPARTS = ("double",)\nFILE = "layers.py"\nREPLACE = [("2 * x", "x * x")]\n',
    "layers_three": '"""You triple."""\n\nPARTS = ("double",)\nFILE = "layers.py"\n\n\ndef twice(x):\n    return 3 * x\n',
    "shift_twice": '"""You add two."""\n\nPARTS = ("shift",)\n\n\ndef shift(x):\n    return x + 2\n',
}


def course(folder: Path, mistakes=MISTAKES) -> Path:
    write_course(
        folder,
        assignment=ASSIGNMENT.replace('["hw0.py"]', '["hw0.py", "layers.py"]'),
        starter=MAIN.replace("return twice(x)", "raise NotImplementedError").replace(
            "return x + 1", "raise NotImplementedError"
        ),
        reference=MAIN,
        alternatives={},
        mistakes=mistakes,
    )
    files = {
        "assignments/hw0/layers.py": "def twice(x):\n    raise NotImplementedError\n",
        "reference/hw0/layers.py": LAYERS,
        "reference/hw0/alternatives/sums/hw0.py": MAIN.replace("twice(x)", "twice(x) + 0"),
        "reference/hw0/alternatives/sums/layers.py": "def twice(x):\n    return x + x\n",
        "reference/hw0/alternatives/borrows/hw0.py": MAIN.replace("x + 1", "1 + x"),
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def test_its_solutions_have_all_modules(tmp_path):
    homework = load_homework(course(tmp_path), "hw0")
    assert homework.other_sources == {"layers.py": LAYERS}
    assert sorted(homework.alternatives) == ["borrows", "sums"]
    assert homework.alternative_others("borrows") == {"layers.py": LAYERS}
    assert homework.alternative_others("sums") == {"layers.py": "def twice(x):\n    return x + x\n"}
    square = next(one for one in homework.mistakes if one.name == "layers_square")
    assert homework.wrong_source([square]) == MAIN
    assert "x * x" in homework.wrong_others([square])["layers.py"]


def test_the_judges_modules_are_each_solutions_own(tmp_path):
    homework = load_homework(course(tmp_path), "hw0")
    sys.modules["layers"] = before = sys.modules[__name__]
    try:
        reference = reference_of(homework)
        assert reference.double(3) == 6
        assert sys.modules["layers"] is before
    finally:
        del sys.modules["layers"]


def test_a_file_that_is_not_asked_for(tmp_path):
    odd = {"odd": '"""Odd."""\n\nPARTS = ("double",)\nFILE = "other.py"\n'}
    with pytest.raises(SpecError, match=r"mistake odd: hw0 asks for no file 'other\.py'"):
        assert load_homework(course(tmp_path, odd), "hw0").mistakes


@pytest.mark.long
def test_it_grades_as_declared_and_mistakes_are_explained(tmp_path):
    require_isolation()
    folder = course(tmp_path / "course")
    arguments = ["--course", str(folder), "--json", str(tmp_path / "m.json")]
    checked = CliRunner().invoke(main, ["selfcheck", "hw0", *arguments])
    assert checked.exit_code == 0, checked.output
    [matrix] = json.loads((tmp_path / "m.json").read_text())
    diagnoses = {row["name"]: {one for one in row["diagnoses"] if one} for row in matrix["rows"]}
    assert diagnoses["layers_square"] == {"layers_square"}
    assert diagnoses["layers_three"] == {"layers_three"}
