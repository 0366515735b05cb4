"""Whose points are adjusted: an id, an address or a name in any order of its words."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from grader.collect.handin import HandIn
from grader.collect.owners import find
from grader.collect.roster import Person
from grader.commands.cli import main
from grader.errors import UsageError
from tests.grader.commands.runs import NOW, made, opened

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


def test_points_are_taken_with_a_plain_minus(tmp_path):
    run = made(tmp_path / "run", [HandIn("s1", "", "s1"), HandIn("s2", "", "s2")], PEOPLE[:2], {"s1": 5, "s2": 3})
    result = CliRunner().invoke(main, ["adjust", str(run), "Ben Wu", "-0.5", "--reason", "late talk"])
    assert result.exit_code == 0, result.output
    assert "Wu, Ben (s1)" in result.output
    assert "-0.5" in result.output.replace("\N{MINUS SIGN}", "-")
    with opened(run) as classrun:
        assert [one.score for one in classrun.settle(NOW).entries] == [4.5, 3]


def test_an_option_that_is_none_is_still_wrong_usage(tmp_path):
    result = CliRunner().invoke(main, ["adjust", str(tmp_path), "s1", "1", "--raeson", "x"])
    assert result.exit_code == 2
