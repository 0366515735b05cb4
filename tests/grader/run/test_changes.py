"""What a new attempt won and lost."""

from __future__ import annotations

from datetime import UTC, datetime

from grader.collect.handin import HandIn
from grader.ledger.records import Kept
from grader.outcome import Verdict
from grader.report import html, markdown
from grader.report.build import build, student_view
from grader.report.table import summary
from grader.run.changes import passed, previous, since
from grader.spec import Assignment, Part
from tests.grader.report.samples import BEFORE, DUE, grade, outcome
from tests.grader.report.test_table import shown

ASSIGNMENT = Assignment(
    name="hw1", title="One", points=3, due=DUE, files=("a.py",), parts=(Part(name="forward", title="F", points=3),)
)


def report(**verdicts):
    visibility = {"c": "after_due_date"}
    outcomes = [
        outcome(name, points=1, verdict=verdict, visibility=visibility.get(name, "visible"))
        for name, verdict in verdicts.items()
    ]
    return build(ASSIGNMENT, grade(*outcomes))


def kept(number, day, *students, graded=True):
    hand_in = HandIn(f"h{number}", "aa", "", submitted_at=datetime(2030, 1, day, tzinfo=UTC))
    return Kept(number, hand_in, students, number if graded else None)


OLD = report(a=Verdict.PASSED, b=Verdict.FAILED, c=Verdict.FAILED)
NEW = report(a=Verdict.FAILED, b=Verdict.PASSED, c=Verdict.PASSED)


def test_the_attempt_before_is_the_last_graded_one_of_the_same_students():
    hand_ins = [
        kept(1, 1, "s1"),
        kept(2, 5, "s1"),
        kept(3, 3, "s1"),
        kept(4, 2, "s2"),
        kept(5, 4, "s1", graded=False),
        kept(6, 6, "s1", "s2"),
        kept(7, 7),
    ]
    assert {later: before.id for later, before in previous(hand_ins).items()} == {3: 1, 2: 3}


def test_what_was_won_and_lost():
    found = since(NEW, passed(OLD), "h1")
    assert found is not None
    assert (found.won, found.lost) == (("b", "c"), ("a",))


def test_of_what_was_not_graded_nothing_is_said():
    fault = report(a=Verdict.INFRA, b=Verdict.PASSED, c=Verdict.PASSED)
    assert since(fault, passed(OLD), "h1") is None
    assert since(NEW, passed(fault), "h1") is None


def test_every_format_says_it_and_no_withheld_check_is_told():
    whole = NEW.model_copy(update={"since": since(NEW, passed(OLD), "h1")})
    student = student_view(whole, ASSIGNMENT, BEFORE)
    assert student.since is not None
    assert (student.since.won, student.since.lost) == (("b",), ("a",))
    assert "Since h1: 1 check won, 1 lost" in html.render(student)
    assert "Since `h1`: 1 check won, 1 lost." in markdown.render(student)
    assert "2 won and 1 lost since h1" in shown(summary([whole]))
