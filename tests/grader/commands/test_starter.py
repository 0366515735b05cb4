"""The starter that a reference makes, and how one that has parted is told."""

from __future__ import annotations

import ast

import pytest
from click.testing import CliRunner

from grader.commands.cli import main
from grader.commands.starter import parted, starter
from grader.errors import UsageError
from tests.grader.course import write_course

REFERENCE = '''"""Layers."""

import math
from dataclasses import dataclass

import torch

EPS = 1e-5
SECRET = 3


def _helper(x):
    return x * SECRET


# given
def load():
    """Read it."""
    return 3


# end of given


@dataclass
class Fit:
    """A line."""

    slope: float
    offset: float = 0.0

    def at(self, x: float) -> float:
        """Its value at x."""
        return self.slope * x + self.offset

    def _inner(self):
        return 1


def norm(
    x: torch.Tensor,
    eps: float = EPS,  # a comment
) -> torch.Tensor:
    """Normalise.

    x: (n, k)
    """
    # given
    n = len(x)
    # end of given
    # the trick
    return _helper(x) / (n + eps)


def short(x): return x + 1
'''
STARTER = '''"""Layers."""

import math
from dataclasses import dataclass

import torch

EPS = 1e-5


def load():
    """Read it."""
    return 3


@dataclass
class Fit:
    """A line."""

    slope: float
    offset: float = 0.0

    def at(self, x: float) -> float:
        """Its value at x."""
        raise NotImplementedError


def norm(
    x: torch.Tensor,
    eps: float = EPS,  # a comment
) -> torch.Tensor:
    """Normalise.

    x: (n, k)
    """
    n = len(x)
    raise NotImplementedError


def short(x):
    raise NotImplementedError
'''


def test_it_has_what_students_may_see_and_nothing_else():
    made = starter(REFERENCE)
    assert made == STARTER
    assert starter(made.replace("n = len(x)\n    ", "")) == made.replace("n = len(x)\n    ", "").replace(
        'def load():\n    """Read it."""\n    return 3',
        'def load():\n    """Read it."""\n    raise NotImplementedError',
    )
    ast.parse(made)


@pytest.mark.parametrize(
    "source", ["# given\nx = 1\n", "x = 1\n# end of given\n", "# given\n# given\n# end of given\n"]
)
def test_marks_come_in_pairs(source):
    with pytest.raises(UsageError, match="given"):
        starter(source)


def test_a_reference_that_is_no_python_is_named():
    with pytest.raises(UsageError, match=r"hw0\.py is no Python"):
        starter("def f(:", "hw0.py")


def test_how_the_two_have_parted():
    changed = STARTER.replace("def short(x)", "def short(x, y=1)").replace(
        "    def at(self, x: float)", "    def at(self)"
    )
    assert parted(changed, REFERENCE) == [
        "the starter has `Fit.at(self)`, and the reference `Fit.at(self, x: float)`",
        "the starter has `short(x, y=1)`, and the reference `short(x)`",
    ]
    assert parted("", "def f(x): pass\ndef _g(): pass\n") == ["the starter lacks `f(x)`"]
    assert parted(STARTER, REFERENCE) == []


def test_the_command(tmp_path):
    course = write_course(tmp_path)
    public = course / "assignments" / "hw0" / "hw0.py"

    def run(*more):
        return CliRunner().invoke(main, ["starter", "hw0", "--course", str(course), *more])

    assert run().exit_code == 0, "the course's own is what its reference makes"
    public.write_text(public.read_text().replace("def shift(x)", "def shift(y)"))
    result = run()
    assert result.exit_code == 1
    assert "parted: the starter has `shift(y)`, and the reference `shift(x)`" in result.output
    assert "+def shift(x):" in result.output
    assert run("--force").exit_code == 0
    assert run().exit_code == 0
    public.unlink()
    assert "is written from" in run().output
    assert "def shift(x):\n    raise NotImplementedError" in public.read_text()
