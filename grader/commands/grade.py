"""`grader grade`: submissions in, reports and a ledger out, with a live display."""

from __future__ import annotations

import contextlib
import tempfile
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from rich.console import Console

from grader.collect.collect import Collected
from grader.collect.owners import owners_table, read_owners
from grader.collect.roster import Person, read_roster
from grader.collect.sheet import decoded
from grader.collect.store import Store
from grader.collect.times import read_times, times_in_roster
from grader.commands.display import Display, absent_people, named, say_notes
from grader.commands.dry_run import dry_run
from grader.commands.taking import nothing, take_in
from grader.errors import GraderError, UsageError
from grader.gradebook.counts import standing_counts
from grader.gradebook.entry import Entry
from grader.homework import Homework, find_course, load_homework
from grader.intake.submission import find_places
from grader.judging.environment import environment
from grader.ledger.ledger import Ledger
from grader.ledger.records import Kept
from grader.report.model import Report
from grader.report.table import summary
from grader.report.text import count, plain
from grader.report.write import STAFF, folder_name, write
from grader.run.classrun import ClassRun, Settled, Todo, open_run
from grader.run.enter import Said, chosen, enter
from grader.run.executor import Prepare, Stop
from grader.run.folder import (
    ROSTER,
    alone,
    course_of,
    kept_roster,
    ledger_address,
    read_settings,
    settle_settings,
    sweep,
)
from grader.run.pool import Pool, worker_count
from grader.run.undoing import undoes
from grader.sandbox.where import ANYWHERE, WhereToGrade
from grader.seed import parse_seed

FINE, GRADER_FAILED, INTERRUPTED = 0, 3, 130
WIDTH = 100  # characters of a line where there is no terminal to ask
WORTH_A_WORKER = 4  # submissions: to grade these takes about as long as to fork a worker and to prove its walls
OWNERS = "owners.csv"


@dataclass(frozen=True)
class Options:
    """How a class is graded. `jobs` None: one worker per core, if there is work for them."""

    seed: str | None = None
    where: WhereToGrade = ANYWHERE
    jobs: int | None = None
    roster: Path | None = None
    times: Path | None = None
    owners: Path | None = None
    ledger: str | None = None  # an address; None: in the run's folder
    only: tuple[str, ...] = ()
    dry_run: bool = False
    scheduler: str | None = None  # a cluster's; None: on this machine
    certificates: Path | None = None
    insecure: bool = False


def which(homework: str, paths: Sequence[Path], out: Path | None, course: Path) -> tuple[Homework, Path]:
    """The homework and the run's folder that a command names: a run's folder alone names both.

    Raises `UsageError`.
    """
    if out is not None:
        if not paths and read_settings(out) is None:
            raise UsageError(f"Missing argument 'PATHS...': {out} is no run's folder yet, so say what to grade")
        return load_homework(find_course(course), homework), out
    settings = None if paths else read_settings(Path(homework))
    if settings is None:
        raise UsageError("Missing option '-o' / '--out': say where the reports go, or give a run's folder only")
    return load_homework(Path(settings.course), settings.homework), Path(homework)


def run(homework: Homework, paths: Sequence[Path], out: Path, options: Options | None = None) -> int:
    """Grade and report everything at `paths`. Returns the exit code."""
    try:
        return _run(homework, paths, out, options or Options())
    except KeyboardInterrupt:  # while nothing is being graded yet, or not any more
        Console().print("[yellow]Interrupted. Run the same command again to continue.")
        return INTERRUPTED


def _run(homework: Homework, paths: Sequence[Path], out: Path, options: Options) -> int:
    console = Console()
    if not console.is_terminal:
        console.width = max(console.width, WIDTH)
    seed = parse_seed(options.seed) if options.seed is not None else None
    said = _said(homework, options)
    before = read_settings(out)
    if not paths and before is None:
        raise UsageError(f"{out} is no run's folder yet: say what to grade")
    if not paths and before is not None and options.where == WhereToGrade():
        options = replace(options, where=before.where)
    if options.dry_run:
        return dry_run(
            homework, paths, out, options.where, console, only=options.only, ledger=options.ledger, said=said
        )
    about = environment(options.where)
    if paths and not find_places(paths, homework.assignment):
        raise nothing(paths)  # before a folder is made for it
    make(out)
    with alone(out):
        sweep(out)
        collected = Collected((), ())
        if paths:
            with console.status("reading what was handed in …"):
                collected = take_in(homework, paths, out, Store(out), said.roster or ())
        settings = settle_settings(out, homework, options.where, options.ledger)
        with Ledger(ledger_address(out, settings, options.ledger)) as ledger:
            classrun = open_run(out, homework, ledger, settings, about, seed)
            if options.roster:
                write(out / STAFF / ROSTER, decoded(options.roster, "roster"), mode=0o600)
            if not paths:
                collected = Collected(tuple(one.hand_in for one in ledger.hand_ins(classrun.run)), ())
            notes = enter(classrun, collected.hand_ins, said)
            _write_owners(classrun)
            return _grade(classrun, collected, options, [*collected.notes, *notes], console)


