"""Starts the grading processes, one for each homework that has something to do, and starts them again when they die."""

from __future__ import annotations

import contextlib
import subprocess
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec
from sqlalchemy.exc import SQLAlchemyError

from grader.portal import line
from grader.portal.book import Book, now_text
from grader.portal.course import Place, ours
from grader.sandbox.where import WhereToGrade

LOOK_SECONDS = 0.2
WARM_SECONDS = 2.0  # that a wish to have a process warm holds
DRAIN_SECONDS = 150.0  # that what is being graded may take when the server ends
AGAIN_SECONDS = 30.0  # after a process that failed, or that died more often than it may
FAILED = 3  # what a process ends with that has said why
DEATHS = 3  # in a row, until it is waited so long
AT_ONCE = 3  # grading processes; each has a warm sandbox, which takes half a gigabyte


@dataclass
class _Grader:
    """The grading process of one homework."""

    process: subprocess.Popen[bytes] | None = None
    deaths: int = 0
    not_before: float = 0.0
    wanted: float = -WARM_SECONDS  # when a student last looked at it: it may be warm before they hand in


class Supervisor:
    """Runs in a thread of the server."""

    def __init__(self, book: Book, place: Place, workers: int, where: WhereToGrade) -> None:
        self._book, self._place = book, place
        self._workers, self._where = workers, where
        self._graders = {name: _Grader() for name in place.homeworks}
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._run, name="supervisor")

    def start(self) -> None:
        """Start to look for work."""
        with self._book.writing() as connection:
            line.know(connection, list(self._graders))
            for name in self._graders:
                line.recover(connection, name)
        self._thread.start()

    def warm(self, name: str) -> None:
        """Somebody may soon hand in here."""
        self._graders[name].wanted = time.monotonic()

    def alive(self) -> dict[str, int]:
        """Homework → its grading process."""
        running = {name: one.process for name, one in self._graders.items() if one.process is not None}
        return {name: process.pid for name, process in running.items() if process.poll() is None}

    def stop(self) -> None:
        """Let what is being graded end, and then the processes."""
        self._ends.set()
        if self._thread.is_alive():
            self._thread.join()

    def _drain(self) -> None:
        """By the thread that started them: when that ends, the kernel kills those that are left."""
        processes = [one.process for one in self._graders.values() if one.process is not None]
        for process in processes:
            process.terminate()
        until = time.monotonic() + DRAIN_SECONDS
        for process in processes:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(max(until - time.monotonic(), 0.01))
            process.kill()
            process.wait()

    def _run(self) -> None:
        try:
            while not self._ends.wait(LOOK_SECONDS):
                with contextlib.suppress(SQLAlchemyError, OSError):  # what is full or busy now is not later
                    self._look()
        finally:
            self._drain()

    def _look(self) -> None:
        with self._book.reading() as connection:
            waits = line.waiting(connection)
            known = {name: line.homework(connection, name) for name in self._graders}
        for name, one in known.items():
            is_due = self._place.homeworks[name].assignment.is_past_due(datetime.now(UTC))
            if is_due and not one.disclosed and not one.stale:
                with self._book.writing() as connection:
                    line.note_homework(connection, name, stale=True)
        stale = [name for name, one in known.items() if one.stale and one.tier]
        self._tend([name for name in (*waits, *stale) if name in self._graders])  # a homework may be gone

    def _tend(self, needed: Sequence[str]) -> None:
        now = time.monotonic()
        for name, grader_ in self._graders.items():
            process = grader_.process
            if process is not None and process.poll() is not None:
                self._bury(name, grader_, process.returncode)
        alive = self.alive()
        warm = [name for name, one in self._graders.items() if now - one.wanted < WARM_SECONDS]
        for name in dict.fromkeys([*needed, *warm]):
            if name in alive or self._graders[name].not_before > now:
                continue
            if len(alive) >= AT_ONCE:
                idle = [one for one in alive if one not in needed]
                if idle and name in needed:
                    self._graders[idle[0]].process.terminate()  # type: ignore[union-attr]  # it is alive
                return
            self._start(name)
            alive = self.alive()

    def _start(self, name: str) -> None:
        with self._book.writing() as connection:
            line.recover(connection, name)
        where = msgspec.json.encode(self._where).decode()
        command = ours("grader.portal.grading", self._place.state, self._place.root, name, self._workers, where)
        self._graders[name].process = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)

    def _bury(self, name: str, one: _Grader, code: int) -> None:
        one.process = None
        one.deaths = 0 if code == 0 else one.deaths + 1
        with self._book.writing() as connection:
            line.recover(connection, name, is_ours=code in (0, FAILED))
            if code not in (0, FAILED):
                said = f"the grading process ended with code {code}"
                line.note_homework(connection, name, fault=said, fault_at=now_text())
        if code == FAILED or one.deaths >= DEATHS:
            one.not_before = time.monotonic() + AGAIN_SECONDS
