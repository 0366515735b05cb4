"""`grader grade --dry-run`: what would be graded, and whose it is, without writing anything."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from grader.collect.collect import Collected
from grader.collect.handin import HandIn
from grader.collect.roster import Person
from grader.commands.display import absent_people, named, say_notes
from grader.commands.taking import take_in
from grader.homework import Homework
from grader.judging.environment import environment
from grader.ledger.ledger import Ledger
from grader.ledger.records import Kept
from grader.report.text import count, plain
from grader.run.classrun import ClassRun, Todo, content_of, open_run
from grader.run.enter import Said, chosen, identify
from grader.run.folder import LEDGER, ledger_address, read_settings
from grader.run.undoing import undoes
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
    said: Said,
) -> int:
    """Print what `grader grade` would do. Nothing is written, but for what opening a ledger takes."""
    with _opened(homework, out, where, ledger) as classrun:
        if paths:
            collected = take_in(homework, paths, out, None, said.roster or ())
        else:
            kept_before = classrun.ledger.hand_ins(classrun.run) if classrun else []
            collected = Collected(tuple(one.hand_in for one in kept_before), ())
        names = {one.name for one in collected.hand_ins}
        people = identify(classrun, collected.hand_ins, said)
        mine = [one for one in people.hand_ins if one.name in names]
        kept = [Kept(-1 - n, one, people.matched.students[one.name]) for n, one in enumerate(mine)]
        kept = chosen(kept, only, people.roster)
        content = {one.hand_in.name: content_of(homework, one) for one in kept}
        fresh = {content[one.hand_in.name]: Todo(one) for one in kept}
        todo = classrun.todo(kept) if classrun else list(fresh.values())
        undone = undoes(classrun, kept) if classrun else []
    called = {person.id: person for person in (*people.roster, *people.matched.strangers)}
    left = {content[one.kept.hand_in.name]: one for one in todo}
    console.print(_table(kept, {name: left[key] for name, key in content.items() if key in left}, called))
    known = len(fresh) - len(todo)
    console.print(f"\n{count(len(kept), 'submission')}: {len(todo)} to grade, {known} graded before. Nothing was done.")
    owned = {student for ids in people.matched.students.values() for student in ids}
    missing = absent_people([person for person in people.roster if person.id not in owned and not person.has_left])
    say_notes(console, "To look at:", [*undone, *collected.notes, *people.notes, *missing])
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


def _table(kept: Sequence[Kept], todo: dict[str, Todo], called: Mapping[str, Person]) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
    for title in ("Submission", "Student", "Attempt", "Handed in", ""):
        table.add_column(title, overflow="fold")
    for one in kept:
        hand_in = one.hand_in
        when = hand_in.submitted_at.strftime("%Y-%m-%d %H:%M %Z") if hand_in.submitted_at else ""
        students = plain("; ".join(named(called.get(student), student) for student in one.students), one_line=True)
        attempt = str(hand_in.attempt) if hand_in.attempt > 1 else ""
        table.add_row(Text(plain(hand_in.name)), Text(students), attempt, when, _fate(hand_in, todo))
    return table


def _fate(hand_in: HandIn, todo: dict[str, Todo]) -> Text:
    if hand_in.problem:
        return Text(plain(hand_in.problem, one_line=True), "yellow")
    one = todo.get(hand_in.name)
    if one is None:
        return Text("known", "dim")
    return Text(f"to grade: {', '.join(sorted(one.parts))}" if one.parts else "to grade")
