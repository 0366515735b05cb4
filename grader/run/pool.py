"""Many submissions on several workers: hand out jobs, take in reports, and replace workers that die.

Theory of operation. The parent holds no tensor and no submission's content beyond what its workers have in hand. Each
worker is a fresh interpreter (a fork of a process that has used torch hangs) with a session and a sandbox of its own,
and has one job at a time: it gets the next one before the parent looks at its answer, so it hardly waits, and neither
of them writes while the other one does. A worker that dies is the grader's fault: another one gets its job, up to
`TRIES` times, and then has no grade, which is not 0. Workers are in sessions of their own: Ctrl-C reaches the parent
alone, and it decides. If the parent dies, the kernel ends them.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import socket
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import grader
from grader.errors import GraderError, UsageError
from grader.outcome import Check
from grader.run.executor import TRIES, Stop, Unwritable
from grader.run.ipc import Checked, Done, Failed, FromWorker, Inbox, Job, Ready, Setup, Unwritten, encode

STARTS = 3  # of workers that die before they are ready, in a row
LEAVE_SECONDS = 5.0  # for workers to close their sandboxes
LAST_WORDS_SECONDS = 2.0
TICK_SECONDS = 0.25
CODE = "import sys; sys.path[:0] = [{engine!r}]; from grader.run.worker import main; main({descriptor})"


def worker_count(jobs: int | None, work: int) -> int:
    """One worker per core that this process may use, but no more than there is work for."""
    return max(min(jobs or len(os.sched_getaffinity(0)), work), 1)


@dataclass
class _Worker:
    process: subprocess.Popen[bytes]
    connection: socket.socket
    words: IO[bytes]  # what it writes to stderr
    inbox: Inbox = field(default_factory=Inbox)
    ready: bool = False
    job: Job | None = None
    is_idle: bool = False  # it can grade, and there is nothing for now


class Pool:
    """One run of jobs. `on_done` is called in this process, job by job, in the order in which they end.

    `on_ready` is called once, when the first worker can grade, and `on_tick` several times a second. `on_checked` is
    called for each check of a job that its student may see, where `Setup.is_live` asks for that. `jobs` is asked for
    the next job whenever a worker is free: None is no job for now, and the end is the end. `wake` is readable when
    `on_tick` is to be called at once, and workers without a job are to be fed again.
    """

    def __init__(
        self,
        setup: Setup,
        jobs: Iterable[Job | None],
        workers: int,
        *,
        on_done: Callable[[Job, Done], None],
        on_lost: Callable[[Job, tuple[Check, ...], str], None],
        on_ready: Callable[[], None] = lambda: None,
        on_tick: Callable[[], None] = lambda: None,
        on_checked: Callable[[Job, Checked], None] = lambda *_: None,
        stop: Stop | None = None,
        wake: socket.socket | None = None,
    ) -> None:
        self._setup = setup
        self._jobs = iter(jobs)
        self._again: deque[Job] = deque()
        self._tries: dict[int, int] = {}
        self._wanted = workers
        self._on_done, self._on_lost = on_done, on_lost
        self._on_ready, self._on_tick, self._on_checked = on_ready, on_tick, on_checked
        self._any_ready = False
        self._stop = stop or Stop()
        self._selector = selectors.DefaultSelector()
        if wake is not None:
            self._selector.register(wake, selectors.EVENT_READ, None)
        self._workers: list[_Worker] = []
        self._leaving: list[subprocess.Popen[bytes]] = []
        self._starts_in_vain = 0
        self._stopped = False
        self.checks: tuple[Check, ...] = ()

    def run(self) -> bool:
        """Work until all is done (True), or until Ctrl-C stops it (False).

        Raises `GraderError`, `Unwritable`, and `UsageError` where what workers are given, data say, cannot be used.
        """
        try:
            for _ in range(self._wanted):
                self._start()
            while self._workers:
                for key, _ in self._selector.select(TICK_SECONDS):
                    self._hear(key.data)
                self._on_tick()
                for worker in [one for one in self._workers if one.is_idle]:
                    self._feed(worker)
                if self._stop.presses > 1:
                    return False
                if self._stop.presses and not self._stopped:
                    self._halt()
            return not self._stopped
        finally:
            for worker in list(self._workers):
                self._end(worker, kill=True)
            self._wait_for_leavers()
            self._selector.close()

    def _halt(self) -> None:
        """Let workers finish what they work on, and nothing more."""
        self._stopped = True
        for worker in list(self._workers):
            if worker.job is None:
                self._end(worker, kill=not worker.ready)

    def _start(self) -> None:
        ours, theirs = socket.socketpair()
        words = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as the worker
        engine = str(Path(grader.__file__).resolve().parent.parent)
        with theirs:
            process = subprocess.Popen(
                [sys.executable, "-c", CODE.format(engine=engine, descriptor=theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=words,
                pass_fds=[theirs.fileno()],
                env=os.environ | {"OMP_NUM_THREADS": "1"},
                start_new_session=True,
            )
        worker = _Worker(process, ours, words)
        self._workers.append(worker)
        self._selector.register(ours, selectors.EVENT_READ, worker)
        with contextlib.suppress(OSError):  # a worker that died at once is noticed when it does not answer
            ours.sendall(encode(self._setup))

    def _hear(self, worker: _Worker | None) -> None:
        if worker is None or worker not in self._workers:
            return
        try:
            piece = worker.connection.recv(1 << 20)
        except OSError:
            piece = b""
        if not piece:
            self._bury(worker)
            return
        for message in worker.inbox.feed(piece):
            self._take(worker, message)

    def _take(self, worker: _Worker, message: FromWorker) -> None:
        match message:
            case Ready(checks=checks):
                worker.ready, self.checks, self._starts_in_vain = True, checks, 0
                self._feed(worker)
                if not self._any_ready:
                    self._any_ready = True
                    self._on_ready()
            case Checked():
                assert worker.job is not None
                self._on_checked(worker.job, message)
            case Done():
                job, worker.job, self._starts_in_vain = worker.job, None, 0
                assert job is not None
                assert job.number == message.number
                self._feed(worker)
                self._on_done(job, message)
            case Unwritten(number=number, reason=reason):
                raise Unwritable(number, reason)
            case Failed(message=said, is_usage=is_usage):
                raise UsageError(said) if is_usage else GraderError(said)

    def _feed(self, worker: _Worker) -> None:
        try:
            worker.job = None if self._stopped else self._next()
        except StopIteration:
            self._end(worker)
            return
        worker.is_idle = worker.job is None and not self._stopped
        if self._stopped:
            self._end(worker)
        elif worker.job is not None:
            with contextlib.suppress(OSError):  # its death is noticed when its socket closes
                worker.connection.sendall(encode(worker.job))

    def _next(self) -> Job | None:
        """The next job, or None for now. Raises `StopIteration` where there will be none."""
        return self._again.popleft() if self._again else next(self._jobs)

    def _bury(self, worker: _Worker) -> None:
        """A worker that died: its job goes to another one, which takes its place while there is work."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            worker.process.wait(LAST_WORDS_SECONDS)  # it hung up, and may still be saying why
        words = self._end(worker, kill=True)
        if not worker.ready:
            self._starts_in_vain += 1
            if self._starts_in_vain >= STARTS:
                raise GraderError(f"the workers die before they can grade anything: {words}")
        job = worker.job
        if job is not None:
            self._tries[job.number] = self._tries.get(job.number, 0) + 1
            if self._tries[job.number] < TRIES:
                self._again.append(job)
            else:
                self._on_lost(job, self.checks, words)
        if self._stopped:
            return
        with contextlib.suppress(StopIteration):  # there is no work left
            following = self._next()
            if following is not None:
                self._again.appendleft(following)
            self._start()

    def _end(self, worker: _Worker, *, kill: bool = False) -> str:
        """Let a worker go, and return its last words. One that is not killed closes its sandbox by itself."""
        self._workers.remove(worker)
        self._selector.unregister(worker.connection)
        worker.connection.close()
        if kill:
            worker.process.kill()
            worker.process.wait()
        else:
            self._leaving.append(worker.process)
        worker.words.seek(0)
        lines = worker.words.read().decode(errors="replace").strip().splitlines()
        worker.words.close()
        ended = f"a worker ended with code {worker.process.returncode}"
        return f"{ended}: {lines[-1]}" if lines else ended

    def _wait_for_leavers(self) -> None:
        deadline = time.monotonic() + LEAVE_SECONDS
        for process in self._leaving:
            try:
                process.wait(max(deadline - time.monotonic(), 0.01))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
