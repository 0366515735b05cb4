"""Where the time of one submission goes: the engine's functions wrapped from outside, in a pass of its own.

Times are the judge's, and exclusive: while an inner section runs, the outer one stands still. The student's own time in
the sandbox is taken by the submission's module itself, which gets a few lines for it appended. It goes on beside what the
judge does, so it is no part of the total.
"""

from __future__ import annotations

import functools
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

import grader.judging.compare
import grader.suite
from grader.guest import codec
from grader.homework import Homework
from grader.intake.submission import Submission
from grader.judging import plugin, session
from grader.judging.answers import Model
from grader.judging.bridge.examination import Examination
from grader.judging.bridge.student import Student
from grader.judging.diagnose import Diagnostician
from grader.outcome import Grading
from grader.report.write import write_reports
from grader.sandbox.fork import Fork
from grader.sandbox.zygote import Zygote
from tests.benchmarks.speed import submission

TAKE, LOAD, WIRE, REFERENCE, PYTEST = "fork", "load", "wire and waiting", "reference and comparison", "pytest"
CHECK, DIAGNOSIS, REPORTS, END, REST = "the checks' own code", "diagnosis", "reports", "end of the fork", "the rest"
TOTAL, STUDENT = "total", "student's arithmetic in the sandbox, beside"
SECTIONS = (TAKE, LOAD, WIRE, CHECK, REFERENCE, PYTEST, DIAGNOSIS, REPORTS, END, REST)
ASIDE = "what reading the student's time costs"  # in no total
WHOLE = {TAKE, LOAD, DIAGNOSIS, END, ASIDE}  # sections that keep what they call to themselves

TIMER = """

import time as _time, types as _types
_bench = [0.0, False]

def _bench_timed(function):
    def timed(*args, **kwargs):
        if _bench[1]:
            return function(*args, **kwargs)
        _bench[1], started = True, _time.perf_counter()
        try:
            return function(*args, **kwargs)
        finally:
            _bench[0] += _time.perf_counter() - started
            _bench[1] = False
    return timed

for _name, _value in list(globals().items()):
    if isinstance(_value, _types.FunctionType) and not _name.startswith("_") and _value.__module__ == __name__:
        globals()[_name] = _bench_timed(_value)

def bench_seconds():
    return _bench[0]
"""


class Stopwatch:
    """Exclusive seconds per section."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self._stack: list[str] = []
        self._since = 0.0

    def timed(self, section: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, with its time counted."""

        @functools.wraps(function)
        def wrapped(*args, **kwargs):
            if self._stack and self._stack[-1] in WHOLE:
                return function(*args, **kwargs)
            self._switch(push=section)
            try:
                return function(*args, **kwargs)
            finally:
                self._switch()

        return wrapped

    def _switch(self, push: str | None = None) -> None:
        now = time.perf_counter()
        if self._stack:
            self.seconds[self._stack[-1]] += now - self._since
        if push is None:
            self._stack.pop()
        else:
            self._stack.append(push)
        self._since = now


def where_time_goes(
    homework: Homework, warm: Sequence[Submission], measured: Sequence[Submission], zygote: Zygote, folder: Path
) -> list[dict[str, float]]:
    """For each of the measured submissions: section → seconds, their sum as "total", and beside it the student's time."""
    watch = Stopwatch()
    rows: list[dict[str, float]] = []
    reports = watch.timed(REPORTS, write_reports)

    def on_graded(grading: Grading) -> None:
        reports(folder, homework.assignment, grading, datetime.now(UTC))
        row = {section: watch.seconds[section] for section in SECTIONS}
        rows.append({**row, TOTAL: sum(row.values()), STUDENT: watch.seconds[STUDENT]})
        watch.seconds.clear()

    with ExitStack() as stack:
        for owner, name, section in (
            (plugin.Plugin, "_grade", REST),
            (Zygote, "take", TAKE),
            (Zygote, "renew", TAKE),
            (Fork, "load", LOAD),
            (Fork, "ask", WIRE),
            (Student, "_call", WIRE),
            (Model, "_reply", REFERENCE),
            (grader.judging.compare, "compare", REFERENCE),
            (grader.suite, "compare", REFERENCE),
            (plugin, "judge", PYTEST),
            (Diagnostician, "explain", DIAGNOSIS),
        ):
            stack.enter_context(patch.object(owner, name, watch.timed(section, getattr(owner, name))))
        stack.enter_context(patch.object(plugin, "prepare", _with_check_timed(watch, plugin.prepare)))
        stack.enter_context(patch.object(Examination, "close", _with_all_heard(watch, Examination.close)))
        stack.enter_context(patch.object(Fork, "kill", _with_student_read(watch, watch.timed(END, Fork.kill))))
        timed = [_instrumented(homework, one) for one in (*warm, *measured)]
        session.grade(homework, timed, zygote, on_graded=on_graded)
    return rows[len(warm) :]


def _with_check_timed(watch: Stopwatch, prepare: Callable[..., Any]) -> Callable[..., Any]:
    def wrapped(item, own):
        item.obj = watch.timed(CHECK, item.obj)
        return prepare(item, own)

    return wrapped


def _with_all_heard(watch: Stopwatch, close: Callable[..., Any]) -> Callable[..., Any]:
    """What was asked ahead in vain is answered before the student's time."""

    def hear(examination):
        if examination.fork is not None and examination.fork.alive:
            examination.fork.hear_out(examination.lookahead.in_vain(), 10)

    aside = watch.timed(ASIDE, hear)

    def wrapped(examination):
        aside(examination)
        close(examination)

    return wrapped


def _with_student_read(watch: Stopwatch, kill: Callable[..., Any]) -> Callable[..., Any]:
    def read(fork):
        packer = codec.Packer()
        call = codec.Call("bench_seconds", packer.pack(()), packer.pack({}))
        frame = fork.ask(codec.encode(call, packer), 10)
        watch.seconds[STUDENT] += frame.value(frame.body.value)

    aside = watch.timed(ASIDE, read)

    asked = set()

    def wrapped(fork, *, wait=True):
        if fork.alive and id(fork) not in asked:  # one that does not answer is killed while it is asked
            asked.add(id(fork))
            aside(fork)
        asked.discard(id(fork))
        kill(fork, wait=wait)

    return wrapped


def _instrumented(homework: Homework, one: Submission) -> Submission:
    (content,) = one.files.values()
    return submission(homework, one.name, content.decode() + TIMER)
