"""`report.html`: one file that needs no network and no script, and forbids both (see `page`)."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from itertools import groupby
from typing import Any

from jinja2 import Environment
from markupsafe import Markup, escape
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from grader.outcome import Evidence, Example, Line, Shown, Verdict
from grader.report import evidence as evidences
from grader.report import measured
from grader.report.bill import MINUS, bill, headline, not_marked, part_lines
from grader.report.cards import cards, place_of, variant
from grader.report.looks import LOOK, NOT_GRADED, sheet_of_verdicts, tally
from grader.report.model import CheckReport, PartReport, Report
from grader.report.page import environment, policy, sheet
from grader.report.text import DASH, TIMES, anchor, count, out_of, plain, points

PASSED = Markup(
    '<span class="mark passed"><svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">'
    '<use href="#i-passed"/></svg><span class="visually-hidden">Passed: </span></span>'
)
MAP_PIXELS = 232  # the longer side of an error map, about


@dataclass(frozen=True)
class Group:
    """One part with its checks, those that need attention apart from those that passed."""

    part: PartReport | None  # None for checks that name no part of the assignment
    title: str
    failed: tuple[CheckReport, ...]
    passed: tuple[CheckReport, ...]


@dataclass(frozen=True)
class Segment:
    """One part's stretch of the score bar, all in thousandths of its length."""

    x: float
    width: float
    filled: float


@dataclass(frozen=True)
class Drawing:
    """An error map as SVG: a path of cells for each level that occurs, one unit per cell."""

    rows: int
    columns: int
    cell: int  # pixels
    paths: dict[int, str]  # by level
    grid: str
    row_axis: str
    column_axis: str
    caption: str


def render(report: Report) -> str:
    """The page for `report`: the staff's view, with its banner, where nothing is withheld from it."""
    style = _sheet()
    made = cards(report)
    page = (
        _environment()
        .get_template("report.html.j2")
        .render(
            report=report,
            staff=report.withheld is None,
            groups=_groups(report),
            cards=made,
            cause_of={check.name: card.number for card in made for one in (card, *card.follow) for check in one.checks},
            told_by_card=any(card.tells(report.problem) for card in made),
            segments=_segments(report),
            counts=tally(check.verdict for check in report.checks),
            sheet=style,
            policy=policy(style),
        )
    )
    return page + "\n"


@cache
def _sheet() -> str:
    return f"{sheet('report.css')}\n{sheet_of_verdicts()}"


@lru_cache(4096)  # a class's reports say much the same
def prose(text: str) -> Markup:
    """Text with `backticked` words as code, the rest escaped."""
    pieces = re.split(r"`([^`\n]+)`", plain(text))
    return Markup("").join(
        Markup("<code>{}</code>").format(piece) if i % 2 else escape(piece) for i, piece in enumerate(pieces)
    )


def passed_item(check: CheckReport, *, staff: bool) -> Markup:
    """The line of a check that passed."""
    labels = (check.visibility, check.hide_errors, check.tags) if staff else None
    detail = check.staff_detail if staff else None
    shown = (check.sentence or check.name, check.message, check.score, check.max_score, labels, detail)
    return _passed_item(*shown, PASSED, variant(check))


def lines_of(line: Line) -> list[tuple[int, Markup]]:
    """The lines of the student's file with their numbers, highlighted."""
    return list(enumerate(map(Markup, python("\n".join(line.around)).split("\n")), line.first))


def changed(report: Report) -> list[tuple[str, list[CheckReport]]]:
    """What an attempt won and lost beside the one before, as (label, checks)."""
    if report.since is None:
        return []
    by_name = {check.name: check for check in report.checks}
    found = [("won", report.since.won), ("lost", report.since.lost)]
    return [(label, [by_name[name] for name in names if name in by_name]) for label, names in found]


def python(source: str) -> Markup:
    """Python, highlighted."""
    shown = highlight(plain(source), PythonLexer(stripnl=False, ensurenl=False), HtmlFormatter(nowrap=True))
    # Pygments leaves quotes in the text as they are. Nothing else of ours does, so that nobody has to tell them apart.
    quoted = re.sub(r"(?<=>)[^<]+", lambda text: text[0].replace('"', "&#34;"), f">{shown}")[1:]
    return Markup(quoted)  # noqa: S704 - Pygments escapes


def differs(one: Shown, other: Shown | None, plane: int, row: int, column: int) -> bool:
    """Whether a cell of a tensor is another one's in a tensor of the same form."""
    if other is None or one.form != other.form or len(one.planes) != len(other.planes):
        return False
    return one.planes[plane][row][column] != other.planes[plane][row][column]


def data_url(example: Example) -> str:
    """An example as a file to save."""
    return f"data:application/json;base64,{base64.b64encode(example.file.encode()).decode()}"


