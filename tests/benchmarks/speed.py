"""This grader, gradescope-utils and the student's arithmetic alone, one after another for each submission."""

from __future__ import annotations

import contextlib
import gc
import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from grader.homework import Homework, module_from_source
from grader.intake.submission import Submission
from grader.judging import session
from grader.judging.answers import reference_of
from grader.outcome import Grading
from grader.report.write import write_reports
from grader.sandbox.zygote import Zygote
from grader.seed import Seed
from tests.benchmarks.checks import Call, PlainStudent, copy, load_checks, load_probes

ROOT = Path(__file__).resolve().parents[2]
ROUND = 6  # submissions


@dataclass(frozen=True)
class Timing:
    """Wall times of one submission, in seconds, and the points that the two graders gave it."""

    submission: str
    grader: float
    peer: float
    floor: float
    calls: int
    points: float
    peer_points: float


def pick_submissions(homework: Homework, n: int) -> tuple[list[Submission], list[Submission]]:
    """For the warm-up: the reference and one mistake per part. For the measurement: `n` others, always the same.

    Those are the reference, its alternatives, and mistakes from all over the library, evenly spaced.
    """
    first = {mistake.parts[0]: mistake for mistake in reversed(homework.mistakes)}.values()
    rest = [mistake for mistake in homework.mistakes if mistake not in first]
    right = {"reference": homework.reference_source, **homework.alternatives}
    warm = {"reference": homework.reference_source, **{m.name: homework.wrong_source([m]) for m in first}}
    wrong = [rest[int(i * len(rest) / max(n - len(right), 1))] for i in range(n - len(right))]
    chosen = {**dict(list(right.items())[:n]), **{m.name: homework.wrong_source([m]) for m in wrong}}
    warm_up, measured = ([submission(homework, *pair) for pair in sources.items()] for sources in (warm, chosen))
    return warm_up, measured


def submission(homework: Homework, name: str, source: str) -> Submission:
    """What the intake makes of a handed-in file."""
    content = source.encode()
    return Submission(name, {homework.assignment.files[0]: content}, hashlib.sha256(content).hexdigest(), name)


def race(
    homework: Homework, warm: Sequence[Submission], measured: Sequence[Submission], zygote: Zygote, folder: Path
) -> list[Timing]:
    """Grade the submissions in the three ways in turn, in rounds, so that noise hits all alike. `folder` is for files.

    This grader takes the submissions one after another, as in a class: each one's time is from the end of the one
    before to its own last report. A round begins with a submission that does not count, since its fork had a rest.
    """
    seed = Seed.fresh()
    floor = Floor(homework, seed)
    rounds = [measured[i : i + ROUND] for i in range(0, len(measured), ROUND)]
    primer = replace(warm[0], name="primer")
    ends = {one[-1].name: one for one in rounds}
    timings: list[Timing] = []
    graded: dict[str, tuple[float, float]] = {}
    mark = 0.0

    def compare(one: Submission) -> None:
        floor_seconds, calls = floor.seconds(one)
        peer_seconds, peer_points = run_peer(homework, one, seed, folder / "peer")
        seconds, points = graded[one.name]
        timings.append(Timing(one.name, seconds, peer_seconds, floor_seconds, calls, points, peer_points))

    def on_graded(grading: Grading) -> None:
        nonlocal mark
        write_reports(folder / "reports", homework.assignment, grading, datetime.now(UTC))
        now = time.perf_counter()
        points = sum(outcome.earned for outcome in grading.outcomes)
        graded[grading.submission], mark = (now - mark, points), now
        for one in ends.get(grading.submission, ()):
            compare(one)

    run_peer(homework, warm[0], seed, folder / "peer")
    stream = [*(replace(one, name=f"warm-up {one.name}") for one in warm)]
    stream += [one for block in rounds for one in (primer, *block)]

    def on_collected(_: object) -> None:
        gc.freeze()  # as a worker does

    session.grade(homework, stream, zygote, on_graded=on_graded, seed=seed, on_collected=on_collected)
    gc.unfreeze()
    return timings


class Floor:
    """The student's arithmetic alone: the calls that the hidden suite makes, made directly, in this process."""

    def __init__(self, homework: Homework, seed: Seed) -> None:
        self._checks, self._probes = load_checks(homework.suite), load_probes(homework.suite)
        self._reference = reference_of(homework)
        self._seed = seed

    def seconds(self, one: Submission) -> tuple[float, int]:
        """The time of the calls, and how many they are. They are recorded first, which also warms them up."""
        (content,) = one.files.values()
        module = module_from_source("benchmark_floor", content.decode(), "benchmark_floor.py")
        calls: list[Call] = []
        student = PlainStudent(module, calls, self._probes)
        for check in self._checks:
            with contextlib.suppress(Exception):  # a mistake fails checks; what it was asked is noted all the same
                check.run(student, self._reference, self._seed.number)
        own = [(getattr(module, call.function), copy(call.args), copy(call.kwargs)) for call in calls]
        started = time.perf_counter()
        for function, args, kwargs in own:
            with contextlib.suppress(Exception):  # to refuse senseless arguments is part of the work
                function(*args, **kwargs)
        return time.perf_counter() - started, len(calls)


def run_peer(homework: Homework, one: Submission, seed: Seed, folder: Path) -> tuple[float, float]:
    """Seconds from the start to the end of gradescope-utils' process, and the points that it gave."""
    handed_in, results = folder / one.name, folder / "results.json"
    handed_in.mkdir(parents=True, exist_ok=True)
    for name, content in one.files.items():
        (handed_in / name).write_bytes(content)
    script = Path(__file__).with_name("run_tests.py")
    reference = homework.reference / homework.assignment.files[0]
    command = [sys.executable, script, homework.suite, reference, handed_in, seed.secret.hex(), results]
    started = time.perf_counter()
    subprocess.run(list(map(str, command)), check=True, env=_environment())
    seconds = time.perf_counter() - started
    written: dict[str, Any] = json.loads(results.read_text())
    return seconds, float(written["score"])


def _environment() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
