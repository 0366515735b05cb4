from __future__ import annotations

import io

from rich.console import Console

from grader.report.build import build, student_view
from grader.report.table import single, summary
from tests.grader.report.samples import BEFORE, grade, outcome


def shown(renderable, width=200, **options):
    console = Console(file=io.StringIO(), width=width, **options)
    console.print(renderable)
    return console.file.getvalue()


def test_the_summary_has_a_row_for_each_submission(staff, infra):
    lines = shown(summary([staff, infra])).splitlines()
    assert lines[0].split() == ["Submission", "Score", "forward", "backward", "Checks", "Seconds"]
    assert lines[1].split() == ["ada", "15", "/", "20", "10", "5", "3", "passed,", "1", "wrong", "0.25"]
    assert lines[2].split() == ["ada", "not", "graded", "10", "–", "3", "passed,", "1", "not", "judged", "0.25"]


def test_an_empty_summary_is_empty():
    assert "Submission" in shown(summary([]))


def test_one_report_in_full(staff, assignment):
    text = shown(single(student_view(staff, assignment, BEFORE)))
    assert "15 / 20" in text
    assert "Wrong answer  Backward  (costs 5 points in 1 check)" in text
    assert "- Sentence of d." in text
    assert "What this looks like: Your kernel is upside down." in text
    assert "9 · · 9" in text
    assert "3 passed, 1 wrong" in text
    assert "Traceback" not in text


def test_what_is_withheld_is_counted(assignment):
    checks = (outcome("a", visibility="hidden"), outcome("b"), outcome("c", "backward"), outcome("d", "backward"))
    text = shown(single(student_view(build(assignment, grade(*checks)), assignment, BEFORE)))
    assert "1 more check worth 5 points not shown here" in text


def test_without_a_score_it_says_whose_fault_it_is(infra_student):
    text = shown(single(infra_student))
    assert "Not graded: the grader failed, not you." in text
    assert " 0 / 20" not in text


def test_hostile_text_moves_no_cursor_and_is_no_markup(hostile, raw):
    for renderable in (single(hostile), summary([hostile]), single(raw), summary([raw])):
        text = shown(renderable, width=2000)
        assert not set(text) & set("\x1b\x00\x9b\u202e\u2066\udc80")
    assert "[bold]b[/bold]" in shown(single(hostile))


def test_hostile_text_adds_no_terminal_sequence_to_a_coloured_terminal(hostile):
    text = shown(single(hostile), force_terminal=True, color_system="standard")
    assert "\x1b]0;title" not in text
    assert "\x1b[31mred" not in text.replace("\x1b[31mraised", "")
    assert "\u202e" not in text
