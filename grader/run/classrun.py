"""A run over a class: what is left to grade, and each student's standing.

What is in the ledger counts; reports are written from it, and again if they are missing or no longer say the same.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property, partial
from pathlib import Path

from grader.collect.store import Store
from grader.errors import GraderError
from grader.gradebook.entry import Adjustment, Entry
from grader.homework import Homework, load_homework
from grader.judging.environment import Environment
from grader.judging.late import Lateness
from grader.judging.manifest import Manifest, manifest
from grader.ledger.ledger import Ledger
from grader.ledger.records import Kept, Key, Run
from grader.outcome import Check, Grading, Outcome, Provenance, Verdict
from grader.report.build import build
from grader.report.model import Report
from grader.report.text import plain
from grader.report.write import STAFF, write
from grader.run import standings
from grader.run.executor import Prepare, Stop, Unwritable
from grader.run.folder import Settings, alone, course_of, ledger_address
from grader.run.ipc import Done, Job, Setup
from grader.run.reports import Pages, by_grade, unwritten
from grader.run.standings import Standings, Terms
from grader.sandbox.where import ANYWHERE
from grader.seed import Seed

EARLIER = "an earlier grade stands: the grader failed when it graded this again"
PUBLISHED = ".published"  # names the entries that gradebook and class page were last made from
# After these an earlier outcome may depend on what was asked before it, so all is asked again.
WHOLE = {Verdict.TIMEOUT, Verdict.MEMORY, Verdict.CRASH, Verdict.BLOCKED, Verdict.INFRA}


@dataclass(frozen=True)
class Todo:
    """A hand-in to grade: all of it, or some parts beside what an earlier grade has."""

    kept: Kept
    before: int | None = None  # the earlier grade's number
    parts: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Settled:
    """What a run has come to."""

    kept: tuple[Kept, ...]
    reports: Mapping[int, Report]  # hand-in's number → the staff's report, slim, with its standing
    entries: tuple[Entry, ...]
    changed: bool  # whether the entries are others than those last published


class ClassRun:
    """One homework graded in one environment, by one suite, for one run of the ledger."""

    def __init__(self, folder: Path, homework: Homework, ledger: Ledger, run: Run, environment: Environment) -> None:
        self.folder = folder
        self.homework = homework
        self.ledger = ledger
        self.run = run
        self.environment = environment
        self.store = Store(folder)
        self.pages = Pages(folder, homework.assignment, ledger)
        self.terms = Terms.of(course_of(homework), homework.assignment)
        self.lost: dict[int, str] = {}  # hand-in's number → why it could not be graded
        self.failed: dict[int, str] = {}  # hand-in's number → why, where the grader failed and an earlier grade stands
        self._given: dict[str, int] = {}  # submission's hash → its grade of this run, finished or not
        self._untaken: list[tuple[Kept, str]] = []  # what cannot be given to a worker, and why

    @cached_property
    def manifest(self) -> Manifest:
        return manifest(self.homework)

    @property
    def key(self) -> Key:
        """What grades depend on here, beside the submission."""
        return Key(self.manifest.sha256, self.environment.sha256, self.run.seed.id)

    # ---------------------------------------------------------------------------------------------- what is to be done

    def todo(self, kept: Sequence[Kept], *, whole: bool = False) -> list[Todo]:
        """What has to be graded, each content once: nothing that is finished, and of the rest only changed parts."""
        finished = {} if whole else self.ledger.finished(self.key)
        found: dict[str, Todo] = {}
        for one in kept:
            content = content_of(self.homework, one)
            if content not in finished and content not in found:
                found[content] = Todo(one)
        if found and not whole and not self.homework.draws_for_students:  # a report says all that was drawn
            self._narrow(found)
        return list(found.values())

    def _narrow(self, found: dict[str, Todo]) -> None:
        """Where an earlier suite has graded the same content, leave only the parts that may have changed."""
        before = {sha: pair for sha, pair in self.ledger.under_other_judges(self.key).items() if sha in found}
        manifests = {judge: self.ledger.manifest(judge) for judge in {judge for _, judge in before.values()}}
        numbers = {number: sha for sha, (number, _) in before.items()}
        for number, report in self.ledger.summaries(numbers):
            sha = numbers[number]
            earlier = manifests[before[sha][1]]
            parts = None if earlier is None else self._changed(earlier, report)
            if parts is not None:
                found[sha] = replace(found[sha], before=number, parts=parts)

    def _changed(self, earlier: Manifest, report: Report) -> frozenset[str] | None:
        """The parts to grade again beside an earlier report; None where all of it has to be."""
        if report.problem or any(check.verdict in WHOLE for check in report.checks):
            return None
        if set(earlier.parts) != set(self.manifest.parts):
            return None
        wrong = {check.part for check in report.checks if check.verdict is not Verdict.PASSED}
        return self.manifest.changed(earlier) | (self.manifest.explained_anew(earlier) & wrong)

    # ---------------------------------------------------------------------------------------------------------- grading

    def grade(
        self,
        todo: Sequence[Todo],
        prepare: Prepare,
        *,
        now: datetime,
        stop: Stop,
        on_done: Callable[[Report, float], None],
        on_ready: Callable[[], None],
        on_tick: Callable[[], None],
        preview: bool = False,
    ) -> bool:
        """Grade on an executor. Returns False if it was stopped. A `preview` keeps grades and gives them to nobody.

        Raises `GraderError`; what was finished before is in the ledger.
        """
        self.ledger.note_key(self.manifest, self.homework.suite_sha256, self.environment)
        lates = self._lates([one.kept for one in todo])
        taken = list(todo)

        def take(job: Job, done: Done) -> None:
            one = taken[job.number]
            report = Report.model_validate_json(done.report)
            self._note(one.kept, report, lates[one.kept.id], now, preview=preview)
            on_done(report, done.seconds)

        def ungraded(kept: Kept, checks: tuple[Check, ...], words: str) -> None:
            self.lost[kept.id] = words
            report = self._lost(kept, checks, words)
            self._note(kept, report, lates[kept.id], now, preview=preview, page=False)
            on_done(report, 0.0)

        def lose(job: Job, checks: tuple[Check, ...], words: str) -> None:
            said = f"the workers that graded this submission died, one after another ({words})"
            ungraded(taken[job.number].kept, checks, said)

        setup = self._setup("" if preview else str(self.folder.resolve()))
        executor = prepare(
            setup,
            self._jobs(taken, lates, now),
            on_done=take,
            on_lost=lose,
            on_ready=on_ready,
            on_tick=on_tick,
            stop=stop,
        )
        self._untaken = []
        try:
            is_done = executor.run()
        except Unwritable as error:
            name = plain(taken[error.number].kept.hand_in.name, one_line=True)
            raise unwritten(name, self.folder, str(error)) from error
        for kept, words in self._untaken:
            ungraded(kept, executor.checks, words)
        return is_done

    def _setup(self, out: str) -> Setup:
        homework = self.homework
        return Setup(
            public=str(homework.public.resolve()),
            reference=str(homework.reference.resolve()),
            suite=str(homework.suite.resolve()),
            where=self.environment.where,
            seed=self.run.seed.secret,
            out=out,
            suite_sha256=homework.suite_sha256,
        )

    def _jobs(self, todo: Sequence[Todo], lates: dict[int, Lateness], now: datetime) -> Iterator[Job]:
        # Those that need the same parts in a row: a session keeps what such submissions share.
        order = sorted(range(len(todo)), key=lambda number: (sorted(todo[number].parts), number))
        for number in order:
            one = todo[number]
            hand_in, files, known = one.kept.hand_in, {}, b""
            if hand_in.is_fault:
                self._untaken.append((one.kept, hand_in.problem))
                continue
            if not hand_in.problem:
                try:
                    files = dict(self.store.get(hand_in.sha256, hand_in.name, hand_in.origin).files)
                except GraderError as error:
                    self._untaken.append((one.kept, str(error)))
                    continue
            if one.before is not None:
                ((_, report),) = self.ledger.reports([one.before])
                known = report.model_dump_json().encode()
            yield Job(
                number=number,
                name=hand_in.name,
                origin=hand_in.origin,
                sha256="" if hand_in.problem else hand_in.sha256,
                files=files,
                problem=hand_in.problem,
                late=lates[one.kept.id],
                now=now.isoformat(),
                known=known,
                parts=tuple(sorted(one.parts)),
                whose=whose(self.homework, one.kept),
            )

    def _note(
        self, kept: Kept, report: Report, late: Lateness, now: datetime, *, preview: bool, page: bool = True
    ) -> None:
        content = content_of(self.homework, kept)
        if preview:
            self._given[content] = self.ledger.add_grade(content, self.key, report, now)
            return
        if report.score is None and self._stands(kept, report, now):
            return
        # The worker knows no note and no comment: with one of them the page is written again.
        is_written = page and not kept.hand_in.note and not kept.comments
        written = (
            partial(self.pages.content, kept, late=late, adjustments=(), marks={}, now=now) if is_written else None
        )
        self._given[content] = self.ledger.grade(kept, self.key, report, now, page=written, content=content)

    def _stands(self, kept: Kept, report: Report, now: datetime) -> bool:
        """Whether an earlier grade stays, for the grader failed on this one: a fault of ours takes nothing away."""
        earlier = kept.grade if kept.grade is not None else self.ledger.earlier_grade(self.run, kept.hand_in.name)
        if earlier is None or self.ledger.scores([earlier])[earlier] is None:
            return False
        self.ledger.add_grade(content_of(self.homework, kept), self.key, report, now)
        if kept.grade is None:
            self.ledger.give({kept.id: earlier}, now, "before")
        self.ledger.note_pages({kept.id: ""})  # the worker has written its own over them
        self.failed[kept.id] = self.lost.get(kept.id) or "; ".join(report.faults) or report.problem
        return True

    def _earlier(self, kept: Sequence[Kept]) -> set[int]:
        """The hand-ins whose grade is from before the grader failed on them."""
        failures = self.ledger.failures()
        return {
            one.id
            for one in kept
            if one.grade is not None
            and one.given_at
            and one.given_at <= failures.get(content_of(self.homework, one), "")
        }

    def _lost(self, kept: Kept, checks: tuple[Check, ...], words: str) -> Report:
        """The report of a submission that could not be graded: it has no grade, for the fault is ours."""
        outcomes = tuple(Outcome(check, Verdict.INFRA, 0.0, staff_detail=words) for check in checks)
        facts = self.environment.facts
        provenance = Provenance(
            submission_sha256=kept.hand_in.sha256,
            suite_sha256=self.homework.suite_sha256,
            seed_id=self.run.seed.id,
            isolation=facts["tier"],
            protections=(),
            device=self.environment.where.device,
            python=facts["python"],
            torch=facts["torch"],
            started_at=datetime.now(UTC).isoformat(timespec="milliseconds"),
            seconds=0.0,
        )
        grading = Grading(kept.hand_in.name, outcomes, provenance, seed=self.run.seed.secret.hex())
        return build(self.homework.assignment, grading)

    # ------------------------------------------------------------------------------------------- what comes out of it

    def grade_numbers(self, kept: Sequence[Kept]) -> dict[int, int]:
        """Hand-in's number → the grade that it has under this key, if it has one."""
        finished = {**self._given, **self.ledger.finished(self.key)}
        contents = {one.id: content_of(self.homework, one) for one in kept}
        return {number: finished[content] for number, content in contents.items() if content in finished}

    def give(self, kept: Sequence[Kept], now: datetime, why: str = "grade") -> int:
        """Give each hand-in the grade that it has under this key. Returns for how many that is another one."""
        numbers = self.grade_numbers(kept)
        now_given = {one.id: one.grade for one in self.ledger.hand_ins(self.run)}
        failures, shas = self.ledger.failures(), {one.id: content_of(self.homework, one) for one in kept}
        # What was failed on since is given once more, and is an earlier grade no longer.
        again = {one.id for one in kept if one.given_at and one.given_at <= failures.get(shas[one.id], "")}
        new = {one: number for one, number in numbers.items() if now_given.get(one) != number or one in again}
        if new:
            self.ledger.give(new, now, why)
        return len(new)

    def settle(self, now: datetime) -> Settled:
        """Work out who has what, bring the written reports up to date, and make an entry for each student."""
        kept = self.ledger.hand_ins(self.run)
        stand = self.standings(kept)
        self.ledger.spend(self.run, stand.spent)
        reports = self.pages.refresh(kept, stand, now, self.ledger.hand_ins(self.run, superseded=True))
        entries = tuple(self._entries(kept, stand, reports))
        published = self.folder / STAFF / PUBLISHED
        changed = not published.exists() or published.read_text("utf-8") != entries_sha256(entries)
        return Settled(tuple(kept), reports, entries, changed)

    def note_published(self, settled: Settled) -> None:
        """Note that gradebook and class page say what the entries say."""
        write(self.folder / STAFF / PUBLISHED, entries_sha256(settled.entries), mode=0o600)

    def standings(self, kept: Sequence[Kept]) -> Standings:
        """Who has what, by the grades that the hand-ins have now."""
        people = {person.id: person for person in self.ledger.roster(self.run)}
        scores = self.ledger.scores([one.grade for one in kept if one.grade is not None])
        of_hand_in = {one.id: scores.get(one.grade) for one in kept if one.grade is not None}
        spent = self.ledger.spent_before(self.run, self.homework.assignment.due)
        marks = self.ledger.marks(self.run) if self.homework.assignment.parts_by_hand else ()
        return standings.stand(self.terms, kept, people, of_hand_in, self.adjustments(), spent, marks)

    def entries(self, kept: Sequence[Kept]) -> list[Entry]:
        """A line for each student, by the grades that `kept` says, without writing anything."""
        graded = by_grade(kept)
        stand = self.standings(kept)
        reports = {one.id: report for number, report in self.ledger.summaries(graded) for one in graded[number]}
        return self._entries(kept, stand, reports)

    def adjustments(self) -> dict[str, list[Adjustment]]:
        """Student's id → what staff gave or took by hand."""
        found: dict[str, list[Adjustment]] = {}
        for note in self.ledger.adjustments(self.run):
            found.setdefault(note.student, []).append(note.adjustment)
        return found

    def _lates(self, kept: Sequence[Kept]) -> dict[int, Lateness]:
        people = {person.id: person for person in self.ledger.roster(self.run)}
        spent = self.ledger.spent_before(self.run, self.homework.assignment.due)
        return {one.id: standings.late(self.terms, one, people, spent) for one in kept}

    def _entries(self, kept: Sequence[Kept], stand: Standings, reports: dict[int, Report]) -> list[Entry]:
        given, earlier, marks = self.adjustments(), self._earlier(kept), self.ledger.marks(self.run)
        attempts: dict[str, int] = {}
        for one in kept:
            for student in one.students:
                attempts[student] = attempts.get(student, 0) + 1
        found = []
        for person in self.ledger.roster(self.run):
            counted = stand.counts.get(person.id)
            report = reports.get(counted.id) if counted is not None else None
            line = standings.entry(
                person,
                self.homework.assignment,
                stand,
                attempts.get(person.id, 0),
                report,
                given.get(person.id, ()),
                standings.newest(marks, (person.id,)),
            )
            is_earlier = counted is not None and counted.id in earlier and line.so_far is not None
            if is_earlier:
                line = replace(line, is_earlier=True, problem=line.problem or EARLIER)
            found.append(line)
        return found


