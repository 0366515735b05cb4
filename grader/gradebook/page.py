"""`write_class_page`: a class's standing as one HTML file, for staff. No network; one script, which sorts the table."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import quote

from jinja2 import Template
from markupsafe import Markup

from grader.gradebook import pictures
from grader.gradebook.counts import Marking, counts, markings
from grader.gradebook.entry import Entry, Student
from grader.gradebook.frames import boards, by_student, places, status
from grader.gradebook.statistics import Analysis, analyse
from grader.judging.scoring import add
from grader.report.bill import part_lines
from grader.report.html import prose
from grader.report.model import PartReport
from grader.report.page import HERE, environment, policy, sheet
from grader.report.text import DASH, count, out_of, plain, points
from grader.report.write import write
from grader.spec import Assignment

SLOWEST = 8
FIRST = 10  # mistakes and late submissions that are shown before the rest is folded away


@dataclass(frozen=True)
class Section:
    """One homework of the page."""

    assignment: Assignment
    facts: tuple[tuple[str, str], ...]
    analysis: Analysis
    ungraded: tuple[Entry, ...]  # the grader failed: nothing is more urgent
    lost: tuple[Entry, ...]  # handed in, but not taken in, or not graded yet
    slowest: tuple[Entry, ...]
    late: tuple[Entry, ...]
    markings: tuple[Marking, ...]
    histogram: Markup | None
    heat: Markup | None
    verdicts: Markup | None
    items: Markup | None
    legend: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Cell:
    """One cell of the table; `value` is what a number sorts by, "" where there is none, None where text sorts."""

    text: str
    value: str | None = None
    link: str = ""
    note: str = ""


def write_class_page(entries: Sequence[Entry], assignments: Mapping[str, Assignment], path: Path) -> None:
    """Write the page of these homeworks to `path`, readable only for the user who writes it.

    `path` lies in the run's folder: links to reports are relative to it. Raises `GradebookError` as `write_gradebook`.
    """
    write(path, render(entries, assignments), mode=0o600)


def render(entries: Sequence[Entry], assignments: Mapping[str, Assignment]) -> str:
    """The page as text: the same from the same entries."""
    students = by_student(entries, assignments)
    names = sorted(assignments)
    columns = boards(entries).get(names[0], []) if len(names) == 1 else []
    has_days = len(names) == 1 and any(entry.late_days_used or entry.late_days_left for entry in entries)
    style, script = sheet("report.css", "class.css"), (HERE / "class.js").read_text("utf-8").strip()
    page = _template().render(
        title=assignments[names[0]].title if len(names) == 1 else count(len(names), "homework"),
        students=len(students),
        sections=[_section([own[name] for _, own in students if name in own], assignments[name]) for name in names],
        heads=_heads(assignments, columns, has_days=has_days),
        rows=[_row(student, own, assignments, columns, has_days=has_days) for student, own in students],
        first=FIRST,
        sheet=style,
        script=script,
        policy=policy(style, script),
    )
    return page + "\n"


def _section(entries: Sequence[Entry], assignment: Assignment) -> Section:
    analysis = analyse(entries, assignment.name)
    scored = sorted(
        (entry for entry in entries if entry.score is not None), key=lambda entry: (entry.score, entry.student.id)
    )
    scores = [entry.score for entry in scored if entry.score is not None]
    timed = [entry for entry in entries if entry.report is not None]
    late = [entry for entry in entries if entry.late_seconds > 0]
    name = assignment.name
    return Section(
        assignment,
        _facts(entries, scores, assignment),
        analysis,
        tuple(entry for entry in entries if entry.report is not None and entry.score is None and not entry.waits),
        tuple(entry for entry in entries if entry.report is None and entry.attempt),
        tuple(sorted(timed, key=lambda entry: -seconds(entry))[:SLOWEST]),
        tuple(sorted(late, key=lambda entry: (-entry.late_seconds, entry.student.id))),
        tuple(markings(entries, assignment)),
        pictures.histogram(scores, assignment.points, name, len(analysis.parts)) if scores else None,
        _heat(scored, assignment),
        pictures.verdicts(analysis, name) if analysis.n else None,
        pictures.items(analysis, name) if any(item.discrimination is not None for item in analysis.checks) else None,
        tuple(pictures.legend(analysis)),
    )


def _facts(entries: Sequence[Entry], scores: Sequence[float], assignment: Assignment) -> tuple[tuple[str, str], ...]:
    full = sum(score >= assignment.points - 1e-9 for score in scores)
    found = counts(entries)
    facts = [(f"{found.pop('graded'):,}", "graded")]
    if scores:
        facts += [(f"{statistics.fmean(scores):.1f}", "mean"), (points(round(statistics.median(scores), 2)), "median")]
        facts += [(f"{full:,}", "with full marks")]
    facts += [(f"{number:,}", word) for word, number in found.items() if number or word == "handed in nothing"]
    facts += [(f"{sum(entry.late_seconds > 0 for entry in entries):,}", "late")]
    return tuple(facts)


def _heat(scored: Sequence[Entry], assignment: Assignment) -> Markup | None:
    """The picture of who has what, or None where nobody has a report."""
    graded = [entry for entry in scored if entry.report is not None]
    if not graded:
        return None
    shares = []
    for entry in graded:
        assert entry.report is not None
        own = {part.name: part for part in entry.report.parts}
        shares.append(
            [_share(own[part.name].score, part.points) if part.name in own else None for part in assignment.parts]
        )
    labels = [f"{plain(called(one.student))}: {out_of(one.score, one.max_score)}" for one in graded]
    return pictures.heat(shares, [part.name for part in assignment.parts], labels, assignment.name)


def _share(score: float | None, of: float) -> float | None:
    return None if score is None else score / of


def _heads(assignments: Mapping[str, Assignment], columns: Sequence[str], *, has_days: bool) -> list[tuple[str, bool]]:
    """The table's columns, and whether they hold numbers: scores first, where a telephone still shows them."""
    names = sorted(assignments)
    if len(names) == 1:
        parts = [(part.name, True) for part in assignments[names[0]].parts]
        days = ("Late days used", "Late days left") if has_days else ()
        late = [("Late", True), *((head, True) for head in days)]
        middle = [("Score", True), *parts, *((column, True) for column in columns), *late, ("Status", False)]
    else:
        middle = [*((name, True) for name in names), ("Total", True), ("Without score", True)]
    return [("Student", False), *middle, ("Section", False), ("Id", False)]


