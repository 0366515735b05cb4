"""Gradebook and class page of a large class: how long they take, and how much memory.

    python -m tests.benchmarks.gradebook [-n 1000] [--checks 60] [--homeworks 1] [--json out/gradebook.json]

The class is drawn by Rasch's model: a student of skill s passes a check of hardness h with probability 1 / (1 + e^(h−s)).
The first run in a fresh process counts, imports included; what is measured stands in docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import random
import resource
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from grader.gradebook.entry import Entry, Student
from grader.outcome import Check, Diagnosis, Grading, Outcome, Provenance, Verdict
from grader.report.build import build
from grader.spec import Assignment, Part

PARTS = 8
SECONDS, MEGABYTES = 5.0, 1000.0  # the targets
WRONG = (*([Verdict.FAILED] * 12), Verdict.ERROR, Verdict.ERROR, Verdict.FORBIDDEN, Verdict.TIMEOUT)


@dataclass(frozen=True)
class Result:
    """Seconds of wall clock, MB of 10⁶ bytes."""

    students: int
    checks: int
    homeworks: int
    gradebook: float
    page: float
    entries_memory: float  # the process's peak before anything is written
    memory: float  # and after
    page_bytes: int


def assignment(number: int, checks: int) -> Assignment:
    """A homework of 100 points in eight parts."""
    parts = tuple(Part(name=f"part_{i + 1}", title=f"Part {i + 1}", points=100 / PARTS) for i in range(PARTS))
    return Assignment(name=f"hw{number}", title=f"Homework {number}", points=100, files=("hw.py",), parts=parts)


def draw_class(students: int, checks: int, homeworks: int) -> tuple[list[Entry], dict[str, Assignment]]:
    """Entries as a ledger yields them: reports without pictures and tracebacks."""
    draw = random.Random(7)
    skills = [draw.gauss(1.5, 1) for _ in range(students)]
    assignments = {f"hw{i + 1}": assignment(i + 1, checks) for i in range(homeworks)}
    entries = []
    for name, one in assignments.items():
        per_part = [sum(i % PARTS == part for i in range(checks)) for part in range(PARTS)]
        suite = [
            Check(f"test_{i}", f"part_{i % PARTS + 1}", f"Check {i} holds.", 100 / PARTS / per_part[i % PARTS])
            for i in range(checks)
        ]
        hardness = [draw.gauss(0, 1) for _ in suite]
        for number, skill in enumerate(skills):
            outcomes = tuple(_outcome(draw, check, skill, hard) for check, hard in zip(suite, hardness, strict=True))
            report = build(one, Grading(f"student-{number}", outcomes, _provenance(draw)))
            late = draw.choice([0.0] * 9 + [draw.uniform(60, 200_000)])
            who = Student(f"{20_260_000 + number}", f"Student {number}", f"s{number}@example.edu", "ABC"[number % 3])
            page = f"student-{number}/report.html"
            entries.append(
                Entry(
                    who, name, 100, report, attempt=page, attempts=1, late_seconds=late, score=report.score, page=page
                )
            )
    return entries, assignments


def _outcome(draw: random.Random, check: Check, skill: float, hard: float) -> Outcome:
    if draw.random() < 1 / (1 + math.exp(hard - skill)):
        return Outcome(check, Verdict.PASSED, check.points, seconds=0.002)
    verdict = draw.choice(WRONG)
    mistake = f"{check.name}_mistake_{draw.randrange(3)}"
    known = Diagnosis(mistake, f"Your output matches {mistake}.") if verdict is Verdict.FAILED else None
    return Outcome(check, verdict, 0.0, "`dx` is wrong in 25% of its elements.", diagnosis=known, seconds=0.002)


def _provenance(draw: random.Random) -> Provenance:
    digest = f"{draw.getrandbits(256):064x}"
    started = "2030-04-01T10:00:00Z"
    return Provenance(
        digest, "bb" * 32, "seed", "bubblewrap", ("seccomp",), "cpu", "3.12", "2.15", started, draw.random()
    )


def measure(students: int, checks: int, homeworks: int) -> Result:
    """Draw a class, write its files once, and look at the clock and the process's peak."""
    entries, assignments = draw_class(students, checks, homeworks)
    before = _peak()
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        from grader.gradebook import write_class_page, write_gradebook

        write_gradebook(entries, assignments, Path(folder))
        half = time.perf_counter()
        write_class_page(entries, assignments, Path(folder) / "class.html")
        ended = time.perf_counter()
        size = (Path(folder) / "class.html").stat().st_size
    return Result(students, checks, homeworks, half - started, ended - half, before, _peak(), size)


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


def _judged(value: float, limit: float, unit: str, result: Result) -> str:
    """Whether a target is met; it is one for 1,000 students and 60 checks."""
    if (result.students, result.checks, result.homeworks) != (1000, 60, 1):
        return "no target at this size"
    return f"≤ {limit:g} {unit}: {'met' if value <= limit else 'missed'}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.gradebook", description=__doc__.split("\n")[0])
    parser.add_argument("-n", type=int, default=1000, help="students (default: 1000)")
    parser.add_argument("--checks", type=int, default=60, help="checks of a homework (default: 60)")
    parser.add_argument("--homeworks", type=int, default=1, help="homeworks (default: 1)")
    parser.add_argument("--json", type=Path, default=Path("out/gradebook.json"), help="where to write the numbers")
    options = parser.parse_args(arguments)
    result = measure(options.n, options.checks, options.homeworks)
    seconds = result.gradebook + result.page
    from tests.benchmarks.bench import machine  # with it comes torch, which neither gradebook nor page need

    facts = {**vars(result), "seconds": seconds, "machine": machine()}
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(facts, indent=2) + "\n", "utf-8")
    console = Console(highlight=False)
    console.print(
        f"{result.students:,} students × {result.checks} checks × {result.homeworks} homeworks, "
        f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    )
    console.print(
        f"gradebook {result.gradebook:.2f} s, class page {result.page:.2f} s ({result.page_bytes / 1e6:.1f} MB)"
    )
    console.print(f"together {seconds:.2f} s, {_judged(seconds, SECONDS, 's', result)}")
    console.print(
        f"peak {result.memory:.0f} MB ({result.entries_memory:.0f} with the entries alone), "
        f"{_judged(result.memory, MEGABYTES, 'MB', result)}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