def day(moment: str) -> str:
    """A moment in ISO 8601 as people write it: "20 March 2027, 03:00 (UTC+08:00)"."""
    at = datetime.fromisoformat(moment)
    return f"{at.day} {at:%B %Y, %H:%M} (UTC{moment[-6:]})"


@lru_cache(4096)  # as above
def _passed_item(*shown: Any) -> Markup:
    made: Markup = _environment().get_template("check.html.j2").module.passed(*shown)  # type: ignore[attr-defined]
    return made


def draw(evidence: Evidence) -> Drawing | None:
    """The error map of `evidence`, or None where it has none worth a picture (a single cell)."""
    levels = evidence.error_map
    rows, columns = len(levels), max(map(len, levels), default=0)
    if rows * columns < 2:
        return None
    plane = (1, 1, *evidence.expected_shape)[-2:]
    return Drawing(
        rows=rows,
        columns=columns,
        cell=max(4, min(20, MAP_PIXELS // max(rows, columns))),
        paths=_cells(levels),
        grid="".join(f"M{x} 0v{rows}" for x in range(1, columns))
        + "".join(f"M0 {y}h{columns}" for y in range(1, rows)),
        row_axis=f"rows 0{DASH}{plane[0] - 1}" if rows > 1 else "",
        column_axis=f"columns 0{DASH}{plane[1] - 1}" if rows > 1 else f"elements 0{DASH}{plane[1] - 1}",
        caption=_caption(evidence),
    )


def _caption(evidence: Evidence) -> str:
    rows, columns = evidences.cell(evidence)
    folded = {3: "Worst over the first axis.", 4: "Worst over batch and channels."}
    rank = len(evidence.expected_shape)
    text = folded.get(rank, "Worst over all axes but the last two.") if rank > 2 else ""
    return f"{text} A cell is {rows} {TIMES} {columns} elements.".strip() if rows * columns > 1 else text


def _cells(levels: evidences.Map) -> dict[int, str]:
    """For each level that occurs, an SVG path: a rectangle of one unit's height around each run of its cells."""
    paths: dict[int, list[str]] = {}
    for y, row in enumerate(levels):
        x = 0
        for level, run in groupby(row):
            width = sum(1 for _ in run)
            paths.setdefault(min(max(level, 0), 9), []).append(f"M{x} {y}h{width}v1h-{width}z")
            x += width
    return {level: "".join(runs) for level, runs in sorted(paths.items())}


def _groups(report: Report) -> list[Group]:
    known = {part.name: part for part in report.parts}
    strays = dict.fromkeys(check.part for check in report.checks if check.part not in known)
    groups = []
    for name in [*known, *strays]:
        checks = [check for check in report.checks if check.part == name]
        passed = tuple(check for check in checks if check.verdict is Verdict.PASSED)
        failed = tuple(check for check in checks if check.verdict is not Verdict.PASSED)
        part = known.get(name)
        groups.append(Group(part, part.title if part else name, failed, passed))
    return groups


def _segments(report: Report) -> list[Segment]:
    segments, x = [], 0.0
    for part in report.parts:
        width = 1000 * part.max_score / report.max_score
        segments.append(Segment(round(x, 2), round(max(width - 4, 1), 2), round(_filled(part) * max(width - 4, 1), 2)))
        x += width
    return segments


def _filled(part: PartReport) -> float:
    """0 to 1."""
    return 0.0 if part.score is None or part.max_score <= 0 else min(max(part.score / part.max_score, 0.0), 1.0)


@cache
def _environment() -> Environment:
    made = environment()
    made.filters |= {
        "prose": prose,
        "points": points,
        "percent": _filled,
        "anchor": anchor,
        "day": day,
        "data_url": data_url,
    }
    made.globals |= {
        "out_of": out_of,
        "count": count,
        "facts": evidences.facts,
        "bill": bill,
        "headline": headline,
        "not_marked": not_marked,
        "part_lines": part_lines,
        "place": evidences.place,
        "measured_facts": measured.facts,
        "learning_curves": measured.lines,
        "gauge": measured.gauge,
        "advice": measured.advice,
        "draw": draw,
        "variant": variant,
        "changed": changed,
        "lines_of": lines_of,
        "place_of": place_of,
        "python": python,
        "differs": differs,
        "follow_checks": lambda card: sum(len(one.checks) for one in card.follow),
        "lost_of": lambda test: f"{MINUS}{points(test.lost)}" if test.lost else "",
        "count_points": lambda number: f"{points(number)} {'point' if number == 1 else 'points'}",
        "passed_item": passed_item,
        "look": LOOK,
        "not_graded": NOT_GRADED,
    }
    return made
