"""The workers of a run over a class: each a process of its own, with its own warm session and sandbox.

`grader.run.pool` starts their prototype. A worker grades one job after another, writes their reports and ends when its
parent does.
"""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path

from grader.errors import GraderError, InfraError, UsageError
from grader.guest import linux
from grader.homework import Homework
from grader.intake.submission import Rejected, Submission
from grader.judging import session
from grader.judging.plugin import Partly
from grader.judging.training import Trainings
from grader.outcome import Check, Grading, Outcome
from grader.report.build import build, outcome_of, student_check, with_standing
from grader.report.model import Report
from grader.report.write import STAFF, write_report
from grader.run.ipc import Checked, Done, Failed, FromWorker, Job, Ready, Setup, Unwritten, encode, receive, told
from grader.run.prototype import Berth, Prototype
from grader.sandbox import waits
from grader.sandbox.opening import open_sandbox, open_trainer
from grader.seed import Seed
from grader.spec import load_assignment


class _Unwritable(GraderError):
    """The reports of a job could not be written."""

    def __init__(self, number: int, reason: str) -> None:
        super().__init__(reason)
        self.number = number


def main(descriptor: int) -> None:
    """Make workers for the parent at the other end of this socket, or be one, until it hangs up."""
    with contextlib.suppress(OSError):
        linux.prctl(linux.PR_SET_PDEATHSIG, signal.SIGKILL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # who ignores it hands that down, and learns of no worker's end
    with socket.socket(fileno=descriptor) as control:
        prototype = Prototype(control)
        if prototype.setup is None:
            return
        try:
            _work(prototype, prototype.setup)
        except _Unwritable as error:
            _say(prototype, Unwritten(error.number, str(error)))
        except (GraderError, UsageError) as error:
            _say(prototype, Failed(str(error), is_usage=isinstance(error, UsageError)))
    os._exit(0)  # torch takes half a second to tidy up, and the parent waits for it


def _work(prototype: Prototype, setup: Setup) -> None:
    public = Path(setup.public)
    homework = Homework(load_assignment(public), public, Path(setup.reference), Path(setup.suite))
    if homework.suite_sha256 != setup.suite_sha256:
        raise InfraError("the hidden suite was changed while the run began; run the same command again")
    if setup.out:
        waits.keep(Path(setup.out) / STAFF / waits.FILE)
    assignment, seed = homework.assignment, Seed(setup.seed)
    zygote = open_sandbox(assignment, setup.where, seed=seed)
    with contextlib.ExitStack() as entered:
        trains_apart = setup.where.trains_apart and assignment.training
        trainer = entered.enter_context(open_trainer(assignment, setup.where, seed=seed)) if trains_apart else None

        def berth(is_alone: bool) -> Berth:
            """The sandbox of the next worker: a division of this process's, where there can be one."""
            if is_alone and zygote.root_pid:  # it has workers already, and a thread since
                return Berth(lambda: None, lambda: None)
            if is_alone or not zygote.is_divisible:
                return Berth(lambda: entered.enter_context(zygote), lambda: None)
            if not zygote.root_pid:
                entered.enter_context(zygote)
            division = zygote.divide()
            return Berth(partial(zygote.move_into, division), division.control.close)

        desk = _Desk(prototype, setup, homework, partial(prototype.multiply, berth, setup.where.has_gpu))
        session.grade(
            homework,
            desk.submissions(),
            zygote,
            on_graded=desk.deliver,
            seed=seed,
            on_collected=desk.collected,
            on_check=desk.checked if setup.is_live else None,
            trainings=Trainings.calibrated(homework, seed, trainer),
        )


class _Desk:
    """Takes jobs from the parent as submissions, and gradings from the session as reports."""

    def __init__(self, prototype: Prototype, setup: Setup, homework: Homework, multiply: Callable[[], bool]) -> None:
        self._prototype = prototype
        self._multiply = multiply
        self._out = setup.out
        self._assignment = homework.assignment
        self._checks: tuple[Check, ...] = ()
        self._job: Job | None = None
        self._started = 0.0

    def collected(self, checks: tuple[Check, ...]) -> None:
        gc.freeze()  # one session keeps what is here: to look through it takes a tenth of a second, and unshares it
        self._checks = checks

    def submissions(self) -> Iterator[Submission | Rejected | Partly]:
        if not self._multiply():
            return
        connection = self._prototype.connection
        assert connection is not None
        _say(self._prototype, Ready(self._checks))
        while (job := receive(connection)) is not None:
            self._job, self._started = job, time.perf_counter()
            yield _submission(job)

    def checked(self, outcomes: Sequence[Outcome]) -> None:
        job = self._job
        assert job is not None
        seen = student_check(outcomes[-1], self._assignment, datetime.fromisoformat(job.now))
        if seen is not None:
            _say(self._prototype, Checked(job.number, seen.model_dump_json().encode()))

    def deliver(self, grading: Grading) -> None:
        job = self._job
        assert job is not None
        report = build(self._assignment, grading)
        if self._out:
            shown = with_standing(report, job.late)
            try:
                write_report(Path(self._out), self._assignment, shown, datetime.fromisoformat(job.now), job.name)
            except OSError as error:
                raise _Unwritable(job.number, error.strerror or told(error)) from error
        seconds = time.perf_counter() - self._started
        _say(self._prototype, Done(job.number, report.model_dump_json().encode(), seconds))


def _submission(job: Job) -> Submission | Rejected | Partly:
    if job.problem:
        return Rejected(job.name, job.origin, job.problem)
    submission = Submission(job.name, job.files, job.sha256, job.origin, whose=job.whose)
    if not job.known:
        return submission
    before = Report.model_validate_json(job.known)
    known = {check.name: outcome_of(check) for check in before.checks if check.part not in job.parts}
    return Partly(submission, known)


def _say(prototype: Prototype, message: FromWorker) -> None:
    prototype.await_order()  # what goes wrong before there is a worker is said by the first one
    try:
        if prototype.connection is not None:
            prototype.connection.sendall(encode(message))
    except OSError:  # the parent is gone, and nobody is left to work for
        os._exit(0)


if __name__ == "__main__":
    main(int(sys.argv[1]))
