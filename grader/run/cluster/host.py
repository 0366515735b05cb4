"""A host: the process beside a Dask worker that runs the pool of its machine for one run of a class.

It is started by `grader.run.cluster.plugin`, and holds what Dask must not: forks, sandboxes, and a student's bytes. It
ends when the worker does, or when nothing has come for a while, for its coordinator may have been killed.
"""

from __future__ import annotations

import contextlib
import signal
import socket
import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path

from grader.errors import GraderError, UsageError
from grader.judging.environment import environment
from grader.outcome import Check
from grader.report.write import take_report
from grader.run.cluster.messages import (
    Beat,
    Begin,
    Flight,
    FromHost,
    Landed,
    Lost,
    Refused,
    Welcome,
    differences,
    facts_of,
    to_course,
    to_host,
    unpack,
)
from grader.run.executor import Stop
from grader.run.ipc import Checked, Done, Envelopes, Job, encode
from grader.run.pool import Pool

BEAT_SECONDS = 1.0
IDLE_SECONDS = 600.0
CODE = "import sys; sys.path[:0] = [{engine!r}]; from grader.run.cluster.host import main; main({descriptor})"


def main(descriptor: int) -> None:
    """Grade for the worker at the other end of this socket until it hangs up."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the worker's
    with socket.socket(fileno=descriptor) as connection:
        line = _Line(connection)
        begin = line.first()
        try:
            line.say(_work(line, begin))
        except (GraderError, UsageError) as error:
            line.say(Refused(str(error), is_usage=isinstance(error, UsageError)))
        except (ValueError, OSError) as error:
            line.say(Refused(str(error)))


def _work(line: _Line, begin: Begin) -> FromHost:
    """Grade until the line is closed. Returns what is to be said at the end. Raises `GraderError`, `UsageError`."""
    course = to_course.decode(begin.course)
    homework, setup = unpack(course, Path(begin.folder))
    here = facts_of(environment(setup.where), homework)
    if differing := differences(here, course.facts):
        return Refused("; ".join(differing))
    out = Path(setup.out) if setup.out else None
    if out is not None:
        out.mkdir()

    def done(job: Job, answer: Done) -> None:
        line.say(Landed(answer, take_report(out, job.name) if out is not None else {}))

    def lost(job: Job, _checks: tuple[Check, ...], words: str) -> None:
        line.say(Lost(job.number, words))

    def checked(_job: Job, check: Checked) -> None:
        line.say(check)

    pool = Pool(
        setup,
        line.jobs(),
        begin.slots,
        on_done=done,
        on_lost=lost,
        on_ready=lambda: line.say(Welcome(pool.checks, here["tier"])),
        on_tick=line.tick,
        on_checked=checked,
        stop=line.stop,
        wake=line.connection,
    )
    pool.run()
    return Refused("it had nothing to do")


class _Line:
    """The host's end of the line to its worker."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.stop = Stop()
        self._envelopes = Envelopes()
        self._jobs: deque[Job] = deque()
        self._heard = self._beat = time.monotonic()

    def first(self) -> Begin:
        """The worker's first message."""
        while piece := self.connection.recv(1 << 20):
            for content in self._envelopes.feed(piece):
                begin = to_host.decode(content)
                assert isinstance(begin, Begin)
                return begin
        raise SystemExit  # it is gone

    def say(self, message: FromHost) -> None:
        """Tell the worker. Where it is gone, there is nobody left to work for."""
        if not isinstance(message, Beat):
            self._heard = time.monotonic()
        try:
            self.connection.sendall(encode(message))
        except OSError:
            self.stop.presses = 2

    def jobs(self) -> Iterator[Job | None]:
        """The jobs that have come; None for now where there is none."""
        while True:
            yield self._jobs.popleft() if self._jobs else None

    def tick(self) -> None:
        """Read what has come, and show that this process is alive."""
        with contextlib.suppress(BlockingIOError):
            while True:
                piece = self.connection.recv(1 << 20, socket.MSG_DONTWAIT)
                if not piece:
                    self.stop.presses = 2
                    return
                self._take(piece)
        now = time.monotonic()
        if now - self._beat > BEAT_SECONDS:
            self._beat = now
            self.say(Beat())
        if now - self._heard > IDLE_SECONDS:
            self.stop.presses = 1

    def _take(self, piece: bytes) -> None:
        self._heard = time.monotonic()
        for content in self._envelopes.feed(piece):
            flight = to_host.decode(content)
            assert isinstance(flight, Flight)
            self._jobs.append(flight.job)