def _row(
    student: Student,
    own: Mapping[str, Entry],
    assignments: Mapping[str, Assignment],
    columns: Sequence[str],
    *,
    has_days: bool,
) -> list[Cell]:
    names = sorted(assignments)
    if len(names) == 1:
        middle = _details(own[names[0]], assignments[names[0]], columns, has_days=has_days)
    else:
        scores = [score for score in (own[name].score for name in names if name in own) if score is not None]
        total = add(scores) if scores else None
        missing = str(len(names) - len(scores))
        middle = [_score(own[name]) if name in own else Cell(DASH, "") for name in names]
        middle += [Cell(points(total), _value(total)), Cell(missing, missing)]
    return [Cell(called(student)), *middle, Cell(student.section), Cell(student.id)]


def _details(entry: Entry, assignment: Assignment, columns: Sequence[str], *, has_days: bool) -> list[Cell]:
    parts = {part.name: part for part in entry.parts}
    cells = [_score(entry), *(_part(parts.get(part.name)) for part in assignment.parts)]
    reached = places(entry)
    cells += [Cell(f"{reached[one]:.4g}" if one in reached else DASH, _value(reached.get(one))) for one in columns]
    cells.append(
        Cell(lateness(entry.late_seconds), f"{entry.late_seconds:.0f}") if entry.late_seconds > 0 else Cell("", "")
    )
    if has_days:
        cells += [Cell(str(days), str(days)) for days in (entry.late_days_used, entry.late_days_left)]
    return [*cells, Cell(status(entry), note=entry.problem if entry.report is None else "")]


def _part(part: PartReport | None) -> Cell:
    """A part's points; of one that people mark, with what they said."""
    if part is None:
        return Cell(DASH, "")
    return Cell(points(part.score), _value(part.score), note=" · ".join(part_lines(part)) if part.by_hand else "")


def _score(entry: Entry) -> Cell:
    changed = [f"{points(-entry.deduction)} late"] if entry.deduction else []
    changed += [f"{one.points:+g}: {one.reason} ({one.by})" for one in entry.adjustments]
    return Cell(points(entry.score), _value(entry.score), link(entry), ", ".join(changed))


def _value(score: float | None) -> str:
    return "" if score is None else f"{score:.9g}"


def called(student: Student) -> str:
    """What a student is called: the name, or the id where there is none."""
    return student.name or student.id


def link(entry: Entry) -> str:
    """The report's address relative to the page, or nothing; never one that leads to another place than a file."""
    return f"./{quote(entry.page, errors='replace')}" if entry.page else ""


def seconds(entry: Entry) -> float:
    """How long grading took."""
    return entry.report.provenance.seconds if entry.report else 0.0


def lateness(late: float) -> str:
    """Seconds as people say them: "2 d 3 h", "45 min"."""
    minutes = max(int(late // 60), 1)
    days, hours = divmod(minutes // 60, 24)
    if days:
        return f"{days} d {hours} h" if hours else f"{days} d"
    if hours and minutes % 60:
        return f"{hours} h {minutes % 60} min"
    return f"{hours} h" if hours else f"{minutes} min"


@cache
def _template() -> Template:
    made = environment()
    made.filters |= {"prose": prose, "points": points}
    made.globals |= {
        "count": count,
        "called": called,
        "link": link,
        "seconds": seconds,
        "lateness": lateness,
        "out_of": out_of,
    }
    return made.get_template("class.html.j2")
