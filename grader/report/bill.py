"""How the checks' points become what counts, as lines of a bill: in every format the same."""

from __future__ import annotations

from dataclasses import dataclass

from grader.report.model import PartReport, Report
from grader.report.text import out_of, plain, points

NOT_MARKED = "not marked yet"
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
    is_by_hand = any(part.by_hand for part in report.parts)
    lines = [Line("Points of all parts" if is_by_hand else "Points of the checks", _number(report.score))]
    if standing.reason:
        lines.append(Line("Late", _signed(-standing.deduction), plain(standing.reason, one_line=True)))
    for one in standing.adjustments:
        by = f" ({plain(one.by, one_line=True)})" if one.by and names else ""
        lines.append(Line("Changed by the staff", _signed(one.points), plain(one.reason, one_line=True) + by))
    return [*lines, Line("So far" if report.unmarked else "What counts", _number(standing.score))]


def part_lines(part: PartReport, *, names: bool = True) -> list[str]:
    """What people said of a part that they mark, a sentence each. `names`: of staff, too, where the report has them."""
    if part.is_unmarked:
        return [NOT_MARKED]
    lines = [f"{plain(item.text, one_line=True)} ({_signed(item.points)})" for item in part.items]
    lines += [plain(part.comment, one_line=True)] if part.comment else []
    by = [f"Marked by {plain(part.marked_by, one_line=True)}."] if part.marked_by and names else []
    return [*lines, *by]


def not_marked(report: Report) -> str:
    """Which parts wait to be marked: "Written report (10 points) is not marked yet". Empty where none does."""
    if not report.unmarked:
        return ""
    said = [f"{plain(part.title, one_line=True)} ({points(part.max_score)} points)" for part in report.unmarked]
    return f"{' and '.join(said)} {'is' if len(said) == 1 else 'are'} {NOT_MARKED}"


def headline(report: Report) -> str:
    """The score with its maximum, "83 / 100"; "so far" where a part is not marked yet."""
    return out_of(report.so_far, report.max_score) + (" so far" if report.unmarked else "")


def _signed(number: float) -> str:
    return _number(number) if not number else f"{'+' if number > 0 else MINUS}{_number(abs(number))}"


def _number(number: float) -> str:
    return f"{round(number, 9) + 0.0:g}"
