"""`grader regrade`: preview what a changed suite does to the grades of a run, and apply it if wanted.

The preview keeps the new grades in the ledger without applying them, so applying them takes no more grading. Only the
parts with changed checks are graded again (see `manifest`).
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from grader.commands.display import say_notes
from grader.commands.grade import GRADER_FAILED, INTERRUPTED, publish, work
from grader.errors import UsageError
from grader.gradebook.entry import Entry
from grader.homework import load_homework
from grader.judging.environment import environment
from grader.judging.scoring import SAME, add
from grader.ledger.ledger import Ledger
from grader.ledger.records import Kept
from grader.report.model import Report
from grader.report.text import count, plain, points
from grader.run.classrun import ClassRun, Todo, open_run
from grader.run.folder import alone, ledger_address, settings_of, sweep

FINE = 0


@dataclass(frozen=True)
class Change:
    """What a regrade does to one student."""

    student: str
    name: str
    before: float | None
    after: float | None
    checks: tuple[str, ...]  # whose points or verdicts are others: "test_stride: failed → passed"

    @property
    def points(self) -> float:
        """How many points more; a grade that was not there, or is gone, counts as 0."""
        return add([self.after or 0.0, -(self.before or 0.0)])


@dataclass(frozen=True)
class Options:
    """How a run is regraded. `apply`: without being asked; `preview`: not at all."""

    suite: Path | None = None
    course: Path | None = None
    where: Mapping[str, Any] = field(default_factory=dict)  # what is to be other than it was when the run was graded
    jobs: int | None = None
    ledger: str | None = None
    whole: bool = False
    apply: bool = False
    preview: bool = False


def run(folder: Path, options: Options) -> int:
    """Preview a regrade of the run in `folder`, and apply it if that is wanted. Returns the exit code."""
    console = Console()
    settings = settings_of(folder)
    homework = load_homework(options.course or Path(settings.course), settings.homework)
    if options.suite is not None:
        homework = replace(homework, suite=_suite(options.suite))
    about = environment(settings.where.but(**options.where))
    with alone(folder), Ledger(ledger_address(folder, settings, options.ledger)) as ledger:
        sweep(folder)
        classrun = open_run(folder, homework, ledger, settings, about, None)
        return _regrade(classrun, options, console)


def _suite(folder: Path) -> Path:
    if not folder.is_dir() or not any(folder.rglob("*.py")):
        raise UsageError(f"{folder} is no folder with a hidden suite")
    return folder


def _regrade(classrun: ClassRun, options: Options, console: Console) -> int:
    now = datetime.now(UTC)
    kept = classrun.ledger.hand_ins(classrun.run)
    if not kept:
        raise UsageError(f"nothing was ever graded into {classrun.folder}")
    todo = classrun.todo(kept, whole=options.whole)
    if not work(classrun, todo, options.jobs, console, now, preview=True):
        console.print("[yellow]Interrupted: nothing is changed. The new grades are kept; the same command continues.")
        return INTERRUPTED
    console.print(_effort(len(kept), todo))
    after = classrun.grade_numbers(kept)
    changes = compared(classrun, kept, after)
    show(changes, len({student for one in kept for student in one.students}), console)
    before = classrun.ledger.scores([one.grade for one in kept if one.grade is not None])
    scores = classrun.ledger.scores(after.values())
    ungraded = [one for one in kept if one.id in after and scores[after[one.id]] is None]
    if any(before.get(one.grade or 0) is not None for one in ungraded):
        console.print(f"[bold red]{count(len(ungraded), 'submission')} could not be graded: nothing is applied.")
        return GRADER_FAILED
    if ungraded:  # nor had they a grade before, which keeps nobody else from theirs
        console.print(f"[bold red]{count(len(ungraded), 'submission')} could not be graded, as before.")
    code = _apply(classrun, kept, options, console, now)
    return GRADER_FAILED if ungraded else code


def _effort(hand_ins: int, todo: Sequence[Todo]) -> str:
    """What had to be graded for the preview."""
    if not todo:
        return f"{count(hand_ins, 'submission')}; all were graded by this suite before."
    narrow = [one for one in todo if one.before is not None]
    parts = ", ".join(sorted({part for one in narrow for part in one.parts})) or "no part"
    said = [f"{len(narrow)} had to be graded again in {parts}"] if narrow else []
    said += [f"{len(todo) - len(narrow)} in full"] if len(todo) > len(narrow) else []
    return f"{count(hand_ins, 'submission')}, of which {' and '.join(said)}."


def _apply(classrun: ClassRun, kept: Sequence[Kept], options: Options, console: Console, now: datetime) -> int:
    numbers = classrun.grade_numbers(kept)
    different = [one for one in kept if numbers.get(one.id, one.grade) != one.grade]
    if not different:
        return FINE
    if options.preview or not (options.apply or _wanted(console)):
        console.print("Nothing is applied. `--apply` applies these grades.")
        return FINE
    classrun.give(kept, now, "regrade")
    settled = classrun.settle(now)
    publish(classrun, settled)
    console.print(f"Applied: {count(len(different), 'submission')} regraded; the earlier grades stay in the ledger.")
    if options.suite is not None:
        place = classrun.homework.public.parent.parent / "tests" / "hidden" / classrun.homework.assignment.name
        say_notes(
            console, "Now:", [f"put the changed suite into {place}; else the next `grader grade` uses the old one"]
        )
    return FINE


def _wanted(console: Console) -> bool:
    return console.is_terminal and os.isatty(0) and click.confirm("Give these grades?")


def compared(classrun: ClassRun, kept: Sequence[Kept], after: Mapping[int, int]) -> list[Change]:
    """What changes for each student, by the hand-in that counts then; those for whom nothing does are left out."""
    before = _lines(classrun, kept)
    new = [replace(one, grade=after.get(one.id, one.grade)) for one in kept]
    then = _lines(classrun, new)
    numbers = {one.id: (old.grade, one.grade) for old, one in zip(kept, new, strict=True) if old.grade != one.grade}
    checks = _checks(classrun, numbers)
    changes = []
    for student, entry in then.items():
        counted = next((one for one in new if one.hand_in.name == entry.attempt), None)
        said = checks.get(counted.id, ()) if counted is not None else ()
        old = before[student]
        if said or not _same(old.so_far, entry.so_far):
            changes.append(Change(student, entry.student.name, old.so_far, entry.so_far, said))
    return sorted(changes, key=lambda change: (change.points, change.student))


def _lines(classrun: ClassRun, kept: Sequence[Kept]) -> dict[str, Entry]:
    return {entry.student.id: entry for entry in classrun.entries(kept) if entry.attempt}


def _same(one: float | None, other: float | None) -> bool:
    return one is other or (one is not None and other is not None and abs(one - other) < SAME)


def _checks(classrun: ClassRun, numbers: Mapping[int, tuple[int | None, int | None]]) -> dict[int, tuple[str, ...]]:
    """Hand-in's number → its checks that come out otherwise."""
    wanted = {number for pair in numbers.values() for number in pair if number is not None}
    verdicts = {number: _verdicts(report) for number, report in classrun.ledger.summaries(wanted)}
    found = {}
    for hand_in, (old, new) in numbers.items():
        before, after = verdicts.get(old or 0, {}), verdicts.get(new or 0, {})
        said = [
            f"{name}: {before.get(name, ('new', 0.0))[0]} → {after.get(name, ('gone', 0.0))[0]}"
            for name in dict.fromkeys([*before, *after])
            if before.get(name) != after.get(name)
        ]
        found[hand_in] = tuple(said)
    return found


