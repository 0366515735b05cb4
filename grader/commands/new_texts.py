"""What `grader new` writes."""

COURSE = """name = "{name}"
time_zone = "UTC"
grader = "{version}"  # the version that this course is made for: `grader doctor --course` says what a newer one changes
"""
GITIGNORE = """__pycache__/
.pytest_cache/
out/
"""
CI = """# Proves on every change that the hidden suites grade as declared.
name: self-check
on: [push, pull_request]
jobs:
  selfcheck:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with:
          python-version: "3.12"
      - run: sudo apt-get install -y bubblewrap
      - run: sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0 || true
      - run: pip install grader=={version}  # or from where your course gets it: a wheel, a git address
      - run: grader selfcheck --seed 00112233445566778899aabbccddeeff
"""
ASSIGNMENT = """schema_version = 1
name = "{name}"
title = "Softmax"
points = 10
files = ["{name}.py"]
banned = ["*softmax*"]

[limits]
call_seconds = 5

[[parts]]
name = "softmax"
title = "Softmax"
points = 10
"""
README = """# Softmax

Fill in `{name}.py`: each docstring says what is asked for. torch's own softmax refuses to run when your work is graded.

`pytest` in this folder runs the public checks. The grade comes from other, hidden checks.
"""
PYTEST_INI = """[pytest]
pythonpath = .
testpaths = tests
"""
PUBLIC = '''import torch
from {name} import softmax


def test_rows_add_up_to_1():
    """Each row of a softmax adds up to 1."""
    rows = softmax(torch.tensor([[1.0, 2.0, 3.0], [0.0, 0.0, 0.0]]))
    assert torch.allclose(rows.sum(1), torch.ones(2)), "a row does not add up to 1"
'''
REFERENCE = '''"""Softmax."""

import torch


def softmax(x: torch.Tensor) -> torch.Tensor:
    """The softmax of each row of x, shape (n, k): positive numbers that add up to 1. Large numbers do not overflow."""
    exponentials = (x - x.amax(1, keepdim=True)).exp()
    return exponentials / exponentials.sum(1, keepdim=True)
'''
ALTERNATIVE = '''"""By logarithms."""

import torch


def softmax(x):
    return torch.exp(x - torch.logsumexp(x, 1, keepdim=True))
'''
FIRST_AXIS = '''"""Your numbers add up to 1 in each column: in each row they should."""

PARTS = ("softmax",)
REPLACE = [("exponentials.sum(1, keepdim=True)", "exponentials.sum(0, keepdim=True)")]
'''
OVERFLOWS = '''"""Large numbers overflow: subtract the largest number of the row first."""

PARTS = ("softmax",)
REPLACE = [("(x - x.amax(1, keepdim=True)).exp()", "x.exp()")]
'''
SUITE = '''from gradescope_utils.autograder_utils.decorators import weight

from grader.suite import agree, part


@part("softmax")
@weight(6)
def test_rows(student, reference, draws):
    """softmax turns each row into numbers that add up to 1."""
    agree(student.softmax, reference.softmax, draws.normal(4, 7))


@part("softmax")
@weight(4)
def test_large_numbers(student, reference, draws):
    """softmax of large numbers is finite."""
    agree(student.softmax, reference.softmax, 1000 + draws.normal(3, 5))
'''
