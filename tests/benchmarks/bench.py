"""Speed against other autograders, on the same checks and the same submissions, in one run.

    python -m tests.benchmarks.bench [-n 30] [--quick] [--json out/bench.json]

What is measured, and how, stands in docs/benchmarks.md. The machine may be shared: only ratios within one run count.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from rich.console import Console
from rich.table import Table

from grader.homework import Homework
from grader.sandbox.opening import open_sandbox
from tests.benchmarks.breakdown import SECTIONS, STUDENT, TOTAL, where_time_goes
from tests.benchmarks.course import without_training
from tests.benchmarks.forks import fork_costs, private_bytes, private_memory, sandbox_memory
from tests.benchmarks.speed import ROOT, Timing, pick_submissions, race

WAYS = {"grader": "this grader", "peer": "gradescope-utils", "floor": "the student's arithmetic alone"}
QUICK = 5


@dataclass(frozen=True)
class Target:
    """A number that this project promises; `value` is None where it could not be measured."""

    name: str
    value: float | None
    limit: float
    unit: str
    at_least: bool = False

    @property
    def met(self) -> bool | None:
        """Whether the promise is kept in this run."""
        if self.value is None:
            return None
        return self.value >= self.limit if self.at_least else self.value <= self.limit


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.bench", description=__doc__.split("\n")[0])
    parser.add_argument("-n", type=int, default=30, help="submissions to measure (default: 30)")
    parser.add_argument("--quick", action="store_true", help=f"n = {QUICK} and fewer forks: to see that it works")
    parser.add_argument("--json", type=Path, default=Path("out/bench.json"), help="where to write the numbers")
    options = parser.parse_args(arguments)
    n, rounds = (QUICK, 1) if options.quick else (options.n, 5)
    if n < 1:
        parser.error("-n must be at least 1")
    with tempfile.TemporaryDirectory() as folder:
        results = measure(without_training(Path(folder)), n, rounds)
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(results, indent=2) + "\n", "utf-8")
    show(results, Console())
    return 0


def measure(homework: Homework, n: int, rounds: int) -> dict[str, Any]:
    """All measurements, as written to the JSON file. Times in seconds, memory in MB of 10⁶ bytes."""
    torch.set_num_threads(1)
    warm, measured = pick_submissions(homework, n)
    with tempfile.TemporaryDirectory() as folder, open_sandbox(homework.assignment) as zygote:
        timings = race(homework, warm, measured, zygote, Path(folder))
        sections = where_time_goes(homework, warm, measured, zygote, Path(folder) / "breakdown")
        memory = private_memory(homework, measured, zygote)
        workers = {"judge": private_bytes("self") / 1e6, "sandbox": sandbox_memory(zygote)}
        tier = zygote.tier
    forks = fork_costs(homework, tier, rounds)
    commands = {"grader --help": command_seconds("--help"), "grader doctor": command_seconds("doctor")}
    return {
        "homework": homework.assignment.name,
        "n": len(timings),
        "warm_up": len(warm),
        "tier": tier,
        "note": "" if tier == "bubblewrap" else "bubblewrap is not to be had here",
        "machine": machine(),
        "seconds": {way: summary([getattr(timing, way) for timing in timings]) for way in WAYS},
        "scores_agree": sum(abs(timing.points - timing.peer_points) < 1e-6 for timing in timings),
        "targets": [asdict(target) | {"met": target.met} for target in targets(timings, memory, commands)],
        "sections": {name: summary([row[name] for row in sections]) for name in (*SECTIONS, TOTAL, STUDENT)},
        "memory": {"submission": summary(memory), **workers},
        "forks": [asdict(fork) for fork in forks],
        "submissions": [asdict(timing) for timing in timings],
    }


def targets(timings: Sequence[Timing], memory: Sequence[float], commands: dict[str, float | None]) -> list[Target]:
    """What is promised, and what came out.

    Throughput is submissions over total time, as a class is graded. The floor is compared submission by submission,
    and the median taken, so that a few slow submissions do not decide.
    """
    throughput = sum(timing.peer for timing in timings) / sum(timing.grader for timing in timings)
    over_floor = statistics.median(timing.grader / timing.floor for timing in timings)
    return [
        Target("submissions per second of one worker, over gradescope-utils'", throughput, 30, "×", at_least=True),
        Target("time of a submission, over the student's arithmetic alone", over_floor, 2.5, "×"),
        Target("private memory per concurrent submission", statistics.median(memory), 100, "MB"),
        Target("grader --help", commands["grader --help"], 0.3, "s"),
        Target("grader doctor", commands["grader doctor"], 1.5, "s"),
    ]


def summary(values: Sequence[float]) -> dict[str, float]:
    """Median, 95th percentile, mean and number of some values."""
    last = statistics.quantiles(values, n=20, method="inclusive")[-1] if len(values) > 1 else values[0]
    return {"median": statistics.median(values), "p95": last, "mean": statistics.fmean(values), "n": len(values)}


def command_seconds(command: str, n: int = 5) -> float | None:
    """Median wall time of a command of the grader's, after a first run that does not count; None where it fails."""
    seconds = []
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    script = Path(sys.executable).with_name("grader")
    start = [str(script)] if script.exists() else [sys.executable, "-m", "grader"]
    for _ in range(n + 1):
        started = time.perf_counter()
        ended = subprocess.run([*start, command], capture_output=True, check=False, env=environment, cwd=ROOT)
        seconds.append(time.perf_counter() - started)
        if ended.returncode:
            return None
    return statistics.median(seconds[1:])


