"""Many submissions on several workers: hand out jobs, take in reports, and replace workers that die.

Theory of operation. The parent holds no tensor and no submission's content beyond what its workers have in hand. Each
worker is forked from a prototype, which has loaded torch and the suite (`grader.run.prototype`), with a session and a
sandbox of its own, and has one job at a time: it gets the next one before the parent looks at its answer, so it hardly
waits, and neither of them writes while the other one does. A worker that dies is the grader's fault: another one gets
its job, up to `TRIES` times, and then has no grade, which is not 0. Workers are in a session of their own: Ctrl-C
reaches the parent alone, and it decides. If the parent dies, the kernel ends the prototype, and with it the workers.
"""

from __future__ import annotations

import contextlib
import os
import select
import selectors
import signal
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
from grader.run.ipc import (
    Born,
    Checked,
    Done,
    Ended,
    Failed,
    FromWorker,
    Inbox,
    Job,
    Ready,
    Setup,
    Unwritten,
    encode,
    from_prototype,
    to_prototype,
)
from grader.sandbox.waits import ran_out

STARTS = 3  # of workers that die before they are ready, in a row
LEAVE_SECONDS = 5.0  # for workers to close their sandboxes
LAST_WORDS_SECONDS = 2.0
TICK_SECONDS = 0.25
CODE = "import sys; sys.path[:0] = [{engine!r}]; from grader.run.worker import main; main({descriptor})"
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")


def worker_count(jobs: int | None, work: int) -> int:
    """One worker per core that this process may use, but no more than there is work for."""
    return max(min(jobs or len(os.sched_getaffinity(0)), work), 1)


@dataclass(eq=False)
class _Prototype:
    process: subprocess.Popen[bytes]
    control: socket.socket
    words: IO[bytes]  # what it writes to stderr
    ordered: deque[_Worker] = field(default_factory=deque)  # that are not born yet
    codes: dict[int, int] = field(default_factory=dict)  # with which its workers ended
    is_spent: bool = False  # it makes no more workers, for it has become one
    has_hung_up: bool = False
    is_counted: bool = False  # among the starts in vain: its workers die with it, and count once

    def hear(self) -> bool:
        """Note what it says next. Returns False where it has hung up."""
        try:
            said, handles, _, _ = socket.recv_fds(self.control, 1 << 12, 1)
        except ConnectionResetError:  # it did not read all: what it said before comes after that
            said, handles, _, _ = socket.recv_fds(self.control, 1 << 12, 1)
        match from_prototype(said) if said else None:
            case Born(pid=pid, is_last=is_last):
                self.is_spent = is_last
                worker = self.ordered.popleft()
                worker.pid = pid
                worker.handle = handles[0] if handles else -1  # by its number it might be another process by now
            case Ended(pid=pid, code=code):
                self.codes[pid] = code
            case None:
                self.has_hung_up = True
        return not self.has_hung_up

    def hear_until(self, is_known: Callable[[], bool]) -> None:
        """Listen until something is known, it hangs up, or it says nothing."""
        while self.control.fileno() >= 0 and not is_known():
            if not _speaks(self.control.fileno(), LAST_WORDS_SECONDS):
                ran_out("the workers' prototype to say who began or ended", LAST_WORDS_SECONDS)
                return
            if not self.hear():
                return


