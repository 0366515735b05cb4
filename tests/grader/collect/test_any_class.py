"""Whatever one student hands in, all others' work and grades are as without it."""

from __future__ import annotations

import pytest

from grader.outcome import Verdict
from tests.fuzz.class_ import FIVE, LAYOUTS, Bench, Desk, Member, Sixth, search, zipped


@pytest.mark.long
def test_no_hand_in_changes_anybody_elses():
    with Desk() as desk:
        search(desk.check, 150)
        assert desk.count["cases"] > 150


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_class_without_a_sixth_is_taken_in(layout):
    with Desk() as desk:
        assert set(desk.without(layout)) == {person.id for person in FIVE}
        others = desk.check((layout, Sixth()))
        assert [one.files["conv.py"] for one in others] == [b"x = 6\n"]
        others = desk.check((layout, Sixth(archive=zipped([Member("conv.py", b"x = 7\n")]), as_archive=True)))
        assert [one.files["conv.py"] for one in others] == [b"x = 7\n"]


@pytest.mark.long
def test_no_hand_in_changes_anybody_elses_grade(toy, zygote):
    with Desk() as desk:
        bench = Bench(desk, toy, zygote)
        assert {verdict for row in bench._before.values() for _, verdict, _, _ in row} == {Verdict.PASSED}
        search(bench.check, 8)
