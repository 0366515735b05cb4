"""A report's example, run on the student's own file."""

from __future__ import annotations

import json
import sys

import pytest

from grader.commands import check_example
from grader.errors import UsageError
from grader.judging.shown import as_json


@pytest.fixture
def home(tmp_path):
    (tmp_path / "probes.py").write_text("def asked(module, x):\n    return module.double(x)\n")
    return tmp_path


def run(home, capfd, source, *, name="double", args=(3,), expected=6, raises=""):
    (home / "hw_of_a_test.py").write_text(source)
    (home / "example.json").write_text(as_json(name, args, {}, expected, raises))
    sys.modules.pop("hw_of_a_test", None)
    code = check_example.ask(home, home, "hw_of_a_test", home / "example.json")
    return code, capfd.readouterr().out


RIGHT, WRONG = "def double(x):\n    return 2 * x\n", "def double(x):\n    return 3 * x\n"


def test_a_right_answer(home, capfd):
    assert run(home, capfd, RIGHT) == (0, "double(3)\nyours:    6\nexpected: 6\nright\n")


def test_a_wrong_answer(home, capfd):
    code, said = run(home, capfd, WRONG)
    assert code == 1
    assert "yours:    9\nexpected: 6\n" in said


def test_a_probe_is_asked(home, capfd):
    assert run(home, capfd, RIGHT, name="probes.asked")[0] == 0


def test_exceptions(home, capfd):
    refuses = "def double(x):\n    raise ValueError('no')\n"
    assert run(home, capfd, refuses)[0] == 1
    assert run(home, capfd, refuses, raises="ValueError")[0] == 0
    assert run(home, capfd, RIGHT, raises="ValueError")[0] == 1


def test_a_missing_function(home, capfd):
    code, said = run(home, capfd, "x = 1\n")
    assert code == 1
    assert "hw_of_a_test.py defines no `double`" in said


@pytest.mark.parametrize("text", ["", "[]", json.dumps({"function": "f"}), json.dumps({"function": "f", "args": 3})])
def test_a_file_that_is_no_example(home, text):
    (home / "example.json").write_text(text)
    assert check_example.ask(home, home, "hw", home / "example.json") == check_example.UNREADABLE


def test_it_runs_in_a_process_of_its_own(home, capfd):
    (home / "hw.py").write_text(WRONG)
    (home / "example.json").write_text(as_json("double", (3,), {}, 6, ""))
    assert check_example.run(home, home, "hw", home / "example.json") == 1
    assert "yours:    9" in capfd.readouterr().out


def test_a_file_that_is_not_there(home):
    with pytest.raises(UsageError, match="does not exist"):
        check_example.run(home, home, "hw", home / "none.json")
