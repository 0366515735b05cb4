"""What a mark is worth: by the prices of now, whatever they were when it was made."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from grader.report import gradescope, html, markdown
from grader.report.build import build
from grader.report.marks import Mark, marked, part_by_hand, worth
from grader.report.model import Report
from grader.spec import Assignment, Part, RubricItem
from tests.grader.report import samples

PRICES = st.integers(-40, 40).map(lambda quarters: quarters / 4)


def part_of(prices: list[float], name: str = "essay") -> Part:
    """A part of 10 points with these prices, and with an item that gives all where any gives some."""
    full = [10.0] if any(price > 0 for price in prices) else []
    items = [RubricItem(name=f"i{number}", points=price, text="Text.") for number, price in enumerate([*prices, *full])]
    return Part(name=name, title="Essay", points=10, graded="by hand", items=tuple(items))


@given(st.lists(PRICES, min_size=1, max_size=6), st.sets(st.integers(0, 7)))
def test_points_are_the_start_and_the_prices_within_bounds(prices, chosen):
    part = part_of(prices)
    names = [item.name for item in part.items if int(item.name[1:]) in chosen]
    start = 0 if any(item.points > 0 for item in part.items) else 10
    exact = start + sum(item.points for item in part.items if item.name in names)
    assert worth(part, names) == min(max(exact, 0), 10)
    assert worth(part, reversed(names)) == worth(part, [*names, *names]) == worth(part, names)


@given(st.lists(PRICES, min_size=2, max_size=2), st.lists(PRICES, min_size=2, max_size=2), st.sets(st.integers(0, 1)))
def test_a_new_price_is_as_if_all_were_marked_with_it(old, new, chosen):
    """A mark holds names only: under new prices it is what it would be, had it been made under them."""
    old, new = [-abs(price) for price in old], [-abs(price) for price in new]
    mark = Mark(tuple(f"i{number}" for number in sorted(chosen)), "Well.", "ta")
    first, assignment = marks_under(old, mark), assignment_of(new)
    again = marked(first, assignment, {"essay": mark})
    assert again == marks_under(new, mark)
    assert again.score == 15 + worth(part_of(new), mark.items)


def assignment_of(prices: list[float]) -> Assignment:
    """Two parts of 10 points that checks grade, and one by hand."""
    checked = (Part(name=name, title=name, points=10) for name in ("forward", "backward"))
    return Assignment(name="hw1", title="T", points=30, files=("a.py",), parts=(*checked, part_of(prices)))


def marks_under(prices: list[float], mark: Mark) -> Report:
    assignment = assignment_of(prices)
    return marked(build(assignment, samples.whole()), assignment, {"essay": mark})


def test_a_part_without_a_mark_has_no_score_and_takes_none_from_the_others():
    report = build(assignment_of([-1]), samples.whole())
    assert (report.score, report.so_far, report.final, report.faults) == (15, 15, None, ())
    assert [part.name for part in report.unmarked] == ["essay"]


def test_a_check_of_a_part_by_hand_is_a_fault():
    report = build(assignment_of([-1]), samples.grade(*samples.whole().outcomes, samples.outcome("e", "essay")))
    assert report.score is None
    assert "check 'e' names part 'essay', which is graded by hand." in report.faults


def test_an_item_that_the_rubric_does_not_have_is_worth_nothing_and_not_shown():
    part = part_by_hand(part_of([-1, -2]), Mark(("gone", "i1")))
    assert (part.score, [item.name for item in part.items]) == (8, ["i1"])


def test_a_comment_is_text_in_every_format():
    report = marks_under([-1], Mark(("i0",), samples.HOSTILE, samples.HOSTILE))
    page, text = html.render(report), markdown.render(report)
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>" not in text
    assert "\\[click\\]" in text
    assert not any(sign in page + text + gradescope.render(report) for sign in ("\x1b", "\u202e", "\x00"))
