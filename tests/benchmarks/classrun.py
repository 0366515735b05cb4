"""A class of hw1 submissions on two workers, against gradescope-utils in a process pool of the same size.

    python -m tests.benchmarks.classrun [-n 300] [--peer 30] [--jobs 2] [--json out/bench-class.json]

Both grade submissions drawn from the same simulated class. The peer takes seconds for each, so it grades a sample,
every tenth of the class, and its throughput is the sample's. Work that is handed in twice is graded once here, so all
submissions are made different. Then: the same command again, a regrade of one changed check, the parent's memory, and the
gradebook of a run over the same class that was killed at random moments and resumed.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from grader.commands.demo import simulate
from grader.homework import Homework
from grader.seed import Seed
from tests.benchmarks.bench import ROOT, Target, machine
from tests.benchmarks.course import HOMEWORK, without_training
from tests.benchmarks.speed import run_peer, submission

CHANGED = "test_bias_alone"  # the check that is changed for the regrade
SEED = "ab" * 16  # the secret of all runs, so that they have the same gradebook
KILLS = 5


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.classrun", description=__doc__.split("\n")[0])
    parser.add_argument("-n", type=int, default=300, help="submissions (default: 300)")
    parser.add_argument("--peer", type=int, default=30, help="of these for gradescope-utils (default: 30)")
    parser.add_argument("--jobs", type=int, default=2, help="workers, and processes of the peer's pool (default: 2)")
    parser.add_argument("--json", type=Path, default=Path("out/bench-class.json"), help="where to write the numbers")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        homework = without_training(Path(folder))
        results = measure(homework, options.n, min(options.peer, options.n), options.jobs)
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(results, indent=2) + "\n", "utf-8")
    show(results, Console())
    return 0


def measure(homework: Homework, n: int, sample: int, jobs: int) -> dict[str, Any]:
    """All measurements. Times in seconds, memory in MB of 10⁶ bytes."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        paths = honest(homework, folder, n)
        run = folder / "run"
        chosen = paths[:: max(len(paths) // sample, 1)][:sample]
        # half of the peer's before and half after, for the machine may be shared
        peer = pool(homework, chosen[::2], jobs, folder / "peer")
        whole, busy, memory = grade(homework, folder / "class", run, jobs)
        peer += pool(homework, chosen[1::2], jobs, folder / "peer")
        again, busy_again, _ = grade(homework, folder / "class", run, jobs)
        regrade, said = changed(homework, folder, run, jobs)
        differing = interrupted(homework, folder, run, jobs)
    per_peer = peer / len(chosen)
    targets = [
        Target(
            "submissions per second, over gradescope-utils' in a pool", per_peer * n / whole, 50, "×", at_least=True
        ),
        Target("the same command again", again, 2, "s"),
        Target("memory of the parent, at its peak", memory, 1000, "MB"),
    ]
    return {
        "n": n,
        "peer_sample": sample,
        "jobs": jobs,
        "machine": machine(),
        "seconds": {"class": whole, "again": again, "regrade of one check": regrade, "peer's sample": peer},
        "each": {"grader": whole / n, "peer": per_peer},
        "processor seconds of the parent": {"class": busy, "again": busy_again},
        "regrade": said,
        "differs after kills": differing,
        "targets": [asdict(target) | {"met": target.met} for target in targets],
    }


def honest(homework: Homework, folder: Path, n: int) -> list[Path]:
    """A class in which nobody loops for ever or dies: such work costs every grader its time limit."""
    drawn = simulate(homework, folder / "drawn", n + 9, seed=7)
    file = homework.assignment.files[0]
    kept = []
    for path in drawn:
        if len(kept) == n:
            break
        source = path / file
        if not source.exists() or re.search(r"while True|_exit|ones\(10 << 30|x / \(x > 0\)", source.read_text()):
            continue
        target = folder / "class" / path.name / file
        target.parent.mkdir(parents=True)
        target.write_text(f"# {path.name}\n{source.read_text()}")
        kept.append(target)
    return kept


def arguments(homework: Homework, submissions: Path, run: Path, jobs: int) -> list[str]:
    """Of the command that grades the class."""
    course = homework.public.parents[1]
    given = ["grade", HOMEWORK, submissions, "-o", run, "-j", jobs, "--course", course, "--seed", SEED]
    return [str(one) for one in given]


def grade(homework: Homework, submissions: Path, run: Path, jobs: int) -> tuple[float, float, float]:
    """Seconds of a `grader grade`, the parent's processor time in seconds and its peak memory in MB."""
    command = arguments(homework, submissions, run, jobs)
    code = (
        "import re, sys, time\nfrom grader.commands.cli import main\n"
        "try:\n    main()\nfinally:\n"
        "    peak = re.search(r'VmHWM:\\s+(\\d+)', open('/proc/self/status').read())[1]\n"
        "    print(time.process_time(), peak, file=sys.stderr)\n"
    )
    started = time.perf_counter()
    ended = subprocess.run(
        [sys.executable, "-c", code, *command],
        env=os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    seconds = time.perf_counter() - started
    if ended.returncode:
        raise RuntimeError(ended.stdout + ended.stderr)
    processor, peak = ended.stderr.split()[-2:]
    return seconds, float(processor), int(peak) * 1024 / 1e6


def changed(homework: Homework, folder: Path, run: Path, jobs: int) -> tuple[float, str]:
    """Seconds of the preview of a regrade with one check changed, and what it says of what it graded."""
    suite = folder / "suite"
    shutil.copytree(homework.suite, suite)
    for path in suite.glob("test_*.py"):
        path.write_text(path.read_text().replace(f"def {CHANGED}(", f"def {CHANGED}(  # changed\n    "))
    started = time.perf_counter()
    command = [sys.executable, "-m", "grader", "regrade", str(run), "--suite", str(suite), "--preview", "-j", str(jobs)]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "COLUMNS": "200"}
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return time.perf_counter() - started, ended.stdout.splitlines()[0]


def interrupted(homework: Homework, folder: Path, calm: Path, jobs: int) -> list[str]:
    """Those of the gradebook's files that differ after a run was killed at random moments and then ended in peace."""
    run = folder / "interrupted"
    command = [sys.executable, "-m", "grader", *arguments(homework, folder / "class", run, jobs)]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    moments = random.Random(1)
    for _ in range(KILLS):
        with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as begun:
            time.sleep(moments.uniform(4, 9))
            begun.kill()
    grade(homework, folder / "class", run, jobs)
    names = sorted(path.name for path in (calm / "gradebook").iterdir())
    return [name for name in names if (calm / "gradebook" / name).read_bytes() != _bytes(run / "gradebook" / name)]


def _bytes(path: Path) -> bytes:
    return path.read_bytes() if path.exists() else b""


def pool(homework: Homework, paths: Sequence[Path], jobs: int, folder: Path) -> float:
    """Seconds that the peer takes for these, `jobs` processes at a time."""
    seed = Seed.fresh()
    works = [submission(homework, path.parent.name, path.read_text()) for path in paths]
    started = time.perf_counter()
    with ThreadPoolExecutor(jobs) as threads:  # each waits for a process of the peer's
        list(threads.map(lambda one: run_peer(homework, one, seed, folder / one.name), works))
    return time.perf_counter() - started


def show(results: dict[str, Any], console: Console) -> None:
    """The numbers as a table."""
    about = results["machine"]
    console.print(
        f"{results['n']} submissions of {HOMEWORK}, {results['jobs']} workers; the peer graded {results['peer_sample']} "
        f"of them, {results['jobs']} at a time\n{about['cpu']}, {about['cores']} cores, load {about['load']:.1f}"
    )
    table = Table(box=None, padding=(0, 2, 0, 0))
    for title in ("", "here", "target", ""):
        table.add_column(title)
    for name, seconds in results["seconds"].items():
        table.add_row(name, f"{seconds:.2f} s", "", "")
    for target in results["targets"]:
        sign = "≥" if target["at_least"] else "≤"
        met = "met" if target["met"] else "missed"
        table.add_row(
            target["name"],
            f"{target['value']:.3g} {target['unit']}",
            f"{sign} {target['limit']:g} {target['unit']}",
            met,
        )
    console.print(table)
    busy = results["processor seconds of the parent"]
    console.print(f"Processor time of the parent: {busy['class']:.2f} s, and again {busy['again']:.2f} s.")
    console.print(results["regrade"])
    differing = ", ".join(results["differs after kills"])
    console.print(
        f"Killed {KILLS} times and resumed: the gradebook {f'differs in {differing}' if differing else 'is the same, byte for byte'}."
    )


if __name__ == "__main__":
    sys.exit(main())
