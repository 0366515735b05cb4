"""Functions of secret solutions in what is handed out, whatever they are called."""

from __future__ import annotations

import json

import pytest

from grader.commands.selfcheck import handed_out
from grader.homework import load_homework
from tests.grader.course import write_course

REFERENCE = '''def double(x):
    """Twice x."""
    total = x
    for _ in range(1):
        total = total + x
    return total


# given
def load(path):
    lines = open(path)
    found = list(lines)
    return found
# end of given


def shift(x):
    return x + 1
'''
COPY = "def twice(number):\n    both = number\n    for _ in range(1):\n        both = both + number\n    return both\n"
HOLDS = {
    "a helper": ("helpers.py", COPY),
    "a method": ("helpers.py", "class A:\n" + "".join(f"    {line}\n" for line in COPY.splitlines())),
    "a handout": ("README.md", f"# Warm-up\n\n~~~~python\n{COPY}~~~~\n"),
    "a block that is indented": ("README.md", "1. So:\n\n   ```\n" + "".join(f"   {x}\n" for x in COPY.splitlines()) + "   ```\n"),
    "a notebook": ("more.ipynb", json.dumps({"cells": [{"cell_type": "code", "source": [COPY]}]})),
    "the public checks": ("tests/test_more.py", COPY),
    "the starter, renamed": ("hw0.py", COPY),
}  # fmt: skip
FINE = {
    "another loop": ("helpers.py", COPY.replace("range(1)", "range(2)")),
    "what is given": ("helpers.py", "def read(p):\n    a = open(p)\n    b = list(a)\n    return b\n"),
    "a short one": ("helpers.py", "def more(x):\n    return x + 1\n"),
    "text": ("README.md", f"# Warm-up\n\n{COPY}"),
    "no Python": ("helpers.py", "def f(:\n"),
}


@pytest.mark.parametrize(("file", "text"), HOLDS.values(), ids=HOLDS)
def test_a_solution_is_found(tmp_path, file, text):
    assert _faults(tmp_path, file, text) == [f"release: {file} holds `double` of the reference: students would read it"]


@pytest.mark.parametrize(("file", "text"), FINE.values(), ids=FINE)
def test_anything_else_is_none(tmp_path, file, text):
    assert _faults(tmp_path, file, text) == []


def _faults(folder, file, text):
    course = write_course(folder, reference=REFERENCE)
    (course / "assignments" / "hw0" / file).write_text(text)
    return handed_out.faults(load_homework(course, "hw0"))