def machine() -> dict[str, Any]:
    """What it was measured on."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())
    return {
        "cpu": model,
        "cores": os.cpu_count(),
        "load": os.getloadavg()[0],
        "kernel": platform.release(),
        "python": platform.python_version(),
        "torch": torch.__version__,
        "gradescope_utils": importlib.metadata.version("gradescope-utils"),
    }


def show(results: dict[str, Any], console: Console) -> None:
    """The numbers as tables."""
    about = results["machine"]
    console.print(
        f"{results['homework']}, {results['n']} submissions after {results['warm_up']} for warming up; "
        f"tier {results['tier']}{' (' + results['note'] + ')' if results['note'] else ''}\n"
        f"{about['cpu']}, {about['cores']} cores, load {about['load']:.1f}; Python {about['python']}, "
        f"torch {about['torch']}, gradescope-utils {about['gradescope_utils']}\n"
        f"Both graders gave the same points to {results['scores_agree']} of {results['n']} submissions."
    )
    times = ("", "median", "95th percentile", "mean")
    rows = [(label, *_times(results["seconds"][way])) for way, label in WAYS.items()]
    console.print(_table("One submission, ms", times, rows))
    rows = [_target_row(target) for target in results["targets"]]
    console.print(_table("Targets", ("", "here", "target", ""), rows))
    rows = [(name, *_times(values)) for name, values in results["sections"].items()]
    console.print(_table("Where the time goes (a pass of its own), ms", times, rows))
    rows = [(fork["what"], _ms(fork["in_a_row"]), _ms(fork["alone"])) for fork in results["forks"]]
    console.print(_table("Fork, load and end, ms", ("", "in a row", "one alone"), rows))
    memory = results["memory"]
    rows = [
        ("a submission's fork after all checks", f"{memory['submission']['median']:.0f}"),
        ("the worker's idle sandbox", f"{memory['sandbox']:.0f}"),
        ("the worker's judge", f"{memory['judge']:.0f}"),
    ]
    console.print(_table("Memory that no other shares, MB", ("", "median"), rows))


def _target_row(target: dict[str, Any]) -> tuple[str, ...]:
    sign = "≥" if target["at_least"] else "≤"
    here = "not there yet" if target["value"] is None else f"{target['value']:.3g} {target['unit']}"
    verdict = {True: "met", False: "missed", None: ""}[target["met"]]
    return target["name"], here, f"{sign} {target['limit']:g} {target['unit']}", verdict


def _times(values: dict[str, float]) -> tuple[str, ...]:
    return tuple(_ms(values[name]) for name in ("median", "p95", "mean"))


def _ms(seconds: float) -> str:
    return f"{seconds * 1e3:.1f}"


def _table(title: str, columns: Sequence[str], rows: Sequence[tuple[str, ...]]) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=None, padding=(0, 2, 0, 0))
    for i, column in enumerate(columns):
        table.add_column(column, justify="right" if i else "left")
    for row in rows:
        table.add_row(*row)
    return table


if __name__ == "__main__":
    sys.exit(main())
