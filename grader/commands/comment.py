"""`grader comment`: what staff say about a hand-in, for its report. It survives regrades."""

from __future__ import annotations

import getpass
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from grader.collect.owners import find
from grader.errors import UsageError
from grader.report.text import plain
from grader.run.classrun import ClassRun, reopened
from grader.run.folder import settings_of

FINE = 0
MOST = 4_000  # characters


def run(folder: Path, who: str, text: str, by: str | None, ledger: str | None, course: Path | None) -> int:
    """Note a comment on a hand-in, and write its report again. Returns the exit code."""
    settings = settings_of(folder)
    if len(text) > MOST:
        raise UsageError(f"a comment has at most {MOST:,} characters")
    with reopened(folder, settings, ledger, course) as classrun:
        now = datetime.now(UTC)
        name = hand_in_of(classrun, who)
        classrun.ledger.comment(classrun.run, name, text.strip(), by or getpass.getuser(), now)
        classrun.settle(now)
    said = f"{plain(name)}: {'noted' if text.strip() else 'taken back'}"
    Console().print(said, markup=False, highlight=False, soft_wrap=True)
    return FINE


def hand_in_of(classrun: ClassRun, who: str) -> str:
    """The hand-in of this name, or the one that counts of this student. Raises `UsageError`."""
    kept = classrun.ledger.hand_ins(classrun.run)
    if any(one.hand_in.name == who for one in kept):
        return who
    person = find(classrun.ledger.roster(classrun.run), who)
    counts = classrun.standings(kept).counts.get(person.id)
    if counts is None:
        raise UsageError(f"{plain(person.name or person.id)} handed nothing in")
    return counts.hand_in.name
