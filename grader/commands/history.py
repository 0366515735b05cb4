"""`grader history`: a student's attempts and grades in a run, and why each of them changed."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from grader.collect.owners import find
from grader.ledger.records import Given
from grader.report.marks import worth
from grader.report.text import out_of, plain, points
from grader.run.classrun import ClassRun, reopened
from grader.run.folder import settings_of
from grader.run.standings import order

FINE = 0
WHY = {"grade": "new attempt", "regrade": "regrade"}


def run(folder: Path, student: str, ledger: str | None = None, course: Path | None = None) -> int:
    """Print every grade that the student's attempts were given, every adjustment and mark. Returns the exit code."""
    settings = settings_of(folder)
    with reopened(folder, settings, ledger, course) as classrun:
        Console().print(table(classrun, student))
    return FINE


def table(classrun: ClassRun, student: str) -> Table:
    """A row for each grade, then for each adjustment and each mark of a part by hand, in their order."""
    person = find(classrun.ledger.roster(classrun.run), student)
    kept = [one for one in classrun.ledger.hand_ins(classrun.run) if person.id in one.students]
    attempts = {one.hand_in.name: i for i, one in enumerate(sorted(kept, key=lambda one: order(one.hand_in)), 1)}
    shown = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
    for column in ("When", "Attempt", "Points", "Why"):
        shown.add_column(column)
    before: dict[str, Given] = {}
    for given in classrun.ledger.history(classrun.run):
        if given.name not in attempts:
            continue
        last = before.get(given.name)
        why = WHY.get(given.why, given.why) if last else WHY["grade"]
        if last and given.why == "grade" and last.submission == given.submission:
            why = "graded again"  # its time was changed, say, or the judge
        if last and last.score is not None and given.score is not None:
            change = given.score - last.score
            why += f": {'+' if change > 0 else ''}{points(change)}" if change else ": no change"
        before[given.name] = given
        row = _when(given.given_at), f"{attempts[given.name]}: {given.name}", out_of(given.score, given.max_score), why
        shown.add_row(*(Text(plain(cell, one_line=True)) for cell in row))
    for note in classrun.ledger.adjustments(classrun.run):
        if note.student == person.id:
            why = f"adjustment by {note.adjustment.by}: {note.adjustment.reason}"
            row = "", "", f"{note.adjustment.points:+g}", why
            shown.add_row(*(Text(plain(cell, one_line=True)) for cell in row))
    titles = {part.name: part for part in classrun.homework.assignment.parts_by_hand}
    for one in classrun.ledger.marks(classrun.run):
        if one.student == person.id and one.part in titles:
            part = titles[one.part]
            items = (", ".join(one.mark.items) or "no item") if one.mark is not None else ""
            why = f"{part.title}, marked by {one.by}: {items}" if items else f"{part.title}, taken back by {one.by}"
            score = out_of(worth(part, one.mark.items), part.points) if one.mark is not None else ""
            shown.add_row(*(Text(plain(cell, one_line=True)) for cell in (_when(one.made_at), "", score, why)))
    return shown


def _when(moment: str) -> str:
    return f"{datetime.fromisoformat(moment):%Y-%m-%d %H:%M} UTC"
