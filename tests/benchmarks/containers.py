"""`python -m tests.benchmarks.containers`: what a container costs over bubblewrap, and a grading on Gradescope's layout.

Submissions are graded in turn in both tiers, and each is compared with itself, so that noise hits both. Needs an engine; says so where there is none.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

from grader.homework import Homework
from grader.judging import session
from grader.sandbox import container_engine as engine
from grader.sandbox.opening import open_sandbox
from grader.sandbox.where import WhereToGrade
from grader.sandbox.zygote import Zygote
from grader.seed import Seed
from tests.benchmarks.course import without_training
from tests.benchmarks.speed import pick_submissions, submission
from tests.containers import machine
from tests.containers.test_gradescope import HOMEWORK, METADATA

N, RUNS = 30, 5
GROUP = 3  # submissions in a row in one tier: the machine's other work hits both alike
TARGETS = {"over bubblewrap, ms": 30, "first grade, s": 8, "image, GB": 1.5, "gradescope, s": 15, "gradescope, MB": 700}


def first_grade(homework: Homework) -> float:
    """Seconds from nothing to the first grade."""
    started = time.perf_counter()
    with open_sandbox(homework.assignment, WhereToGrade("container")) as zygote:
        grade(homework, zygote, [submission(homework, "one", homework.reference_source)])
        return time.perf_counter() - started


def grade(homework: Homework, zygote: Zygote, submissions: list) -> list[float]:
    """Seconds of each submission, from the session's own clock."""
    seconds: list[float] = []
    session.grade(
        homework,
        submissions,
        zygote,
        on_graded=lambda grading: seconds.append(grading.provenance.seconds),
        seed=Seed(bytes(16)),
    )
    return seconds


def race(homework: Homework, n: int) -> dict[str, list[float]]:
    """Seconds per submission in each tier: rounds of a few submissions, in turn."""
    warm, measured = pick_submissions(homework, n)
    found: dict[str, list[float]] = {"bubblewrap": [], "container": []}
    with (
        open_sandbox(homework.assignment, WhereToGrade("bubblewrap")) as one,
        open_sandbox(homework.assignment, WhereToGrade("container")) as other,
    ):
        for start in range(0, len(measured), GROUP):
            turns = (one, other) if start % (2 * GROUP) else (other, one)
            for zygote in turns:
                seconds = grade(homework, zygote, [*warm[:2], *measured[start : start + GROUP]])
                found[zygote.tier] += seconds[2:]
    return found


def over(times: dict[str, list[float]]) -> float:
    """Milliseconds that the median submission takes longer in a container: each against itself on bubblewrap."""
    pairs = zip(times["container"], times["bubblewrap"], strict=True)
    return statistics.median(container - bubblewrap for container, bubblewrap in pairs) * 1e3


def on_gradescope(runs: int) -> tuple[list[float], list[float]]:
    """Seconds of whole containers with half a core and 768 MB, and the peaks of memory in MB."""
    seconds, peaks = [], []
    for _ in range(runs):
        with tempfile.TemporaryDirectory() as folder:
            started = time.perf_counter()
            results, peak = machine.autograde(HOMEWORK.reference_source, METADATA, Path(folder))
            seconds.append(time.perf_counter() - started)
            peaks.append(peak)
            assert results["score"] == HOMEWORK.assignment.points
    return seconds, peaks


def main() -> int:
    """Measure, print, write out/bench-containers.json."""
    if why := machine.lacking():
        print(f"SKIPPED: {why}")
        return 0
    machine.guest()
    machine.gradescope()
    with tempfile.TemporaryDirectory() as folder:  # a second of training would hide what a container costs
        times = race(without_training(Path(folder)), N)
    medians = {tier: statistics.median(seconds) * 1e3 for tier, seconds in times.items()}
    seconds, peaks = on_gradescope(RUNS)
    here = {
        "over bubblewrap, ms": over(times),
        "first grade, s": statistics.median(first_grade(HOMEWORK) for _ in range(RUNS)),
        "image, GB": int(engine.must("docker", "image", "inspect", "--format", "{{.Size}}", engine.IMAGE)) / 1e9,
        "gradescope, s": statistics.median(seconds),
        "gradescope, MB": max(peaks),
    }
    print(
        f"n = {N} submissions, {RUNS} runs; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores; medians, ms: {medians}"
    )
    for name, value in here.items():
        print(f"{name:<22} {value:8.2f}  target {TARGETS[name]:6g}  {'met' if value <= TARGETS[name] else 'missed'}")
    out = Path("out/bench-containers.json")
    out.parent.mkdir(exist_ok=True)
    out.write_text(
        json.dumps({"here": here, "targets": TARGETS, "times": times, "gradescope": seconds, "peaks": peaks})
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