def _said(homework: Homework, options: Options) -> Said:
    """What staff say with this command. Raises `UsageError`."""
    zone = ZoneInfo(course_of(homework).time_zone)
    roster = read_roster(options.roster, homework.assignment.name) if options.roster else None
    times = read_times(options.times, zone) if options.times else None
    if times is None and options.roster:
        times = times_in_roster(options.roster, zone)
    policy = homework.assignment.late or course_of(homework).late
    late_costs = homework.assignment.due is not None and bool(policy.percent_per_day or not policy.accepted)
    return Said(roster, times, read_owners(options.owners) if options.owners else None, late_costs)


def _write_owners(classrun: ClassRun) -> None:
    """Write OUT/owners.csv, for staff to fill in, with the hand-ins that nobody on the roster owns; none: none."""
    people = {person.id: person for person in classrun.ledger.roster(classrun.run)}
    kept = classrun.ledger.hand_ins(classrun.run)
    strange = [one.hand_in for one in kept if not all(people[student].on_roster for student in one.students)]
    path = classrun.folder / STAFF / OWNERS
    if strange and any(person.on_roster for person in people.values()):
        write(path, owners_table(strange), mode=0o600)
    else:
        path.unlink(missing_ok=True)


def _cluster(classrun: ClassRun, options: Options, console: Console) -> Prepare | None:
    """The cluster that was asked for. Raises `UsageError`."""
    if options.scheduler is None:
        return None
    from grader.commands.cluster import on_cluster

    def say(sentence: str) -> None:
        console.print(plain(sentence), markup=False, highlight=False)

    return on_cluster(classrun, options.scheduler, options.certificates, say, insecure=options.insecure)


def _to_fill_in(classrun: ClassRun) -> list[str]:
    path = classrun.folder / STAFF / OWNERS
    said = f"Whose they are can be said in {path}: fill in the column `student`, and give it with --owners."
    return [said] if path.exists() else []


def _grade(classrun: ClassRun, collected: Collected, options: Options, notes: Sequence[str], console: Console) -> int:
    now = datetime.now(UTC)
    names = {hand_in.name for hand_in in collected.hand_ins}
    kept = [one for one in classrun.ledger.hand_ins(classrun.run) if one.hand_in.name in names]
    kept = chosen(kept, options.only, classrun.ledger.roster(classrun.run))
    notes = [*undoes(classrun, kept), *notes]
    try:
        finished = work(
            classrun, classrun.todo(kept), options.jobs, console, now, cluster=_cluster(classrun, options, console)
        )
    except GraderError:
        with contextlib.suppress(GraderError):  # what went wrong first is said below
            classrun.give(kept, now)
            conclude(classrun.settle(now), names, collected, classrun, console)
        raise
    classrun.give(kept, now)
    settled = classrun.settle(now)
    mine = [one for one in settled.kept if one.hand_in.name in {other.hand_in.name for other in kept}]
    conclude(settled, {one.hand_in.name for one in mine}, collected, classrun, console)
    say_notes(console, "To look at:", [*notes, *_to_fill_in(classrun), *absent(settled.entries)])
    _point_to_report(mine, settled, classrun.folder, console)
    if not finished:
        graded = sum(one.id in settled.reports for one in mine)
        console.print(f"[yellow]Interrupted: {graded} of {len(mine)} are graded; their reports are complete.")
        console.print("[yellow]Run the same command again to grade the rest.")
        return INTERRUPTED
    publish(classrun, settled, console)
    ungraded = [one for one in mine if settled.reports[one.id].score is None]
    return GRADER_FAILED if ungraded or classrun.failed else FINE