def _verdicts(report: Report) -> dict[str, tuple[str, float | None]]:
    return {check.name: (check.verdict.value, check.score) for check in report.checks}


def show(changes: Sequence[Change], students: int, console: Console) -> None:
    """The preview: how many, the worst and the best, which checks, and a line per student."""
    moved = [change for change in changes if not _same(change.before, change.after)]
    if not changes:
        console.print("No grade changes.")
        return
    worst, best = changes[0], changes[-1]
    console.print(f"{len(moved)} of {count(students, 'student')} change, worst {_signed(worst)}, best {_signed(best)}.")
    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
    for title in ("Check", "Change", "Students"):
        table.add_column(title, justify="right" if title == "Students" else "left", overflow="fold")
    for (check, what), number in Counter(tuple(c.split(": ", 1)) for one in changes for c in one.checks).most_common():
        table.add_row(Text(plain(check)), Text(what), str(number))
    console.print(table)
    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
    for title in ("Student", "Before", "After", "Change"):
        table.add_column(title, justify="left" if title == "Student" else "right", overflow="fold")
    for change in changes:
        name = plain(
            f"{change.name} ({change.student})" if change.name not in ("", change.student) else change.student,
            one_line=True,
        )
        table.add_row(Text(name), points(change.before), points(change.after), _signed(change))
    console.print(table)


def _signed(change: Change) -> str:
    return f"{change.points:+g}" if change.points else "0"
