"""The self-check as a page: for each homework its headline, and its solutions of known worth × checks as a picture.

Names and squares are two drawings side by side, so that the names stay in place while the squares scroll.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from jinja2 import Template

from grader.commands.selfcheck.matrix import Cell, Matrix, Row, cells
from grader.commands.selfcheck.text import headline
from grader.outcome import Check, Verdict
from grader.report.page import environment, policy, sheet
from grader.report.text import count, points

SIDE = 14  # pixels of a cell, with the gap to the next one
LETTER = 6.8  # pixels of a part's name per character, at most
GAP = 12  # between two parts, two groups of rows
HEAD = 34  # above the first row
SYMBOL = {
    Cell.PASSED: "p",
    Cell.DIAGNOSED: "d",
    Cell.LOST: "l",
    Cell.BLOCKED: "l",
    Cell.UNREACHED: "n",
    Cell.ASTRAY: "a",
    Cell.UNJUDGED: "u",
}


@dataclass(frozen=True)
class Column:
    """One check: where it stands and what a pointer reads."""

    x: float
    title: str


@dataclass(frozen=True)
class Band:
    """One part's columns: its name above them."""

    x: float
    width: float
    name: str


@dataclass(frozen=True)
class Line:
    """One solution: its label, and its cells but for blank ones and passed ones, which one path draws for all lines."""

    y: int
    name: str
    score: str
    title: str
    cells: tuple[tuple[str, float, str], ...]  # symbol, x, title


@dataclass(frozen=True)
class Picture:
    """The matrix of one homework, in pixels."""

    width: float
    height: int
    bands: tuple[Band, ...]
    columns: tuple[Column, ...]
    headings: tuple[tuple[int, str], ...]  # y, text
    lines: tuple[Line, ...]
    dots: str  # SVG path of everything that passed


@dataclass(frozen=True)
class Section:
    """One homework of the page."""

    matrix: Matrix
    headline: str
    facts: tuple[tuple[str, str], ...]
    picture: Picture


def render(matrices: Sequence[Matrix]) -> str:
    """The self-check of these homeworks as one HTML page: for staff, since it names hidden checks and mistakes."""
    style = sheet("report.css", "matrix.css")
    faults = sum(len(matrix.faults) for matrix in matrices)
    page = _template().render(
        sections=[Section(matrix, headline(matrix), _facts(matrix), draw(matrix)) for matrix in matrices],
        title=f"falls short in {count(faults, 'way')}" if faults else "grades as declared",
        legend=[(SYMBOL[cell], str(cell)) for cell in Cell],
        side=SIDE,
        sheet=style,
        policy=policy(style),
    )
    return page + "\n"


def draw(matrix: Matrix) -> Picture:
    """Rows are solutions, mistakes grouped by the first of their parts; columns are checks, grouped by part."""
    order, bands, width = _columns(matrix)
    xs = [order[i] for i in range(len(matrix.checks))]
    headings: list[tuple[int, str]] = []
    lines: list[Line] = []
    dots: list[str] = []
    y = HEAD
    for heading, rows in _groups(matrix):
        y += GAP if lines else 0
        headings.append((y, heading))
        y += SIDE + 5
        for row in rows:
            found = cells(matrix, row)
            dots += [
                f"M{x + SIDE / 2:g} {y + SIDE / 2:g}h0"
                for x, cell in zip(xs, found, strict=True)
                if cell is Cell.PASSED
            ]
            lines.append(_line(matrix, row, found, xs, y))
            y += SIDE
    columns = tuple(Column(x, _about(check)) for x, check in zip(xs, matrix.checks, strict=True))
    return Picture(width, y + GAP, bands, columns, tuple(headings), tuple(lines), "".join(dots))


def _columns(matrix: Matrix) -> tuple[dict[int, float], tuple[Band, ...], float]:
    """Check → x, the parts' bands, and how wide all is. A part is at least as wide as its name."""
    order: dict[int, float] = {}
    bands, x = [], 0.0
    for part in dict.fromkeys(check.part for check in matrix.checks):
        own = [i for i, check in enumerate(matrix.checks) if check.part == part]
        order |= {i: x + SIDE * place for place, i in enumerate(own)}
        width = max(SIDE * len(own), LETTER * len(part))
        bands.append(Band(x, SIDE * len(own), part))
        x += width + GAP
    return order, tuple(bands), x


def _groups(matrix: Matrix) -> Iterator[tuple[str, list[Row]]]:
    """Heading → rows, in the order of the page."""
    correct = [row for row in matrix.rows if row.kind in ("reference", "alternative")]
    starter = [row for row in matrix.rows if row.kind == "starter"]
    yield from ((heading, rows) for heading, rows in (("correct", correct), ("starter", starter)) if rows)
    mistakes = [row for row in matrix.rows if row.kind == "mistake"]
    for part in _by_first_seen(matrix, mistakes):
        rows = [row for row in mistakes if row.parts[:1] == (part,)]
        if rows:
            yield f"{part}: {count(len(rows), 'mistake')}", rows


def _by_first_seen(matrix: Matrix, mistakes: Iterable[Row]) -> list[str]:
    names = [*(check.part for check in matrix.checks), *(part for row in mistakes for part in row.parts[:1])]
    return list(dict.fromkeys(names))


def _line(matrix: Matrix, row: Row, found: Sequence[Cell], xs: Sequence[float], y: int) -> Line:
    shown = tuple(
        (SYMBOL[cell], x, _says(row, check, verdict, diagnosis))
        for cell, x, check, verdict, diagnosis in zip(
            found, xs, matrix.checks, row.verdicts, row.diagnoses, strict=True
        )
        if cell not in (Cell.PASSED, Cell.UNREACHED)
    )
    lost = f", loses points in {', '.join(row.parts)}" if row.kind == "mistake" else ""
    return Line(y, row.name, points(row.score), f"{row.kind} {row.name}{lost}", shown)


def _says(row: Row, check: Check, verdict: Verdict, diagnosis: str) -> str:
    known = f", diagnosed as {diagnosis}" if diagnosis else ""
    return f"{row.name}\n{check.part}: {check.name}\n{verdict}{known}"


def _about(check: Check) -> str:
    return f"{check.part}: {check.name}, {points(check.points)} points\n{check.sentence}"


def _facts(matrix: Matrix) -> tuple[tuple[str, str], ...]:
    kinds = Counter(row.kind for row in matrix.rows)
    tally = Counter(cell for row in matrix.rows if row.kind == "mistake" for cell in cells(matrix, row))
    lost = tally.total() - tally[Cell.PASSED] - tally[Cell.UNREACHED]
    return (
        (points(matrix.points), "points"),
        (f"{len(matrix.checks):,}", "checks"),
        (f"{kinds['reference'] + kinds['alternative']:,}", "correct solutions"),
        (f"{kinds['mistake']:,}", "mistakes"),
        (f"{100 * tally[Cell.DIAGNOSED] // lost if lost else 0}%", "of lost checks diagnosed"),
        (f"{matrix.seconds:.0f}", "seconds"),
    )


@cache
def _template() -> Template:
    made = environment()
    made.globals |= {"count": count}
    return made.get_template("matrix.html.j2")
