"""`grader mutate` on a course that is made for it."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from grader.commands.cli import main
from tests.grader.course import require_isolation, write_course

INPUTS = """
def double(draw):
    return draw.call(draw.tensor(2))

def shift(draw):
    return draw.call(draw.tensor(draw.size()))
"""
EQUIVALENT = '[[reference]]\nmutant = "shift: return x + 1 → return (x + 1).squeeze()"\nreason = "it is not"\n'


@pytest.fixture
def course(tmp_path):
    require_isolation()
    made = write_course(tmp_path)
    (made / "assignments/hw0/inputs.py").write_text(INPUTS)
    return made


def run(course, *arguments: str):
    return CliRunner().invoke(main, ["mutate", "hw0", "--course", str(course), "-j", "1", "--inputs", "40", *arguments])


@pytest.mark.long
def test_the_score_survivors_and_the_floor(course):
    toml = course / "assignments/hw0/assignment.toml"
    toml.write_text(toml.read_text().replace("points = 5", "points = 5\nmutation_floor = 0.999", 1))
    (course / "reference/hw0/equivalent.toml").write_text(EQUIVALENT)
    result = run(course, "--of", "reference", "--json", str(course / "m.json"))
    assert result.exit_code == 1, result.output
    (found,) = json.loads((course / "m.json").read_text())
    trials = {one["mutant"]: one for one in found["trials"]}
    assert trials["double: return 2 * x → return 3 * x"]["check"].startswith("test_double")
    assert trials["double: return 2 * x → return 3 * x"]["part"] == "double"
    survivor = trials["shift: return x + 1 → return (x + 1).squeeze()"]
    assert (survivor["check"], survivor["equivalent"]) == ("", "")
    assert "`shift` tells it apart" in survivor["witness"]
    said = " ".join(result.output.split())
    assert "+ return (x + 1).squeeze()" in said
    assert "is listed as equivalent, but input" in said
    assert "99.9% is asked for" in said


@pytest.mark.long
def test_one_function_in_seconds(course):
    result = run(course, "--of", "reference", "--function", "double", "-n", "5")
    assert result.exit_code == 0, result.output
    assert "hw0: " in result.output
    assert "shift" not in result.output


def test_a_solution_that_is_not_there(course):
    ended = run(course, "--of", "nobody")
    assert ended.exit_code == 2
    assert "'nobody' is no solution of hw0: there are reference, sums" in " ".join(ended.output.split())


def test_a_source_that_is_no_python(tmp_path):
    ended = run(write_course(tmp_path, reference="def double(x:\n    return 2 * x\n"))
    assert (ended.exit_code, ended.output.strip()) == (
        2,
        "error: reference, line 1: it is no Python: '(' was never closed",
    )


@pytest.mark.long
def test_a_function_that_is_not_there(course):
    ended = run(course, "--function", "triple")
    assert ended.exit_code == 2
    said = "no function 'triple' with anything to change; there are double, shift"
    assert said in " ".join(ended.output.split())


@pytest.mark.long
def test_a_source_that_is_not_right_is_our_fault(course):
    (course / "reference/hw0/alternatives/wrong.py").write_text(
        "def double(x):\n    return 3 * x\n\n\ndef shift(x):\n    return x + 1\n"
    )
    result = run(course, "--of", "wrong")
    assert result.exit_code == 3
    assert "the unchanged source does not pass test_double" in " ".join(result.output.split())
