"""How the checks' points become what counts, as lines of a bill: in every format the same."""

from __future__ import annotations

from dataclasses import dataclass

from grader.report.model import Report
from grader.report.text import plain

MINUS = "\N{MINUS SIGN}"


@dataclass(frozen=True)
class Line:
    """One line: what it is for, and its points with their sign."""

    label: str
    points: str
    note: str = ""


def bill(report: Report, *, names: bool = True) -> list[Line]:
    """The lines between the checks' points and what counts; none where these are the same and nothing was late.

    `names`: of staff, too, where the report has them.
    """
    standing = report.standing
    if standing is None or standing.score is None or report.score is None:
        return []
    lines = [Line("Points of the checks", _number(report.score))]
    if standing.reason:
        lines.append(Line("Late", _signed(-standing.deduction), plain(standing.reason, one_line=True)))
    for one in standing.adjustments:
        by = f" ({plain(one.by, one_line=True)})" if one.by and names else ""
        lines.append(Line("Changed by the staff", _signed(one.points), plain(one.reason, one_line=True) + by))
    return [*lines, Line("What counts", _number(standing.score))]


def _signed(points: float) -> str:
    return _number(points) if not points else f"{'+' if points > 0 else MINUS}{_number(abs(points))}"


def _number(points: float) -> str:
    return f"{round(points, 9) + 0.0:g}"
