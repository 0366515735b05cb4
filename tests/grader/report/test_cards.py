"""What to fix first, in every format: one card per cause, no block twice."""

from __future__ import annotations

import pytest

from grader.outcome import Asked, Diagnosis, Example, Line, Shown, Verdict
from grader.report import html, markdown
from grader.report.build import build, student_view
from grader.report.cards import cards, variant
from grader.report.html import day
from tests.grader.report.samples import AFTER, BEFORE, grade, outcome, wrong_tensor

FLIPPED = Diagnosis("flipped", "Your kernel is upside down.")
LINE = Line("conv.py", 12, "lenet", 10, ("def lenet(x):", "    y = x", "    return y @ '<b>'", "", ""))


def wrong(name, part="forward", **more):
    more = {"verdict": Verdict.FAILED, "message": "`y` is wrong", "points": 1, **more}
    return outcome(name, part, **more)


@pytest.fixture
def report(assignment):
    """Two variants of one test and another one with one diagnosis, and a line that raises in the other part."""
    return build(
        assignment,
        grade(
            wrong("test_raises", "backward", verdict=Verdict.ERROR, message="TypeError: no", line=LINE, points=10),
            wrong("test_size[wide]", diagnosis=FLIPPED, asked=Asked("conv", "conv(x: float64[3×2])")),
            wrong("test_size[tall]", diagnosis=FLIPPED, evidence=wrong_tensor()),
            outcome("test_size[square]", points=1),
            wrong("test_other", diagnosis=FLIPPED, points=7),
        ),
    )


def test_the_cards_come_in_the_handouts_order_with_their_cost(report):
    first, second = cards(report)
    assert (first.number, first.lost, len(first.checks), first.functions) == (1, 9, 3, ("conv",))
    assert (second.number, second.lost, second.functions) == (2, 10, ("lenet",))


def test_the_checks_of_one_test_are_told_by_their_variants(report):
    size, other = cards(report)[0].tests
    assert (size.wrong, size.right, size.lost) == (("wide", "tall"), ("square",), 2)
    assert (other.wrong, other.right) == ((), ())


def test_variants_that_the_reader_may_not_see_are_not_told(assignment):
    seen = wrong("test_size[wide]", points=5)
    hidden = outcome("test_size[secret]", visibility="after_due_date")
    rest = [outcome("a", "backward"), outcome("b", "backward")]
    student = student_view(build(assignment, grade(seen, hidden, *rest)), assignment, BEFORE)
    assert "secret" not in html.render(student) + markdown.render(student)
    assert cards(student)[0].tests[0].right == ()


@pytest.mark.parametrize("render", [html.render, markdown.render])
def test_nothing_is_said_twice(report, render, assignment):
    text = render(student_view(report, assignment, BEFORE))
    assert text.count("Your kernel is upside down.") == 1
    assert text.index("Your kernel is upside down.") < text.index("TypeError: no")
    assert "costs 9 points in 3 checks" in text


def test_the_page_shows_the_call_the_line_and_the_variants(report, assignment):
    page = html.render(student_view(report, assignment, BEFORE))
    assert "conv(x: float64[3×2])" in page
    assert "Right for <code>square</code>" in page
    assert "Wrong for <code>wide</code>, <code>tall</code>" in page
    assert '<span class="row here"><span class="number">12</span>' in page
    assert "&lt;b&gt;" in page
    assert "'<b>'" not in page


def test_the_markdown_shows_the_call_and_the_line(report, assignment):
    text = markdown.render(student_view(report, assignment, BEFORE))
    assert "   12      return y @ '<b>'" in text

    assert "Right for `square`. Wrong for `wide`, `tall`." in text


def test_what_stopped_the_submission_is_said_once(assignment):
    blocked = [wrong(name, verdict=Verdict.BLOCKED, message="conv.py: line 3: no", points=5) for name in ("a", "b")]
    rest = [wrong(name, "backward", verdict=Verdict.BLOCKED, message="conv.py: line 3: no") for name in "c"]
    student = student_view(build(assignment, grade(*blocked, *rest, problem="conv.py: line 3: no")), assignment, BEFORE)
    (card,) = cards(student)
    assert card.functions == ()
    assert "What stopped the grading" not in html.render(student)


def test_functions_that_are_not_written_are_listed_by_section(assignment):
    parts = tuple(
        part.model_copy(update={"section": f"{i}. {part.title}"}) for i, part in enumerate(assignment.parts, 1)
    )
    missing = [
        wrong(f"test_{name}", part, verdict=Verdict.ERROR, message="NotImplementedError: no", asked=Asked(name))
        for part, names in (("forward", ("f", "g")), ("backward", ("f", "h")))
        for name in names
    ]
    made = build(assignment.model_copy(update={"parts": parts}), grade(*missing))
    (card,) = cards(made)
    assert (card.heading, card.sections) == ("3 functions", (("1. Forward", ("f", "g")), ("2. Backward", ("h",))))
    shown = markdown.render(made)
    assert "### 1. 3 functions\n" in shown
    assert "- handout, section “1\\. Forward”: `f`, `g`\n- handout, section “2\\. Backward”: `h`\n" in shown
    assert "2. Backward: <code>h</code>" in html.render(made)


def test_what_does_not_load_shows_its_line_and_no_section(assignment):
    parts = tuple(part.model_copy(update={"section": part.title}) for part in assignment.parts)
    blocked = [
        wrong(part, part, verdict=Verdict.BLOCKED, message="SyntaxError: no", asked=Asked(part), line=LINE)
        for part in ("forward", "backward")
    ]
    made = build(assignment.model_copy(update={"parts": parts}), grade(*blocked))
    (card,) = cards(made)
    assert (card.functions, card.heading, card.sections, card.source) == ((), "The whole file", (), LINE)
    assert "conv.py, line 12" in html.render(made)
    assert html.render(made).count("conv.py, line 12") == 1


def test_a_section_is_linked_where_the_handout_has_an_address(report, assignment):
    parts = tuple(part.model_copy(update={"section": "3. Max pooling, forward"}) for part in report.parts)
    here = report.model_copy(update={"parts": parts, "handout": "https://example.org/hw1"})
    assert 'href="https://example.org/hw1#3-max-pooling-forward"' in html.render(here)
    assert "Handout: 3. Max pooling, forward" in html.render(here.model_copy(update={"handout": ""}))


def test_names():
    assert variant(outcome("a").check) == ""
    assert day("2027-03-20T03:00+08:00") == "20 March 2027, 03:00 (UTC+08:00)"


@pytest.mark.parametrize(
    ("when", "now", "has_example"),
    [
        ("always", BEFORE, True),
        ("after_due_date", BEFORE, False),
        ("after_due_date", AFTER, True),
        ("never", AFTER, False),
    ],
)
def test_staff_say_when_an_example_is_shown(assignment, when, now, has_example):
    one = Shown("answer", "3")
    example = Example("double", (Shown("x", "1"),), one, Shown("answer", "2"), None, "wrong", "print(1)", "{}", 1, True)
    parts = tuple(part.model_copy(update={"examples": when}) for part in assignment.parts)
    own = assignment.model_copy(update={"parts": parts})
    outcomes = [wrong("a", points=10, example=example), outcome("b", "backward", 10)]
    page = html.render(student_view(build(own, grade(*outcomes)), own, now))
    assert ("The smallest example found" in page) is has_example
    assert ("data:application/json" in page) is has_example
