"""A homework of three functions, small enough that grading one submission takes hundredths of a second."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from textwrap import dedent

from grader.homework import Homework, load_homework
from grader.intake.submission import Rejected, Submission
from grader.judging import session
from grader.outcome import Grading, Verdict
from grader.sandbox.zygote import Zygote
from grader.seed import Seed

BANNED = ("*conv1d*", "*conv2d*", "*conv3d*", "*conv_*", "*convolution*", "im2col*", "col2im*", "linear")
ASSIGNMENT = """
schema_version = 1
name = "toy"
title = "Toy"
points = 6
files = ["toy.py"]
banned = [{banned}]

[limits]
import_seconds = 5
call_seconds = 3
submission_seconds = 20
memory_mb = 256
processes = 16
reply_mb = 1
files_mb = 8

[[parts]]
name = "double"
title = "Doubling"
points = 4

[[parts]]
name = "shift"
title = "Shifting"
points = 2
"""
REFERENCE = """
import torch

def double(x):
    return 2 * x

def shift(x):
    return x + 1

def both(x):
    return double(x), shift(x)
"""
HEAD = """
import pytest
import torch
from gradescope_utils.autograder_utils.decorators import weight
from grader.suite import agree, expect, experiment, leaves_inputs_alone, part, raises
"""
SUITE = """
@part("double")
@weight(3)
@pytest.mark.parametrize("case", [(2, 3)])
def test_double(student, reference, rng, case):
    '''double doubles.'''
    agree(student.double, reference.double, torch.randn(*case, generator=rng))


@part("double")
@weight(1)
def test_double_of_integers(student, reference):
    '''double keeps integers.'''
    agree(student.double, reference.double, torch.arange(4))


@part("shift")
@weight(2)
def test_shift(student, reference, rng):
    '''shift adds one.'''
    agree(student.shift, reference.shift, torch.randn(3, generator=rng))
"""
CHECKS = ("test_double[case0]", "test_double_of_integers", "test_shift")


def homework(
    folder: Path, suite: str = SUITE, mistakes: Mapping[str, str] | None = None, reference: str = REFERENCE
) -> Homework:
    """The toy homework, written below `folder`, with this hidden suite and these mistakes."""
    banned = ", ".join(f'"{pattern}"' for pattern in BANNED)
    write(folder / "assignments" / "toy" / "assignment.toml", ASSIGNMENT.format(banned=banned))
    write(folder / "assignments" / "toy" / "toy.py", "def double(x):\n    raise NotImplementedError\n")
    write(folder / "reference" / "toy" / "toy.py", reference)
    write(folder / "tests" / "hidden" / "toy" / "test_toy.py", HEAD + dedent(suite))
    for name, source in (mistakes or {}).items():
        write(folder / "reference" / "toy" / "mistakes" / f"{name}.py", dedent(source))
    return load_homework(folder, "toy")


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def submission(source: str | bytes, name: str = "somebody", **others: str) -> Submission:
    """A submission of `toy.py` with this source, and of other modules."""
    files = {"toy.py": source if isinstance(source, bytes) else dedent(source).encode()}
    files |= {f"{other}.py": dedent(text).encode() for other, text in others.items()}
    return Submission(name, files, hashlib.sha256(b"".join(files.values())).hexdigest(), name)


def correct(name: str = "correct") -> Submission:
    return submission(REFERENCE, name)


def with_double(body: str, before: str = "") -> Submission:
    """The reference, with another body of `double`."""
    indented = "".join(f"    {line}\n" for line in dedent(body).strip().splitlines())
    return submission(f"{REFERENCE}\n{dedent(before)}\n\ndef double(x):\n{indented}")


def grade_all(
    toy: Homework, zygote: Zygote, *submissions: Submission | Rejected, seed: Seed | None = None
) -> list[Grading]:
    graded: list[Grading] = []
    session.grade(toy, submissions, zygote, on_graded=graded.append, seed=seed)
    return graded


def verdicts(grading: Grading) -> list[Verdict]:
    return [outcome.verdict for outcome in grading.outcomes]


def quick(toy: Homework, **limits: float) -> Homework:
    """The homework with other limits on the judge's side: seconds."""
    assignment = toy.assignment.model_copy(update={"limits": toy.assignment.limits.model_copy(update=limits)})
    return replace(toy, assignment=assignment)
