"""`grader rubric`: a sheet for what people mark, one row per student, out of a run and back into it.

A cell says whether a student has an item, never how many points it is: prices are assignment.toml's. A row without
anything in it says nothing, so that a sheet may be split among TAs. Everything is looked at before anything is noted.
"""

from __future__ import annotations

import getpass
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from grader.collect.roster import Person, fold
from grader.collect.sheet import read_sheet
from grader.commands.display import named
from grader.commands.grade import publish
from grader.errors import GraderError, UsageError
from grader.gradebook.cells import LIMIT, inert, tidy
from grader.gradebook.counts import markings
from grader.intake.contents import shown
from grader.ledger.records import Marked
from grader.report.bill import NOT_MARKED
from grader.report.marks import Mark, worth
from grader.report.text import count, out_of, plain, points
from grader.report.write import write_bytes
from grader.run import standings
from grader.run.classrun import ClassRun, Settled, reopened
from grader.run.folder import settings_of
from grader.spec import SHEET_COLUMNS, Part

FINE = 0
HAS = frozenset({"x", "1", "yes", "true", "✓", "✔"})
HAS_NOT = frozenset({"0", "no", "false"})
NOBODY = "-"  # in the column `marked_by`: takes the mark back
FAULTS = 20  # that are said at once
SHEET = "rubric's sheet"


@dataclass(frozen=True)
class Row:
    """What a line of the sheet says of a student."""

    line: int
    student: str
    mark: Mark | None  # None: it is to be taken back
    seen: str  # number of the mark that the line was written from; empty where there was none, or nobody knows


@dataclass(frozen=True)
class Change:
    """A student's part before and after."""

    student: str
    before: Mark | None
    after: Mark | None


def run(
    folder: Path,
    out: Path | None,
    sheet: Path | None,
    part: str | None,
    by: str | None,
    ledger: str | None,
    course: Path | None,
) -> int:
    """Write the sheet to `out`, or take in `sheet`, or say how far marking is. Returns the exit code."""
    console = Console()
    settings = settings_of(folder)
    with reopened(folder, settings, ledger, course) as classrun:
        if out is not None:
            chosen = part_of(classrun, part)
            _put(out, classrun, chosen)
            said = f"{out}: {count(len(classrun.ledger.roster(classrun.run)), 'student')}; “{chosen.title}”"
            console.print(said, markup=False, highlight=False, soft_wrap=True)
            return FINE
        if sheet is not None:
            chosen = part_of(classrun, part)
            changes = take_in(classrun, chosen, sheet, by or getpass.getuser(), datetime.now(UTC))
            show_changes(classrun, chosen, changes, console)
        settled = classrun.settle(datetime.now(UTC))  # by the prices of now
        publish(classrun, settled, console)
        show(classrun, settled, console)
    return FINE


def part_of(classrun: ClassRun, name: str | None) -> Part:
    """The part by hand of this name, or the only one. Raises `UsageError`."""
    assignment = classrun.homework.assignment
    by_hand = {part.name: part for part in assignment.parts_by_hand}
    if not by_hand:
        raise UsageError(f"{assignment.name} has no part that is graded by hand")
    if name is None and len(by_hand) > 1:
        raise UsageError(f"several parts are graded by hand: say --part {' or --part '.join(by_hand)}")
    if name is not None and name not in by_hand:
        raise UsageError(f"{shown(name)!r} is no part that is graded by hand; there is {', '.join(by_hand)}")
    return by_hand[name] if name is not None else next(iter(by_hand.values()))


# ------------------------------------------------------------------------------------------------------ out of the run


def _put(path: Path, classrun: ClassRun, part: Part) -> None:
    from grader.gradebook.frames import texts
    from grader.gradebook.write import csv, excel

    columns = [
        "id",
        "name",
        "section",
        "team",
        "hand_in",
        *(item.name for item in part.items),
        "comment",
        "marked_by",
        "mark",
    ]
    frame = texts(rows_of(classrun, part), columns)
    is_excel = path.suffix.lower() == ".xlsx"
    # the mark lets Excel know that it is UTF-8
    content = excel({part.name: frame}) if is_excel else b"\xef\xbb\xbf" + csv(frame)
    try:
        write_bytes(path, content, 0o600)
    except OSError as error:
        raise GraderError(f"the {SHEET} cannot be written to {path}: {error.strerror}") from error


def rows_of(classrun: ClassRun, part: Part) -> list[dict[str, str]]:
    """A row for each student who has not left, sorted by section, name and id."""
    counts = classrun.standings(classrun.ledger.hand_ins(classrun.run)).counts
    people = [person for person in classrun.ledger.roster(classrun.run) if not person.has_left]
    history = histories(classrun, part)
    rows = []
    for person in sorted(people, key=lambda one: (one.section, one.name.casefold(), one.id)):
        hand_in = counts.get(person.id)
        row = {"id": person.id, "name": person.name, "section": person.section, "team": person.team}
        row["hand_in"] = hand_in.hand_in.name if hand_in is not None else ""
        noted = history[person.id][-1] if history[person.id] else None
        if noted is not None and noted.mark is not None:
            row |= dict.fromkeys(noted.mark.items, "x")
            row |= {"comment": noted.mark.comment, "marked_by": noted.mark.by}
        row["mark"] = str(noted.id) if noted is not None else ""
        rows.append(row)
    return rows


