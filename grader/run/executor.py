"""What grades jobs: the pool of this machine (`grader.run.pool`), or workers on many machines (`grader.run.cluster`).

An executor keeps nothing. The ledger is the truth, and what in it has no grade is the queue: a job may be graded twice,
by a worker that was thought dead, and is done once.
"""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Callable, Iterable, Iterator
from types import FrameType
from typing import Protocol

from grader.errors import GraderError
from grader.outcome import Check
from grader.run.ipc import Checked, Done, Job, Setup

TRIES = 3  # of a job whose worker dies


class Unwritable(GraderError):
    """A report could not be written; `number` is its job's."""

    def __init__(self, number: int, reason: str) -> None:
        super().__init__(reason)
        self.number = number


class Stop:
    """How often Ctrl-C was pressed while a run is on: once, finish what is begun; twice, drop it."""

    def __init__(self) -> None:
        self.presses = 0

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        """Count Ctrl-C in place of raising KeyboardInterrupt, which could fall into the middle of a write."""
        before = signal.signal(signal.SIGINT, self._press)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)

    def _press(self, _signal: int, _frame: FrameType | None) -> None:
        self.presses += 1


class Executor(Protocol):
    """One run of jobs."""

    @property
    def checks(self) -> tuple[Check, ...]:
        """The suite's checks, from the moment on when a worker can grade."""

    def run(self) -> bool:
        """Work until all is done (True), or until Ctrl-C stops it (False).

        Raises `GraderError`, `Unwritable`, and `UsageError` where what workers are given, data say, cannot be used.
        """


class Prepare(Protocol):
    """Makes an executor of jobs. `jobs` is asked for the next one whenever a worker is free: None is none for now.

    Callbacks are called in this process and thread. `on_done` gets each job once, in the order in which they end,
    when its reports are written; `on_lost` gets a job that has killed `TRIES` workers, and their last words. `on_ready`
    is called once, when the first worker can grade, and `on_tick` several times a second. `on_checked` gets each check
    that a student may see, where `Setup.is_live` asks for that.
    """

    def __call__(
        self,
        setup: Setup,
        jobs: Iterable[Job | None],
        *,
        on_done: Callable[[Job, Done], None],
        on_lost: Callable[[Job, tuple[Check, ...], str], None],
        on_ready: Callable[[], None] = ...,
        on_tick: Callable[[], None] = ...,
        on_checked: Callable[[Job, Checked], None] = ...,
        stop: Stop | None = ...,
    ) -> Executor: ...
