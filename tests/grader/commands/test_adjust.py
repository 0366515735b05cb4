"""Whose points are adjusted: an id, an address or a name in any order of its words."""

from __future__ import annotations

import pytest

from grader.collect.owners import find
from grader.collect.roster import Person
from grader.errors import UsageError

PEOPLE = [
    Person("s1", "Wu, Ben", "ben@x.example"),
    Person("s2", "Park, Jun"),
    Person("s3", "Jun Park"),
    Person("s4", "Ana María Ruiz"),
]


@pytest.mark.parametrize(
    ("asked", "who"),
    [
        ("s1", "s1"),
        ("BEN@x.example", "s1"),
        ("Ben Wu", "s1"),
        ("wu ben", "s1"),
        ("Ruiz, Ana María", "s4"),
        ("Park, Jun", "s2"),
    ],
)
def test_a_student_is_found_by_any_form_of_a_name(asked, who):
    assert find(PEOPLE, asked).id == who


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("park jun", "is 2 people: s2, s3. Say the id"),
        ("Ana Ruiz", "nobody in this run is called"),
        ("", "nobody"),
        ("!", "nobody"),
    ],
)
def test_nobody_or_several_are_named(asked, said):
    with pytest.raises(UsageError, match=said):
        find(PEOPLE, asked)
