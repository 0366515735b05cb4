"""`grader adjust`: points that staff give or take by hand, with a reason and a name. They survive regrades."""

from __future__ import annotations

import getpass
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from grader.collect.owners import find
from grader.commands.display import named
from grader.commands.grade import publish
from grader.gradebook.entry import Adjustment
from grader.report.text import plain, points
from grader.run import adjusting
from grader.run.classrun import ClassRun, reopened
from grader.run.folder import settings_of

FINE = 0


def run(
    folder: Path,
    student: str | None,
    amount: float | None,
    reason: str | None,
    by: str | None,
    withdraw: int | None,
    ledger: str | None = None,
    course: Path | None = None,
) -> int:
    """Note an adjustment, or take one back, or list those that stand. Returns the exit code."""
    console = Console()
    settings = settings_of(folder)
    with reopened(folder, settings, ledger, course) as classrun:
        if student is None and withdraw is None:
            show(classrun, console)
            return FINE
        change(classrun, student, amount, reason, by or getpass.getuser(), withdraw)
        publish(classrun, classrun.settle(datetime.now(UTC)))
        show(classrun, console)
        return FINE


def change(
    classrun: ClassRun, student: str | None, amount: float | None, reason: str | None, by: str, withdraw: int | None
) -> None:
    """Note an adjustment or take one back. Raises `UsageError` for what makes no sense, `LedgerError`."""
    ledger, said = classrun.ledger, (reason or "").strip()
    if withdraw is not None:
        adjusting.withdraw(ledger, classrun.run, withdraw, by, said)
        return
    person = find(ledger.roster(classrun.run), student or "")
    adjusting.give(ledger, classrun.run, person.id, Adjustment(amount or 0.0, said, by))


def show(classrun: ClassRun, console: Console) -> None:
    """The adjustments that stand."""
    notes = classrun.ledger.adjustments(classrun.run)
    if not notes:
        console.print("There are no adjustments.")
        return
    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
    for title in ("No.", "Student", "Points", "Reason", "By"):
        table.add_column(title, justify="right" if title in ("No.", "Points") else "left", overflow="fold")
    people = {person.id: person for person in classrun.ledger.roster(classrun.run)}
    for note in notes:
        one = note.adjustment
        texts = [Text(plain(text, one_line=True)) for text in (one.reason, one.by)]
        sign = "+" if one.points > 0 else ""
        student = Text(plain(named(people.get(note.student), note.student), one_line=True))
        table.add_row(str(note.id), student, sign + points(one.points), *texts)
    console.print(table)