def whose(homework: Homework, kept: Kept) -> str:
    """The students whom a hand-in's values are drawn for; empty where the suite draws for nobody."""
    return ", ".join(sorted(kept.students)) if homework.draws_for_students else ""


def content_of(homework: Homework, kept: Kept) -> str:
    """What a hand-in's grade is kept under: its submission's hash, with its students where they make a difference."""
    sha, students = kept.hand_in.sha256, whose(homework, kept)
    return hashlib.sha256(f"{sha} of {students}".encode()).hexdigest() if students else sha


def entries_sha256(entries: Sequence[Entry]) -> str:
    """Names what entries say, but for the time that grading took."""
    digest = hashlib.sha256()
    for one in entries:
        bare = replace(one, report=None)
        report = one.report.model_dump_json(exclude={"provenance": {"seconds", "started_at"}}) if one.report else ""
        digest.update(f"{bare!r}\0{report}\0".encode())
    return digest.hexdigest()


def open_run(
    folder: Path, homework: Homework, ledger: Ledger, settings: Settings, environment: Environment, seed: Seed | None
) -> ClassRun:
    """The run of a folder, noted in the ledger if it is new."""
    now = datetime.now(UTC)
    run = ledger.open_run(settings.key, homework.assignment.name, seed, homework.assignment.due, now)
    return ClassRun(folder, homework, ledger, run, environment)


@contextlib.contextmanager
def reopened(
    folder: Path, settings: Settings, ledger: str | None = None, course: Path | None = None
) -> Iterator[ClassRun]:
    """A run that was graded before, with other graders kept out, to be read or annotated.

    Nothing is graded, so it does not matter on what machine: an environment without facts will do.
    """
    homework = load_homework(course or Path(settings.course), settings.homework)
    with alone(folder), Ledger(ledger_address(folder, settings, ledger)) as book:
        yield open_run(folder, homework, book, settings, Environment({}, ANYWHERE), None)
