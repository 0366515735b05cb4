"""A course of one homework with two functions and four checks, written to disk with whatever is to be wrong in it."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from pathlib import Path

import pytest

from grader.sandbox.tiers import TIERS

ASSIGNMENT = """
name = "hw0"
title = "Warm-up"
points = 5
files = ["hw0.py"]

[limits]
call_seconds = 2
memory_mb = 256

[[parts]]
name = "double"
title = "Doubling"
points = 3

[[parts]]
name = "shift"
title = "Shifting"
points = 2
"""
STARTER = "def double(x):\n    raise NotImplementedError\n\n\ndef shift(x):\n    raise NotImplementedError\n"
REFERENCE = "def double(x):\n    return 2 * x\n\n\ndef shift(x):\n    return x + 1\n"
SUITE = """
import torch
from gradescope_utils.autograder_utils.decorators import weight
from grader.suite import agree, part


@part("double")
@weight(2)
def test_double(student, reference, rng):
    '''double doubles every element.'''
    agree(student.double, reference.double, torch.randn(3, 4, generator=rng, dtype=torch.float64))


@part("double")
@weight(1)
def test_double_of_integers(student):
    '''double keeps integers.'''
    agree(student.double, lambda x: torch.tensor([0, 2, 4, 6]), torch.arange(4))


@part("shift")
@weight(1)
def test_shift(student, reference, rng):
    '''shift adds one to every element.'''
    agree(student.shift, reference.shift, torch.randn(3, 4, generator=rng, dtype=torch.float64))


@part("shift")
@weight(1)
def test_shift_of_one_number(student, reference):
    '''shift takes a tensor without axes.'''
    agree(student.shift, reference.shift, torch.tensor(2.5, dtype=torch.float64))
"""
PUBLIC = """
import hw0


def test_double():
    '''double doubles 3.'''
    assert hw0.double(3) == 6, "twice 3 is 6"


def test_shift():
    '''shift makes 4 of 3.'''
    assert hw0.shift(3) == 4, "3 and 1 is 4"
"""
ALTERNATIVES = {"sums": "def double(x):\n    return x + x\n\n\ndef shift(x):\n    return 1 + x\n"}
MISTAKES = {
    "double_squares": '"""You square."""\n\nPARTS = ("double",)\n\n\ndef double(x):\n    return x * x\n',
    "shift_twice": '"""You add two."""\n\nPARTS = ("shift",)\n\n\ndef shift(x):\n    return x + 2\n',
}
_serial = itertools.count()


def write_course(
    folder: Path,
    *,
    assignment: str = ASSIGNMENT,
    starter: str = STARTER,
    reference: str = REFERENCE,
    suite: str = SUITE,
    alternatives: Mapping[str, str] = ALTERNATIVES,
    mistakes: Mapping[str, str] = MISTAKES,
) -> Path:
    """Write the course below `folder`, which is returned."""
    files = {
        "assignments/hw0/assignment.toml": assignment,
        "assignments/hw0/hw0.py": starter,
        "assignments/hw0/README.md": "# Warm-up\n",
        "assignments/hw0/tests/test_public.py": PUBLIC,
        "reference/hw0/hw0.py": reference,
        # a name of its own each time: pytest would take an earlier module of that name for this one
        f"tests/hidden/hw0/test_suite_{next(_serial)}.py": suite,
    }
    files |= {f"reference/hw0/alternatives/{name}.py": source for name, source in alternatives.items()}
    files |= {f"reference/hw0/mistakes/{name}.py": source for name, source in mistakes.items()}
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return folder


def require_isolation() -> None:
    """Skip where this machine offers no tier to grade in."""
    lacking = [tier.missing() for tier in TIERS.values()]
    if all(lacking):
        pytest.skip("; ".join(lacking))
