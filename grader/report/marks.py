"""What people found in the parts that they mark, and what that is worth by the prices of assignment.toml. Pure.

A mark names items and holds no points: a new price holds for everybody who has the item, without marking again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from grader.judging.scoring import add
from grader.report.model import ItemReport, PartReport, Report
from grader.spec import Assignment, Part


@dataclass(frozen=True)
class Mark:
    """One student's part by hand, marked."""

    items: tuple[str, ...]  # names, in the rubric's order
    comment: str = ""
    by: str = ""


def worth(part: Part, items: Iterable[str]) -> float:
    """The points of a part by hand with these items: what it starts at and their prices, from 0 to the part's.

    An item that the rubric no longer has costs and gives nothing.
    """
    chosen = set(items)
    prices = [item.points for item in part.items if item.name in chosen]
    return min(max(add([part.starts_at, *prices]), 0.0), part.points)


def part_by_hand(part: Part, mark: Mark | None) -> PartReport:
    """A part that people mark, as reports have it; without a mark it has no score."""
    chosen = set(mark.items) if mark is not None else set()
    return PartReport(
        name=part.name,
        title=part.shown_title,
        score=None if mark is None else worth(part, mark.items),
        max_score=part.points,
        section=part.section or "",
        by_hand=True,
        items=tuple(
            ItemReport(name=item.name, points=item.points, text=item.text) for item in part.items if item.name in chosen
        ),
        comment=mark.comment if mark is not None else "",
        marked_by=mark.by if mark is not None else "",
    )


def parts_by_hand(assignment: Assignment, marks: Mapping[str, Mark]) -> tuple[PartReport, ...]:
    """All of them. `marks`: part → mark."""
    return tuple(part_by_hand(part, marks.get(part.name)) for part in assignment.parts_by_hand)


def marked(report: Report, assignment: Assignment, marks: Mapping[str, Mark]) -> Report:
    """A staff's report with these marks in place of whatever it says of parts by hand, and the score that follows."""
    if not assignment.parts_by_hand:
        return report
    known = {part.name: part for part in report.parts if not part.by_hand}
    known |= {part.name: part for part in parts_by_hand(assignment, marks)}
    parts = tuple(known[part.name] for part in assignment.parts if part.name in known)
    score = None if report.score is None else add(part.score for part in parts if part.score is not None)
    return report.model_copy(update={"parts": parts, "score": score, "max_score": assignment.points})
