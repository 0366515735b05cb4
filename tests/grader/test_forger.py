"""Guests that answer what they like: no suite takes the form of an answer for granted."""

from __future__ import annotations

import random

import pytest

from grader.homework import load_homework
from grader.sandbox.opening import open_sandbox
from tests.benchmarks.speed import ROOT
from tests.grader.course import require_isolation
from tests.grader.toy import SUITE, homework
from tests.hostile.forger import SHARES, attack

HOMEWORKS = ("hw1_conv", "hw2_backprop", "hw3_dropout", "hw4_batchnorm", "hw5_resnet", "hw6_architectures")
pytestmark = [
    pytest.mark.long,
    pytest.mark.filterwarnings("ignore:Casting complex values"),  # a suite may cast what it was answered
]
FOR_GRANTED = """
@part("double")
@weight(4)
def test_double(student, reference):
    '''double doubles two numbers.'''
    first, second = (student.double(torch.ones(1)) for _ in range(2))
    expect(float(first) == float(second) == 2, "no double")


@part("shift")
@weight(2)
def test_shift(student, reference):
    '''shift adds one.'''
    agree(student.shift, reference.shift, torch.ones(3))
"""


@pytest.mark.parametrize("name", HOMEWORKS)
def test_whatever_is_answered_is_no_fault_of_the_graders(name):
    require_isolation()
    course = load_homework(ROOT, name)
    draw = random.Random(name)
    wrong = course.wrong_source([draw.choice(course.mistakes)])
    # each share with one of the two; `make fuzz` has both, and more
    works = list(zip(SHARES, [course.reference_source, wrong] * 2, strict=True))
    with open_sandbox(course.assignment) as zygote:
        faults, forged = attack(course, zygote, draw, works)
    assert [f"{one.check.name}\n{one.staff_detail}" for one in faults] == []
    assert forged > 100


@pytest.mark.parametrize(("suite", "found"), [(SUITE, set()), (FOR_GRANTED, {"test_double"})], ids=["sound", "unsound"])
def test_finds_a_suite_that_takes_a_form_for_granted(tmp_path, suite, found):
    require_isolation()
    toy = homework(tmp_path, suite)
    with open_sandbox(toy.assignment) as zygote:
        faults, _ = attack(
            toy, zygote, random.Random(1), [(share, toy.reference_source) for share in SHARES for _ in range(12)]
        )
    assert {one.check.name for one in faults} == found