def work(
    classrun: ClassRun,
    todo: Sequence[Todo],
    jobs: int | None,
    console: Console,
    now: datetime,
    *,
    preview: bool = False,
    cluster: Prepare | None = None,
) -> bool:
    """Grade with a live display, on this machine or on a cluster. Returns False if Ctrl-C stopped it."""
    if not todo:
        return True
    few = jobs is None and not classrun.homework.assignment.training  # trainings take seconds, all else a tenth of one
    workers = worker_count(jobs, -(-len(todo) // WORTH_A_WORKER) if few else len(todo))
    display = Display(console, len(todo), workers)
    if cluster is not None:
        display = Display(console, len(todo), 1, "waiting for the first worker of the cluster …")
    stop = Stop()
    with stop.listening(), display:

        def tick() -> None:
            if stop.presses:
                display.say("stopping after what is being graded; Ctrl-C again drops it")
            display.tick()

        return classrun.grade(
            todo,
            cluster or partial(Pool, workers=workers),
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
            tables = {classrun.homework.assignment.name: kept_roster(classrun.folder)}
            write_gradebook(settled.entries, assignments, classrun.folder / "gradebook", tables)
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
    """Who on the roster handed nothing in, as a sentence."""
    missing = [entry.student for entry in entries if not entry.attempt and not entry.student.has_left]
    return absent_people([Person(student.id, student.name) for student in missing])


def conclude(
    settled: Settled, names: Collection[str], collected: Collected, classrun: ClassRun, console: Console
) -> None:
    """Print the table, what could not be taken in, what has no grade, and how many have one."""
    kept = [one for one in settled.kept if one.hand_in.name in names and one.id in settled.reports]
    reports = [settled.reports[one.id] for one in kept]
    if not reports:
        return
    people = {entry.student.id: entry.student.name for entry in settled.entries}
    called = [_with_names(report, one, people) for report, one in zip(reports, kept, strict=True)]
    console.print(summary(called, console.width))
    rejected = [hand_in for hand_in in collected.hand_ins if hand_in.problem and hand_in.name in names]
    if rejected:
        console.print(f"\n{count(len(rejected), 'submission')} could not be read:", style="yellow")
        for one in rejected:
            console.print(f"  {plain(one.name)}: {plain(one.problem)}", style="yellow", markup=False, highlight=False)
    for graded, report in zip(kept, reports, strict=True):
        if report.score is None:
            faults = classrun.lost.get(graded.id) or "; ".join(report.faults) or report.problem
            console.print(f"NOT GRADED {plain(report.submission)}: {plain(faults)}", style="bold red", markup=False)
    for graded in kept:
        if (why := classrun.failed.get(graded.id)) is not None:
            said = f"NOT GRADED AGAIN {plain(graded.hand_in.name)}, the earlier grade stands: {plain(why)}"
            console.print(said, style="bold red", markup=False)
    said = counted(kept, settled)
    mean = sum(report.provenance.seconds for report in reports) / len(reports)
    by = reports[0].provenance.isolation
    space = "" if rejected else "\n"
    console.print(f"{space}{said}; {mean:.2f} s each, isolated by {by}.", markup=False, highlight=False)
    if len(settled.entries) > 1:
        console.print(plain(standing_counts(settled.entries)), markup=False, highlight=False)
    for line in _late_days(settled.entries):
        console.print(plain(line), markup=False, highlight=False)


def _with_names(report: Report, kept: Kept, people: Mapping[str, str]) -> Report:
    """A report that is called after its hand-in and its students."""
    own = kept.hand_in.name.casefold()
    names = [people[one] for one in kept.students if people.get(one) and people[one].casefold() != own]
    label = f"{kept.hand_in.name}  {'; '.join(names)}" if names else kept.hand_in.name
    return report.model_copy(update={"submission": label})


def counted(kept: Sequence[Kept], settled: Settled) -> str:
    """What became of hand-ins, in words that add up."""
    counts = Counter(
        "unreadable" if one.hand_in.problem else "not graded" if settled.reports[one.id].score is None else "graded"
        for one in kept
    )
    return ", ".join(f"{number} {word}" for word, number in counts.items())


def _late_days(entries: Sequence[Entry]) -> list[str]:
    """Who used late days, and how many they have left, as a sentence."""
    used = [entry for entry in entries if entry.late_days_used]
    said = [f"{named(one.student, one.student.id)} {one.late_days_used}, {one.late_days_left} left" for one in used]
    return [f"Late days: {'; '.join(said)}."] if said else []


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
