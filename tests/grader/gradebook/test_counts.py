"""The counts of a class add up to the class."""

from __future__ import annotations

from dataclasses import replace

from grader.gradebook.counts import counts, standing_counts
from grader.gradebook.entry import Adjustment, Entry, Student
from tests.grader.gradebook.samples import entry, report

ENTRIES = [
    entry(Student("ada"), report()),
    Entry(Student("ben"), "hw1", 20, problem="It is empty.", attempt="ben", score=0.0),
    Entry(Student("cy"), "hw1", 20, problem="nothing handed in"),
    Entry(
        Student("dan"), "hw1", 20, problem="nothing handed in", score=3.0, adjustments=(Adjustment(3, "oral", "tom"),)
    ),
    entry(Student("eve", has_left=True), report()),
    replace(entry(Student("fay"), report()), score=None),
    replace(entry(Student("gus"), report()), score=None, so_far=15.0),
]


def test_everybody_counts_once_also_who_was_given_points_by_hand():
    assert counts(ENTRIES) == {
        "graded": 1,
        "unreadable": 1,
        "not fully marked": 1,
        "not graded": 1,
        "handed in nothing": 2,
        "left the course": 1,
    }
    said = (
        "7 students: 1 graded, 1 unreadable, 1 not fully marked, 1 not graded, 2 handed in nothing, 1 left the course."
    )
    assert standing_counts(ENTRIES) == said