@dataclass(eq=False)
class _Worker:
    prototype: _Prototype
    connection: socket.socket
    words: IO[bytes]  # what it writes to stderr
    pid: int = 0  # before it is born
    handle: int = -1
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
        self._prototypes: list[_Prototype] = []  # the last one makes workers, until it hangs up
        self._leaving: list[int] = []  # handles of workers
        self._starts_in_vain = 0
        self._stopped = False
        self.checks: tuple[Check, ...] = ()

    def run(self) -> bool:
        """Work until all is done (True), or until Ctrl-C stops it (False).

        Raises `GraderError`, `Unwritable`, and `UsageError` where what workers are given, data say, cannot be used.
        """
        is_calm = False
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
            is_calm = True
            return not self._stopped
        finally:
            for prototype in self._prototypes if not is_calm else ():
                prototype.process.kill()  # else each worker's end waits for a prototype that may be busy
            for worker in list(self._workers):
                self._end(worker, kill=True)
            self._wait_for_leavers()
            for prototype in self._prototypes:
                self._end_prototype(prototype, LEAVE_SECONDS if is_calm else 0)
            self._selector.close()

    def _halt(self) -> None:
        """Let workers finish what they work on, and nothing more."""
        self._stopped = True
        for worker in list(self._workers):
            if worker.job is None:
                self._end(worker, kill=not worker.ready)

    def _start(self) -> None:
        """Order a worker."""
        ours, theirs = socket.socketpair()
        words = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as the worker
        prototype = self._prototype()
        worker = _Worker(prototype, ours, words)
        prototype.ordered.append(worker)
        self._workers.append(worker)
        self._selector.register(ours, selectors.EVENT_READ, worker)
        with theirs, contextlib.suppress(OSError):  # a prototype that died at once is noticed by its silence
            socket.send_fds(prototype.control, [b"worker"], [theirs.fileno(), words.fileno()])

    def _prototype(self) -> _Prototype:
        """What makes workers."""
        last = self._prototypes[-1] if self._prototypes and not self._setup.where.has_gpu else None
        if last is not None and not (last.is_spent or last.has_hung_up):
            return last
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        words = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as the prototype
        engine = str(Path(grader.__file__).resolve().parent.parent)
        with theirs:
            process = subprocess.Popen(
                [sys.executable, "-c", CODE.format(engine=engine, descriptor=theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=words,
                pass_fds=[theirs.fileno()],
                env=os.environ | ONE_THREAD,
                start_new_session=True,
            )
        prototype = _Prototype(process, ours, words)
        self._prototypes.append(prototype)
        self._selector.register(ours, selectors.EVENT_READ, prototype)
        with contextlib.suppress(OSError):
            ours.sendall(to_prototype(self._setup))
        return prototype

    def _hear(self, one: _Worker | _Prototype | None) -> None:
        if isinstance(one, _Prototype):
            self._hear_prototype(one)
            return
        if one is None or one not in self._workers:
            return
        try:
            piece = one.connection.recv(1 << 20)
        except OSError:
            piece = b""
        if not piece:
            self._bury(one)
            return
        for message in one.inbox.feed(piece):
            self._take(one, message)

    def _hear_prototype(self, prototype: _Prototype) -> None:
        if prototype.control.fileno() < 0 or not _speaks(prototype.control.fileno(), 0):
            return  # what it said was heard when one of its workers ended
        if not prototype.hear():  # that its workers are gone, or those that it did not make, their own silence says
            self._selector.unregister(prototype.control)
            prototype.control.close()

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
        worker.prototype.hear_until(lambda: worker.pid > 0)
        if not worker.pid and worker.prototype.is_spent:  # it never was: another prototype makes it
            self._end(worker)
            self._start_another()
            return
        if worker.handle >= 0 and not _speaks(worker.handle, LAST_WORDS_SECONDS):  # it may still be saying why
            ran_out("the end of a worker that hung up", LAST_WORDS_SECONDS)
        words = self._end(worker, kill=True)
        prototype = worker.prototype
        if not worker.ready and not prototype.is_counted:
            prototype.is_counted = prototype.has_hung_up
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
        self._start_another()

    def _start_another(self) -> None:
        """Order a worker in place of one that is gone, while there is work."""
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
        said = ""
        if kill:
            said = self._killed(worker)
        elif worker.handle >= 0:
            self._leaving.append(worker.handle)
        worker.words.close()
        return said

    def _killed(self, worker: _Worker) -> str:
        """End a worker, if it has not ended yet, and return its last words; the prototype's, where it was not born."""
        prototype, words = worker.prototype, worker.words if worker.pid else worker.prototype.words
        if worker.handle >= 0:
            _kill(worker.handle)
            prototype.hear_until(lambda: worker.pid in prototype.codes)
        code = prototype.codes.pop(worker.pid, None)
        if worker.pid in (0, prototype.process.pid):
            seconds = LAST_WORDS_SECONDS if prototype.has_hung_up else 0
            try:
                code = prototype.process.wait(seconds)
            except subprocess.TimeoutExpired:
                if seconds:
                    ran_out("the end of a prototype that hung up", seconds)
        words.seek(0)
        lines = words.read().decode(errors="replace").strip().splitlines()
        ended = "a worker ended" if code is None else f"a worker ended with code {code}"
        return f"{ended}: {lines[-1]}" if lines else ended

    def _wait_for_leavers(self) -> None:
        deadline = time.monotonic() + LEAVE_SECONDS
        for handle in self._leaving:
            if not _speaks(handle, max(deadline - time.monotonic(), 0.01)):
                ran_out("a worker's end", LEAVE_SECONDS)
            _kill(handle)

    def _end_prototype(self, prototype: _Prototype, seconds: float) -> None:
        if prototype.control.fileno() >= 0:
            prototype.control.shutdown(socket.SHUT_WR)  # it leaves when its parent hangs up, and says who ended before
        try:
            prototype.process.wait(seconds)
        except subprocess.TimeoutExpired:
            if seconds:
                ran_out("the end of the workers' prototype", seconds)
            prototype.process.kill()
            prototype.process.wait()
        prototype.control.close()
        prototype.words.close()


def _kill(handle: int) -> None:
    """End a process, if it has not ended yet, wait until it has, and let go of its handle."""
    with contextlib.suppress(ProcessLookupError):
        signal.pidfd_send_signal(handle, signal.SIGKILL)
    _speaks(handle)
    os.close(handle)


def _speaks(descriptor: int, seconds: float | None = None) -> bool:
    """Whether there is something to be read, or a process has ended. `select` takes no number beyond 1023."""
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(None if seconds is None else seconds * 1000))
