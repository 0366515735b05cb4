"""`grader grade`: submissions in, reports and a ledger out, with a live display."""

from __future__ import annotations

import contextlib
import tempfile
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from rich.console import Console

from grader.collect.collect import Collected, collect
from grader.collect.roster import read_roster
from grader.collect.store import Store
from grader.collect.times import read_times
from grader.commands.display import Display, say_notes
from grader.commands.dry_run import dry_run
from grader.errors import GraderError, UsageError
from grader.gradebook.entry import Entry
from grader.homework import Homework
from grader.intake.submission import find_places
from grader.judging.environment import environment
from grader.ledger.ledger import Ledger
from grader.ledger.records import Kept
from grader.report.model import Report
from grader.report.table import summary
from grader.report.text import count, plain
from grader.report.write import folder_name
from grader.run.classrun import ClassRun, Settled, Todo, open_run
from grader.run.enter import chosen, enter
from grader.run.folder import alone, course_of, ledger_address, settle_settings, sweep
from grader.run.pool import Stop, worker_count
from grader.sandbox.where import ANYWHERE, WhereToGrade
from grader.seed import parse_seed

FINE, GRADER_FAILED, INTERRUPTED = 0, 3, 130
WORTH_A_WORKER = 10  # submissions: to grade these takes less than to start a worker, which imports torch twice
SHOWN = 20  # students without a hand-in that are named


@dataclass(frozen=True)
class Options:
    """How a class is graded. `jobs` None: one worker per core, if there is work for them."""

    seed: str | None = None
    where: WhereToGrade = ANYWHERE
    jobs: int | None = None
    roster: Path | None = None
    times: Path | None = None
    ledger: str | None = None  # an address; None: in the run's folder
    only: tuple[str, ...] = ()
    dry_run: bool = False


def run(homework: Homework, paths: Sequence[Path], out: Path, options: Options | None = None) -> int:
    """Grade and report everything at `paths`. Returns the exit code."""
    try:
        return _run(homework, paths, out, options or Options())
    except KeyboardInterrupt:  # while nothing is being graded yet, or not any more
        Console().print("[yellow]Interrupted. Run the same command again to continue.")
        return INTERRUPTED


def _run(homework: Homework, paths: Sequence[Path], out: Path, options: Options) -> int:
    console = Console()
    seed = parse_seed(options.seed) if options.seed is not None else None
    roster = read_roster(options.roster) if options.roster else None
    times = read_times(options.times, ZoneInfo(course_of(homework).time_zone)) if options.times else None
    if options.dry_run:
        return dry_run(
            homework,
            paths,
            out,
            options.where,
            console,
            only=options.only,
            ledger=options.ledger,
            roster=roster,
            times=times,
        )
    about = environment(options.where)
    if not find_places(paths, homework.assignment):
        raise nothing(paths)  # before a folder is made for it
    make(out)
    with alone(out):
        sweep(out)
        with console.status("reading what was handed in …"):
            collected = _collect(homework, paths, out)
        settings = settle_settings(out, homework, options.where, options.ledger)
        with Ledger(ledger_address(out, settings, options.ledger)) as ledger:
            classrun = open_run(out, homework, ledger, settings, about, seed)
            notes = enter(classrun, collected.hand_ins, roster, times)
            return _grade(classrun, collected, options, [*collected.notes, *notes], console)


def nothing(paths: Sequence[Path]) -> UsageError:
    """What to say where there is no submission."""
    return UsageError(f"there is nothing to grade at {', '.join(map(str, paths))}")


def _collect(homework: Homework, paths: Sequence[Path], out: Path) -> Collected:
    try:
        collected = collect(paths, homework.assignment, Store(out), out, ZoneInfo(course_of(homework).time_zone))
    except OSError as error:
        raise GraderError(
            f"what was handed in cannot be kept in {out}: {error.strerror}. Nothing new is graded yet; "
            "run the same command again after fixing that"
        ) from error
    if not collected.hand_ins:
        raise nothing(paths)
    return collected


def _grade(classrun: ClassRun, collected: Collected, options: Options, notes: Sequence[str], console: Console) -> int:
    now = datetime.now(UTC)
    names = {hand_in.name for hand_in in collected.hand_ins}
    kept = chosen([one for one in classrun.ledger.hand_ins(classrun.run) if one.hand_in.name in names], options.only)
    try:
        finished = work(classrun, classrun.todo(kept), options.jobs, console, now)
    except GraderError:
        with contextlib.suppress(GraderError):  # what went wrong first is said below
            classrun.give(kept, now)
            conclude(classrun.settle(now), names, collected, classrun, console)
        raise
    classrun.give(kept, now)
    settled = classrun.settle(now)
    mine = [one for one in settled.kept if one.hand_in.name in {other.hand_in.name for other in kept}]
    conclude(settled, {one.hand_in.name for one in mine}, collected, classrun, console)
    say_notes(console, "To look at:", [*notes, *absent(settled.entries)])
    _point_to_report(mine, settled, classrun.folder, console)
    if not finished:
        graded = sum(one.id in settled.reports for one in mine)
        console.print(f"[yellow]Interrupted: {graded} of {len(mine)} are graded; their reports are complete.")
        console.print("[yellow]Run the same command again to grade the rest.")
        return INTERRUPTED
    publish(classrun, settled, console)
    ungraded = [one for one in mine if settled.reports[one.id].score is None]
    return GRADER_FAILED if ungraded else FINE


