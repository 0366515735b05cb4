"""What a new attempt won and lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from grader.collect.handin import HandIn
from grader.ledger.records import Kept
from grader.outcome import Verdict
from grader.report import html, markdown
from grader.report.build import build, student_view
from grader.report.table import summary
from grader.run.changes import COMPARED, LINES, lines, passed, previous, since
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


def test_an_attempt_of_the_same_name_is_held_against_the_one_that_it_replaced():
    first, second, third, now = (
        replace(kept(number, 1, "s1"), hand_in=HandIn("h", content, "")) for number, content in enumerate("abcc", 1)
    )
    stranger = replace(kept(4, 1, "s2"), hand_in=HandIn("gone", "aa", ""))
    found = previous([now], [second, stranger, third, first])
    assert {later: before.id for later, before in found.items()} == {4: 2, 2: 1}


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


def test_the_lines_that_differ_are_told():
    before, now = {"a.py": b"x = 1\ny = 2\n", "same.py": b"z\n"}, {"a.py": b"x = 1\ny = 3\n", "same.py": b"z\n"}
    assert lines(before, now) == ("--- a.py", "+++ a.py", "@@ -1,2 +1,2 @@", " x = 1", "-y = 2", "+y = 3")


def test_a_file_that_is_new_or_long_or_odd():
    assert lines({}, {"a.py": b"\xff\x1b[31m\n"})[-1] == "+\ufffd"
    many = lines({}, {"a.py": b"x\n" * COMPARED})
    assert (len(many), many[-1]) == (LINES + 1, f"… {COMPARED + 3 - LINES} lines more")
    assert lines({}, {"a.py": b"x\n" * (COMPARED + 1)}) == ()


def test_every_format_shows_the_lines_as_text():
    change = since(NEW, passed(OLD), "h1").model_copy(update={"lines": ("-<b>", "+```")})
    student = student_view(NEW.model_copy(update={"since": change}), ASSIGNMENT, BEFORE)
    assert '<span class="removed">-&lt;b&gt;' in html.render(student)
    assert "````diff\n-<b>\n+```\n````" in markdown.render(student)
