"""A student's attempts and grades, and why each changed."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from grader.collect.handin import HandIn
from grader.collect.roster import Person
from grader.commands.history import run, table
from grader.errors import UsageError
from grader.gradebook.entry import Adjustment
from grader.ledger.records import Given, Kept, Marked, Note
from grader.report.marks import Mark
from grader.spec import Part, RubricItem
from tests.grader.report.test_table import shown

WHEN = "2030-01-02T10:00:00.000000+00:00"


def kept(number, day, student):
    hand_in = HandIn(f"h{number}", "aa", "", submitted_at=datetime(2030, 1, day, tzinfo=UTC))
    return Kept(number, hand_in, (student,), number)


def classrun():
    ledger = SimpleNamespace(
        roster=lambda _: [Person("s1", "Ada Lee"), Person("s2", "Ben Wu")],
        hand_ins=lambda _: [kept(2, 5, "s1"), kept(1, 3, "s1"), kept(3, 4, "s2")],
        history=lambda _: [
            Given("h1", 70.0, 100.0, "grade", WHEN, "j", "a"),
            Given("h3", 50.0, 100.0, "grade", WHEN, "j", "a"),
            Given("h2", 80.0, 100.0, "grade", WHEN, "j", "a"),
            Given("h2", 85.0, 100.0, "regrade", WHEN, "k", "a"),
            Given("h2", 85.0, 100.0, "grade", WHEN, "k", "a"),
            Given("h2", 86.0, 100.0, "grade", WHEN, "k", "b"),
        ],
        adjustments=lambda _: [
            Note(1, "s1", Adjustment(-2.5, "copied a line", "ta")),
            Note(2, "s2", Adjustment(1.0, "asked well", "ta")),
        ],
        marks=lambda _: [
            Marked(1, "s1", "essay", Mark(("no_figure",), "", "tom"), "tom", WHEN),
            Marked(2, "s2", "essay", Mark((), "", "tom"), "tom", WHEN),
            Marked(3, "s1", "essay", None, "ta", WHEN),
        ],
    )
    item = RubricItem(name="no_figure", points=-1, text="No figure.")
    essay = Part(name="essay", title="Essay", points=10, graded="by hand", items=(item,))
    homework = SimpleNamespace(assignment=SimpleNamespace(parts_by_hand=(essay,)))
    return SimpleNamespace(ledger=ledger, run=None, homework=homework)


def test_every_grade_has_a_reason():
    lines = [" ".join(line.split()) for line in shown(table(classrun(), "Ada Lee")).splitlines()]
    assert lines[0] == "When Attempt Points Why"
    assert lines[1:] == [
        "2030-01-02 10:00 UTC 1: h1 70 / 100 new attempt",
        "2030-01-02 10:00 UTC 2: h2 80 / 100 new attempt",
        "2030-01-02 10:00 UTC 2: h2 85 / 100 regrade: +5",
        "2030-01-02 10:00 UTC 2: h2 85 / 100 graded again: no change",
        "2030-01-02 10:00 UTC 2: h2 86 / 100 new attempt: +1",
        "-2.5 adjustment by ta: copied a line",
        "2030-01-02 10:00 UTC 9 / 10 Essay, marked by tom: no_figure",
        "2030-01-02 10:00 UTC Essay, taken back by ta",
    ]


def test_a_folder_of_no_run_is_refused(tmp_path):
    with pytest.raises(UsageError, match="is no run's folder"):
        run(tmp_path, "s1")
