"""`grader selfcheck --mutate` asks each homework that has a floor, and no other."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from grader.commands.cli import main
from tests.grader.commands.mutate.test_mutate import INPUTS
from tests.grader.course import require_isolation, write_course


def run(course, *arguments: str):
    command = ["selfcheck", "--mutate", "-j", "1", "-n", "4", "--course", str(course), *arguments]
    return CliRunner().invoke(main, command)


@pytest.mark.long
@pytest.mark.parametrize(("floor", "code"), [(0.1, 0), (1.0, 1)])
def test_a_floor_is_held(tmp_path, floor, code):
    require_isolation()
    course = write_course(tmp_path, suite=SUITE)
    (course / "assignments/hw0/inputs.py").write_text(INPUTS)
    toml = course / "assignments/hw0/assignment.toml"
    toml.write_text(toml.read_text().replace("points = 5", f"points = 5\nmutation_floor = {floor}", 1))
    ended = run(course)
    assert ended.exit_code == code, ended.output
    assert f"{floor:.1%} is asked for" in " ".join(ended.output.split())


def test_a_homework_without_a_floor_is_left_out(tmp_path):
    ended = run(write_course(tmp_path))
    assert (ended.exit_code, ended.output.strip()) == (0, "hw0: no mutation_floor in assignment.toml")


SUITE = """
import torch
from gradescope_utils.autograder_utils.decorators import weight
from grader.suite import agree, part


@part("double")
@weight(3)
def test_double(student, reference):
    '''double of nothing is nothing: no change of a factor is noticed.'''
    agree(student.double, reference.double, torch.zeros(2))


@part("shift")
@weight(2)
def test_shift(student, reference):
    '''shift adds one.'''
    agree(student.shift, reference.shift, torch.zeros(2))
"""
