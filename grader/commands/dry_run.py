"""`grader grade --dry-run`: what would be graded, and whose it is, without writing anything."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.table import Table
from rich.text import Text

from grader.collect.collect import collect
from grader.collect.handin import HandIn
from grader.collect.roster import Person
from grader.collect.times import Times
from grader.commands.display import say_notes
from grader.errors import UsageError
from grader.homework import Homework
from grader.judging.environment import environment
from grader.ledger.ledger import Ledger
from grader.ledger.records import Kept
from grader.report.text import count, plain
from grader.run.classrun import ClassRun, Todo, open_run
from grader.run.enter import chosen, identify
from grader.run.folder import LEDGER, course_of, ledger_address, read_settings
from grader.sandbox.where import WhereToGrade


def dry_run(
    homework: Homework,
    paths: Sequence[Path],
    out: Path,
    where: WhereToGrade,
    console: Console,
    *,
    only: Sequence[str],
    ledger: str | None,
    roster: Sequence[Person] | None,
    times: Times | None,
) -> int:
    """Print what `grader grade` would do. Nothing is written, but for what opening a ledger takes."""
    collected = collect(paths, homework.assignment, None, out, ZoneInfo(course_of(homework).time_zone))
    if not collected.hand_ins:
        raise UsageError(f"there is nothing to grade at {', '.join(map(str, paths))}")
    names = {one.name for one in collected.hand_ins}
    with _opened(homework, out, where, ledger) as classrun:
        people = identify(classrun, collected.hand_ins, roster, times)
        mine = [one for one in people.hand_ins if one.name in names]
        kept = chosen([Kept(-1 - n, one, people.matched.students[one.name]) for n, one in enumerate(mine)], only)
        todo = classrun.todo(kept) if classrun else list({one.hand_in.sha256: Todo(one) for one in kept}.values())
    console.print(_table(kept, {one.kept.hand_in.sha256: one for one in todo}))
    known = len({one.hand_in.sha256 for one in kept}) - len(todo)
    console.print(f"\n{count(len(kept), 'submission')}: {len(todo)} to grade, {known} graded before. Nothing was done.")
    say_notes(console, "To look at:", [*collected.notes, *people.notes])
    return 0


@contextlib.contextmanager
def _opened(homework: Homework, out: Path, where: WhereToGrade, address: str | None) -> Iterator[ClassRun | None]:
    """The run that is there; None where there is no ledger yet."""
    settings = read_settings(out)
    if settings is None or (settings.ledger == LEDGER and not (out / LEDGER).exists()):
        yield None
        return
    with Ledger(ledger_address(out, settings, address)) as ledger:
        yield open_run(out, homework, ledger, settings, environment(where), None)


def _table(kept: Sequence[Kept], todo: dict[str, Todo]) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
    for title in ("Submission", "Student", "Attempt", "Handed in", ""):
        table.add_column(title, overflow="fold")
    for one in kept:
        hand_in = one.hand_in
        when = hand_in.submitted_at.strftime("%Y-%m-%d %H:%M %Z") if hand_in.submitted_at else ""
        students = plain(", ".join(one.students), one_line=True)
        attempt = str(hand_in.attempt) if hand_in.attempt > 1 else ""
        table.add_row(Text(plain(hand_in.name)), Text(students), attempt, when, _fate(hand_in, todo))
    return table


def _fate(hand_in: HandIn, todo: dict[str, Todo]) -> Text:
    if hand_in.problem:
        return Text(plain(hand_in.problem, one_line=True), "yellow")
    one = todo.get(hand_in.sha256)
    if one is None:
        return Text("known", "dim")
    return Text(f"to grade: {', '.join(sorted(one.parts))}" if one.parts else "to grade")