def teams_of(classrun: ClassRun) -> dict[str, tuple[str, ...]]:
    """Student's id → who hands in with them, themselves included."""
    counts = classrun.standings(classrun.ledger.hand_ins(classrun.run)).counts
    people = [person.id for person in classrun.ledger.roster(classrun.run)]
    return {one: standings.together(counts[one], counts) if one in counts else (one,) for one in people}


def histories(classrun: ClassRun, part: Part) -> dict[str, list[Marked]]:
    """Student's id → every mark of the part that they, or who hands in with them, ever had, in items of now."""
    marks = [_of_now(one, part) for one in classrun.ledger.marks(classrun.run) if one.part == part.name]
    return {student: [one for one in marks if one.student in team] for student, team in teams_of(classrun).items()}


def _of_now(one: Marked, part: Part) -> Marked:
    if one.mark is None:
        return one
    names = tuple(item.name for item in part.items if item.name in one.mark.items)
    return replace(one, mark=replace(one.mark, items=names))


# ------------------------------------------------------------------------------------------------------ back into it


def take_in(classrun: ClassRun, part: Part, path: Path, by: str, now: datetime) -> list[Change]:
    """Note what the sheet says. Returns what is other than before. Raises `UsageError`; then nothing is noted."""
    faults: list[str] = []
    rows = _read(path, part, classrun.ledger.roster(classrun.run), by, faults)
    teams, history = teams_of(classrun), histories(classrun, part)
    fresh = [row for row in rows if _is_fresh(row, history[row.student], faults)]
    said = _of_everybody(fresh, teams, faults)
    if faults:
        more = f"\n… and {len(faults) - FAULTS} more" if len(faults) > FAULTS else ""
        raise UsageError(f"the {SHEET} {path}: nothing is taken in.\n" + "\n".join(faults[:FAULTS]) + more)
    marks = {(student, part.name): row.mark for student, row in said.items()}
    classrun.ledger.mark(classrun.run, marks, by, now)
    before = {student: history[student][-1].mark if history[student] else None for student in said}
    return [Change(student, before[student], row.mark) for student, row in said.items()]


def _read(path: Path, part: Part, people: Sequence[Person], by: str, faults: list[str]) -> list[Row]:
    """The rows that say something."""
    table = read_sheet(path, SHEET)
    titles = [fold(_bare(cell)) for cell in table[0][1]] if table else []
    items = [item.name for item in part.items]
    known = [*SHEET_COLUMNS, *items]
    repeated = sorted({title for title in titles if title and titles.count(title) > 1})
    faults += [f"the column {shown(title)} is there twice" for title in repeated]
    faults += [
        f"the column {shown(title)} is no item of “{part.title}”, which has {', '.join(items)}. Remove it, or name one"
        for title in dict.fromkeys(titles)
        if title and title not in known
    ]
    missing = [name for name in ("id", *items, "comment", "marked_by") if name not in titles]
    faults += [f"there is no column {name}: write the sheet anew with -o" for name in missing]
    if faults:
        return []
    ids = {fold(person.id): person.id for person in people}
    rows: list[Row] = []
    lines: dict[str, int] = {}
    for line, row in table[1:]:
        cells = {title: _bare(row[place]) if place < len(row) else "" for place, title in enumerate(titles) if title}
        if any(_bare(cell) for cell in row[len(titles) :]):
            faults.append(f"line {line}: it has more cells than there are columns")
            continue
        student = ids.get(fold(cells["id"]))
        if student is None:
            faults.append(f"line {line}: nobody in this run has the id {shown(cells['id']) or '(nothing)'}")
            continue
        if student in lines:
            faults.append(f"line {line}: {shown(student)} is there twice, first in line {lines[student]}. Keep one.")
            continue
        lines[student] = line
        try:
            said, mark = _mark(cells, items, by)
        except ValueError as error:
            faults.append(f"line {line}, {shown(student)}: {error}")
            continue
        if said:
            rows.append(Row(line, student, mark, cells.get("mark", "")))
    return rows


