"""The grading process of one homework: it takes hand-ins from the line, and their grades go into the ledger.

`grader serve` starts one where something waits, and it ends when nothing did for a while. Whatever it is killed in, the
next one goes on: a hand-in that has its grade already is only marked as done.
"""

from __future__ import annotations

import contextlib
import json
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Row

from grader.collect.handin import HandIn, Owner
from grader.collect.roster import Person
from grader.errors import GraderError, UsageError
from grader.guest import linux
from grader.homework import load_homework
from grader.intake.submission import Submission
from grader.judging.environment import environment
from grader.ledger.ledger import Ledger
from grader.ledger.records import Kept
from grader.outcome import Check
from grader.portal import line
from grader.portal.book import Book, now_text
from grader.portal.course import LEDGER, people, run_folder
from grader.report.model import Report
from grader.run.classrun import ClassRun, content_of, whose
from grader.run.enter import Said, enter
from grader.run.executor import Stop
from grader.run.folder import alone, ledger_address, settle_settings, sweep
from grader.run.ipc import Checked, Done, Job
from grader.run.pool import Pool
from grader.sandbox.where import WhereToGrade

IDLE_SECONDS = 600.0  # that a warm process waits for the next hand-in
QUIET_SECONDS = 1.0  # without a hand-in before standings are brought up to date
BUSY_SECONDS = 20.0  # between two such times where there always is one
LOOK_SECONDS = 0.5  # between two looks whether staff changed something


class LiveRun(ClassRun):
    """A run whose hand-ins come one by one, from the portal's line."""

    def attach(self, book: Book, stop: Stop) -> None:
        """Say where hand-ins come from, and what ends it."""
        self._book, self._stop = book, stop
        self._own: dict[int, tuple[Kept, datetime]] = {}  # what is being graded
        self._held = contextlib.ExitStack()  # keeps other graders out while something is
        self._is_held = False
        self._idle_since = self._settled_at = self._looked_at = time.monotonic()
        self._is_stale = True

    def serve(self, workers: int) -> None:
        """Grade what waits until nothing did for a while, or until it is stopped. Raises `GraderError`."""
        self.ledger.note_key(self.manifest, self.homework.suite_sha256, self.environment)
        setup = msgspec.structs.replace(self._setup(str(self.folder.resolve())), is_live=True)
        pool = Pool(
            setup,
            self._waiting(),
            workers,
            on_done=self._done,
            on_lost=self._dead,
            on_tick=self._tick,
            on_ready=self._ready,
            on_checked=self._checked,
            stop=self._stop,
        )
        with self._held:
            pool.run()
            self._bring_up_to_date()

    def _ready(self) -> None:
        with self._book.writing() as connection:
            line.note_homework(connection, self.homework.assignment.name, fault="")

    def _waiting(self) -> Iterator[Job | None]:
        while not self._stop.presses:
            if not self._own and not self._hold():
                yield None
                continue
            with self._book.writing() as connection:
                row = line.take(connection, self.homework.assignment.name)
            if row is None:
                if not self._own:
                    self._release()
                if time.monotonic() - self._idle_since > IDLE_SECONDS:
                    return
                yield None
            elif (job := self._job(row)) is not None:
                yield job

    def _hold(self) -> bool:
        """Keep the commands that write into this run out. Returns False where one is at work: it is waited for."""
        if not self._is_held:
            try:
                self._held.enter_context(alone(self.folder))
            except GraderError:
                return False
            self._is_held = True
        return True

    def _release(self) -> None:
        self._held.close()
        self._is_held = False

    def _job(self, row: Row[Any]) -> Job | None:
        """Enter a hand-in into the ledger. None where it has its grade already."""
        self._idle_since = time.monotonic()
        with self._book.reading() as connection:
            files = dict(line.files_of(connection, row.sha256))
        submission = Submission(row.name, files, row.sha256, "the portal")
        self.store.put(submission)
        now = datetime.now(UTC)
        moment = datetime.fromisoformat(row.submitted_at)
        owner = Owner(id=row.student, account=f"portal {row.student}")
        hand_in = HandIn(row.name, row.sha256, "the portal", "", (owner,), row.attempt, moment)
        self.ledger.keep(self.run, [hand_in], now)
        self.ledger.assign(self.run, {row.name: [row.student]})
        kept = next(one for one in self.ledger.hand_ins(self.run) if one.hand_in.name == row.name)
        if self._has_grade(kept, row):
            self._is_stale = True
            self._bring_up_to_date()
            self._note_done(row.id)
            return None
        late = self._lates([kept])[kept.id]
        self._own[row.id] = kept, now
        return Job(
            row.id,
            row.name,
            hand_in.origin,
            row.sha256,
            files,
            "",
            late,
            now.isoformat(),
            whose=whose(self.homework, kept),
        )

    def _has_grade(self, kept: Kept, row: Row[Any]) -> bool:
        """Whether a hand-in has a grade that will do; equal work that was graded gives it one."""
        if kept.grade is not None and kept.given_at > row.queued_at:
            return self.ledger.scores([kept.grade])[kept.grade] is not None
        if row.lane != line.HAND_IN:
            return False  # staff want it graded again
        if content_of(self.homework, kept) not in self.ledger.finished(self.key):
            return False
        self.give([kept], datetime.now(UTC))
        return True

    def _checked(self, job: Job, checked: Checked) -> None:
        with self._book.writing() as connection:
            line.tell(connection, job.number, line.CHECK, checked.check.decode())

    def _done(self, job: Job, done: Done) -> None:
        kept, now = self._own.pop(job.number)
        report = Report.model_validate_json(done.report)
        self._note(kept, report, job.late, now, preview=False)
        self._after(job.number, "" if report.score is not None else "; ".join(report.faults) or report.problem)

    def _dead(self, job: Job, checks: tuple[Check, ...], words: str) -> None:
        kept, now = self._own.pop(job.number)
        said = f"the workers that graded this submission died, one after another ({words})"
        self.lost[kept.id] = said
        self._note(kept, self._lost(kept, checks, said), job.late, now, preview=False, page=False)
        self._after(job.number, said)

    def _after(self, number: int, why: str) -> None:
        self._is_stale, self._idle_since = True, time.monotonic()
        if why:
            self._bring_up_to_date()  # there may be no page yet
        self._note_done(number, why)

    def _note_done(self, number: int, why: str = "") -> None:
        with self._book.writing() as connection:
            line.finish(connection, number, why=why)

    def _tick(self) -> None:
        now = time.monotonic()
        if now - self._looked_at > LOOK_SECONDS:
            self._looked_at = now
            self._look()
        quiet = not self._own and now - self._idle_since > QUIET_SECONDS
        if self._is_stale and (quiet or now - self._settled_at > BUSY_SECONDS):
            self._bring_up_to_date()

    def _look(self) -> None:
        """Take in what staff changed: extensions, or that the due date has passed."""
        name = self.homework.assignment.name
        with self._book.reading() as connection:
            is_stale = line.homework(connection, name).stale
        if is_stale and self._hold():
            with self._book.writing() as connection:
                given = line.extensions(connection, name)
                disclosed = self.homework.assignment.is_past_due(datetime.now(UTC))
                line.note_homework(connection, name, stale=False, disclosed=disclosed)
            enter(self, [], Said(roster=_with_extensions(people(self._book.folder, name), given)))
            self._is_stale = True

    def _bring_up_to_date(self) -> None:
        """Work out the standings, and write the reports that say something else now."""
        self._settled_at = time.monotonic()
        if not self._hold():
            return
        settled = self.settle(datetime.now(UTC))
        spent = {one.student.id: one.late_days_used for one in settled.entries if one.late_days_used}
        counts = {one.student.id: one.attempt for one in settled.entries if one.attempt}
        values = {"late_days": json.dumps(spent), "counting": json.dumps(counts)}
        with self._book.writing() as connection:
            line.note_homework(connection, self.homework.assignment.name, **values)
        self._is_stale = False