def work(
    classrun: ClassRun,
    todo: Sequence[Todo],
    jobs: int | None,
    console: Console,
    now: datetime,
    *,
    preview: bool = False,
) -> bool:
    """Grade with a live display. Returns False if Ctrl-C stopped it."""
    if not todo:
        return True
    few = jobs is None and not classrun.homework.assignment.training  # trainings take seconds, all else a tenth of one
    workers = worker_count(jobs, -(-len(todo) // WORTH_A_WORKER) if few else len(todo))
    stop = Stop()
    with stop.listening(), Display(console, len(todo), workers) as display:

        def tick() -> None:
            if stop.presses:
                display.say("stopping after what is being graded; Ctrl-C again drops it")
            display.tick()

        return classrun.grade(
            todo,
            workers,
            now=now,
            stop=stop,
            on_done=display.step,
            on_ready=display.ready,
            on_tick=tick,
            preview=preview,
        )


def publish(classrun: ClassRun, settled: Settled, console: Console | None = None) -> None:
    """Write all that is made from a class's entries, once everything is graded: RUN/gradebook/ and RUN/class.html.

    Only where the entries are others than those last published. One student is no class, and gets neither.
    Raises `GraderError` where they cannot be written.
    """
    page = classrun.folder / "class.html"
    if len(settled.entries) < 2:
        return
    if settled.changed or not page.exists():
        from grader.gradebook import write_class_page, write_gradebook

        assignments = {classrun.homework.assignment.name: classrun.homework.assignment}
        try:
            write_gradebook(settled.entries, assignments, classrun.folder / "gradebook")
            write_class_page(settled.entries, assignments, page)
        except OSError as error:
            raise GraderError(
                f"the gradebook cannot be written to {classrun.folder}: {error.strerror}. "
                "All grades are in the ledger; run the same command again after fixing that"
            ) from error
        classrun.note_published(settled)
    said = f"The class: {page}\nThe gradebook: {classrun.folder / 'gradebook'}"
    (console or Console()).print(said, markup=False, highlight=False, soft_wrap=True)


def make(out: Path) -> None:
    """Make the run's folder and see that it takes files. Raises `UsageError`."""
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{out} cannot be made: {error.strerror}") from error
    try:
        tempfile.TemporaryFile(dir=out).close()
    except OSError as error:
        raise UsageError(f"reports cannot be written to {out}: {error.strerror}") from error


def absent(entries: Sequence[Entry]) -> list[str]:
    """Who on the roster handed nothing in, as sentences."""
    missing = [entry.student for entry in entries if not entry.attempt]
    names = [f"{student.name} ({student.id})" if student.name else student.id for student in missing[:SHOWN]]
    more = f" and {len(missing) - SHOWN:,} more" if len(missing) > SHOWN else ""
    return [f"{count(len(missing), 'student')} handed nothing in: {', '.join(names)}{more}"] if missing else []


def conclude(
    settled: Settled, names: Collection[str], collected: Collected, classrun: ClassRun, console: Console
) -> None:
    """Print the table, what could not be taken in, what has no grade, and how many have one."""
    kept = [one for one in settled.kept if one.hand_in.name in names and one.id in settled.reports]
    reports = [settled.reports[one.id] for one in kept]
    if not reports:
        return
    console.print(summary(reports, console.width))
    rejected = [hand_in for hand_in in collected.hand_ins if hand_in.problem and hand_in.name in names]
    if rejected:
        console.print(f"\n{count(len(rejected), 'submission')} could not be read:", style="yellow")
        for one in rejected:
            console.print(f"  {plain(one.name)}: {plain(one.problem)}", style="yellow", markup=False, highlight=False)
    for graded, report in zip(kept, reports, strict=True):
        if report.score is None:
            faults = classrun.lost.get(graded.id) or "; ".join(report.faults) or report.problem
            console.print(f"NOT GRADED {plain(report.submission)}: {plain(faults)}", style="bold red", markup=False)
    counts = Counter("not graded" if report.score is None else "graded" for report in reports)
    said = ", ".join(f"{number} {word}" for word, number in counts.items())
    mean = sum(report.provenance.seconds for report in reports) / len(reports)
    by = reports[0].provenance.isolation
    console.print(f"\n{said}; {mean:.2f} s each, isolated by {by}.", markup=False, highlight=False)


def _point_to_report(kept: Sequence[Kept], settled: Settled, folder: Path, console: Console) -> None:
    """Say where the report lies that shows the most: the one that names the most mistakes."""

    def shows(report: Report) -> tuple[bool, int, bool]:
        named = {check.diagnosis.sentence for check in report.checks if check.diagnosis}
        return report.score is not None, len(named), report.score != report.max_score

    reports = [settled.reports[one.id] for one in kept if one.id in settled.reports]
    if reports:
        page = folder / folder_name(max(reports, key=shows).submission) / "report.html"
        # a path that wraps cannot be copied
        console.print(f"\nA report: {page}", markup=False, highlight=False, soft_wrap=True)
