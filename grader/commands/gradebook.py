"""`grader gradebook`: one gradebook and one class page over the runs of one or several homeworks."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from grader.errors import GraderError, UsageError
from grader.gradebook import write_class_page, write_gradebook
from grader.gradebook.anonymous import key_table, numbered, without_names
from grader.gradebook.entry import Entry
from grader.report.text import count
from grader.report.write import STAFF, write
from grader.run.folder import kept_roster, read_settings
from grader.spec import Assignment

FINE = 0
KEY = "key.csv"


def run(folders: Sequence[Path], out: Path, *, anonymous: bool = False) -> int:
    """Write the gradebook of these runs' folders to OUT/gradebook and their page to OUT/class.html.

    `anonymous`: under numbers, whose key is written into the first run's folder of staff's.
    """
    entries: list[Entry] = []
    tables: dict[str, str] = {}
    assignments: dict[str, Assignment] = {}
    for folder in folders:
        own, assignment = read_run(folder)
        if assignment.name in assignments:
            raise UsageError(f"two of these folders hold a run of {assignment.name}: give one")
        assignments[assignment.name] = assignment
        tables[assignment.name] = kept_roster(folder)
        entries += [replace(entry, page=_from(out, folder, entry.page)) for entry in own]
    page = out / "class.html"
    console = Console()
    if anonymous:
        settings = read_settings(folders[0])
        names = numbered(entries, settings.key if settings else "")
        key = folders[0] / STAFF / KEY
        write(key, key_table(entries, names), mode=0o600)
        entries, tables = without_names(entries, names), {}
        console.print(f"The key, for staff only: {key}", markup=False, highlight=False, soft_wrap=True)
    try:
        written = write_gradebook(entries, assignments, out / "gradebook", tables)
        write_class_page(entries, assignments, page)
    except OSError as error:
        raise GraderError(f"the gradebook cannot be written to {out}: {error.strerror}") from error
    students = len({entry.student.id for entry in entries})
    said = f"{count(students, 'student')}, {count(len(assignments), 'homework')}: {count(len(written), 'file')} in"
    console.print(f"{said} {out / 'gradebook'}\n{page}", markup=False, highlight=False, soft_wrap=True)
    return FINE


def read_run(folder: Path) -> tuple[Sequence[Entry], Assignment]:
    """A run's entries, one per student on the roster, and its homework, as the run's ledger has them.

    Raises `UsageError` where the folder is no run's.
    """
    from grader.run.classrun import reopened

    settings = read_settings(folder)
    if settings is None:
        raise UsageError(f"{folder} holds no run's ledger: give the folder that `grader grade` wrote with -o")
    with reopened(folder, settings) as classrun:
        return classrun.entries(classrun.ledger.hand_ins(classrun.run)), classrun.homework.assignment


def _from(out: Path, folder: Path, page: str) -> str:
    """A report's address as seen from OUT."""
    return Path(os.path.relpath(folder / page, out)).as_posix() if page else ""