def _with_extensions(roster: list[Person], given: dict[str, float]) -> list[Person]:
    return [replace(one, extension=max(one.extension, given.get(one.id, 0.0))) for one in roster]


def main(state: Path, course: Path, name: str, workers: int, where: WhereToGrade) -> int:
    """Grade a homework's hand-ins. Returns 0, or 3 where it failed: the reason is in the database, for staff."""
    with contextlib.suppress(OSError):
        linux.prctl(linux.PR_SET_PDEATHSIG, signal.SIGKILL)
    stop = Stop()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the server's
    signal.signal(signal.SIGTERM, lambda *_: _press(stop))
    book = Book(state)
    try:
        homework = load_homework(course, name)
        folder = run_folder(state, name)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        about = environment(where)
        with alone(folder):
            sweep(folder)
            settings = settle_settings(folder, homework, where, str(state / LEDGER))
        with Ledger(ledger_address(folder, settings)) as ledger:
            run = ledger.open_run(settings.key, name, None, homework.assignment.due, datetime.now(UTC))
            live = LiveRun(folder, homework, ledger, run, about)
            live.attach(book, stop)
            with book.writing() as connection:
                line.note_homework(connection, name, tier=about.facts["tier"], stale=True)
            live.serve(workers)
    except (GraderError, UsageError, OSError) as error:
        with book.writing() as connection:
            line.note_homework(connection, name, fault=str(error) or type(error).__name__, fault_at=now_text())
        return 3
    finally:
        book.close()
    return 0


def _press(stop: Stop) -> None:
    stop.presses = 1


if __name__ == "__main__":
    sys.exit(
        main(
            Path(sys.argv[1]),
            Path(sys.argv[2]),
            sys.argv[3],
            int(sys.argv[4]),
            msgspec.json.decode(sys.argv[5], type=WhereToGrade),
        )
    )