def _mark(cells: Mapping[str, str], items: Sequence[str], by: str) -> tuple[bool, Mark | None]:
    """Whether the row says anything, and what. Raises `ValueError` with a clause for what is no mark."""
    if cells["marked_by"] == NOBODY:
        return True, None
    found = [name for name in items if cells[name]]
    for name in found:
        if fold(cells[name]) not in HAS | HAS_NOT:
            raise ValueError(
                f"{shown(cells[name])!r} at {name} is neither x nor 1, nor empty: prices are assignment.toml's"
            )
    if len(cells["comment"]) > LIMIT:
        raise ValueError(f"a comment has at most {LIMIT:,} characters")
    if not found and not cells["marked_by"]:
        if cells["comment"]:
            raise ValueError("a comment, but no item: if none applies, say in marked_by who looked at it")
        return False, None
    chosen = tuple(name for name in found if fold(cells[name]) in HAS)
    return True, Mark(chosen, tidy(cells["comment"]), tidy(cells["marked_by"]) or by)


def _bare(cell: str) -> str:
    """A cell as it was before `inert` put an apostrophe in front."""
    cell = cell.strip()
    return cell[1:] if cell.startswith("'") and inert(cell[1:]) == cell else cell


def _is_fresh(row: Row, mine: Sequence[Marked], faults: list[str]) -> bool:
    """Whether a row says other than the run does. `mine`: the history of the student, or of the team.

    A row that is as it was written, before somebody else's mark, is no change; one that is not is a fault.
    """
    held = mine[-1] if mine else None
    if _same(row.mark, held.mark if held else None):
        return False
    if held is None or row.seen == str(held.id):
        return True
    seen = next((one.mark for one in mine if str(one.id) == row.seen), None)
    if not _same(row.mark, seen):
        faults.append(_overtaken(row, held))
    return False


def _overtaken(row: Row, held: Marked) -> str:
    return (
        f"line {row.line}, {shown(row.student)}: {shown(held.by)} marked it after this sheet was written. Look at the "
        f"student's row in a new sheet (-o); to mark it in this one all the same, put {held.id} into the column mark"
    )


def _same(one: Mark | None, other: Mark | None) -> bool:
    """Who marked it makes no difference."""
    if one is None or other is None:
        return one is other
    return (set(one.items), one.comment) == (set(other.items), other.comment)


def _of_everybody(rows: Sequence[Row], teams: Mapping[str, Sequence[str]], faults: list[str]) -> dict[str, Row]:
    """Student's id → the row that is about them: who hands in together is marked together."""
    said: dict[str, Row] = {}
    for row in rows:
        others = {said[student].line: said[student] for student in teams[row.student] if student in said}
        faults += [
            f"lines {other.line} and {row.line}: {shown(other.student)} and {shown(row.student)} hand in together, and "
            "are marked differently"
            for other in others.values()
            if not _same(other.mark, row.mark)
        ]
        said |= dict.fromkeys(teams[row.student], row)
    return said


# ------------------------------------------------------------------------------------------------------ on the terminal


def show_changes(classrun: ClassRun, part: Part, changes: Sequence[Change], console: Console) -> None:
    """A line for each student whose mark is another one: points, items and comment, before and after."""
    if not changes:
        console.print(f"“{plain(part.title)}”: the sheet says what the run says.", markup=False, highlight=False)
        return
    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
    for title in ("Student", "Before", "After"):
        table.add_column(title, overflow="fold")
    people = {person.id: person for person in classrun.ledger.roster(classrun.run)}
    for one in sorted(changes, key=lambda change: change.student):
        cells = named(people.get(one.student), one.student), _words(part, one.before), _words(part, one.after)
        table.add_row(*(Text(plain(cell, one_line=True)) for cell in cells))
    console.print(table)
    console.print(f"“{plain(part.title)}”: {count(len(changes), 'mark')} changed.", markup=False, highlight=False)


def _words(part: Part, mark: Mark | None) -> str:
    if mark is None:
        return NOT_MARKED
    said = [points(worth(part, mark.items)), ", ".join(mark.items) or "no item"]
    return ": ".join(said) + (f"; “{mark.comment}”" if mark.comment else "")


def show(classrun: ClassRun, settled: Settled, console: Console) -> None:
    """How far marking is: for each part how many are marked, and how many have which item."""
    assignment = classrun.homework.assignment
    for one in markings(settled.entries, assignment):
        part = one.part
        head = f"{part.title}: {len(one.scores)} of {count(one.students, 'student')} marked"
        mean = round(sum(one.scores) / len(one.scores), 2) if one.scores else None
        head += f", mean {out_of(mean, part.points)}" if mean is not None else ""
        console.print(Text(plain(head, one_line=True), "bold"))
        for item, number in zip(part.items, one.having, strict=True):
            line = f"  {number:4}  {item.points:+g}  {item.name}: {item.text}"
            console.print(plain(line), markup=False, highlight=False, soft_wrap=True)
        known = {item.name for item in part.items}
        held = {each.student: each.mark for each in classrun.ledger.marks(classrun.run) if each.part == part.name}
        lost = {name for mark in held.values() if mark is not None for name in mark.items if name not in known}
        if lost:
            said = f"  marked before, but no item of assignment.toml any more: {', '.join(sorted(lost))}"
            console.print(said, style="yellow", markup=False, highlight=False, soft_wrap=True)
