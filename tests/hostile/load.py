"""`make load`: hundreds of submissions, a third of them hostile, and a run whose processes are killed at random.

Nothing may be left behind (processes, mounts, control groups), the judge may not grow, no hostile submission may hold a
worker for longer than the limits say and a second, and every submission has to get the grade that it gets in a calm
run. Prints what it measured; exit code 1 if anything of that does not hold.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import os
import random
import resource
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Self

from grader.homework import load_homework
from grader.intake.submission import Submission
from grader.judging import session
from grader.judging.plugin import RETRIES
from grader.outcome import Grading, Verdict
from grader.sandbox.opening import open_sandbox
from grader.sandbox.processes import inside
from grader.sandbox.zygote import Zygote
from grader.seed import Seed
from grader.spec import Limits

ROOT = Path(__file__).parents[2]
TRAINING_SECONDS = 10
LIMITS = Limits(call_seconds=2, import_seconds=10, submission_seconds=20, memory_mb=256, files_mb=16, processes=24)
# Appended to the reference; relu_backward is the function that misbehaves.
BOMBS = {
    "fork bomb": "\n\ndef relu_backward(dout, x):\n    import os\n    while True:\n        os.fork()\n",
    "memory bomb": "\n\ndef relu_backward(dout, x):\n    kept = []\n    while True:\n        kept.append(bytearray(b'x') * (8 << 20))\n",
    "daemon": (
        "\n\ndef relu_backward(dout, x):\n    import os, time\n    if os.fork() == 0:\n        os.setsid()\n"
        "        if os.fork() == 0:\n            time.sleep(900)\n        os._exit(0)\n    return dout * (x > 0)\n"
    ),
    "thread bomb": (
        "\n\ndef relu_backward(dout, x):\n    import threading, time\n    while True:\n"
        "        threading.Thread(target=time.sleep, args=(900,), daemon=True).start()\n"
    ),
    "flood": (
        "\n\ndef relu_backward(dout, x):\n    print('x' * (1 << 20))\n    with open('/tmp/flood', 'wb') as file:\n"
        "        while True:\n            file.write(b'x' * (1 << 20))\n"
    ),
    "loop": "\n\ndef relu_backward(dout, x):\n    while True:\n        pass\n",
    "death": "\n\ndef relu_backward(dout, x):\n    import ctypes\n    ctypes.string_at(0)\n",
}


def submissions(homework, count: int, seed: int) -> list[Submission]:
    """A third hostile, the rest correct or with one mistake."""
    draw = random.Random(seed)
    sources = []
    for number in range(count):
        if number % 3 == 2:
            kind = list(BOMBS)[number // 3 % len(BOMBS)]
            sources.append((f"{number:04d} {kind}", homework.reference_source + BOMBS[kind]))
        else:
            wrong = [draw.choice(homework.mistakes)] if draw.random() < 0.5 else []
            name = wrong[0].name if wrong else "correct"
            sources.append((f"{number:04d} {name}", homework.wrong_source(wrong)))
    return [
        Submission(name, {"conv.py": source.encode()}, hashlib.sha256(source.encode()).hexdigest(), name)
        for name, source in sources
    ]


def grades(grading: Grading) -> tuple[Verdict, ...]:
    """What has to be the same in every run."""
    return tuple(outcome.verdict for outcome in grading.outcomes)


def footprint() -> dict[str, int]:
    """Of this process: resident memory in MB, open descriptors; of the machine: mounts, control groups of ours."""
    status = Path("/proc/self/status").read_text()
    resident = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))
    groups = list(Path("/sys/fs/cgroup").rglob(f"grader-{os.getpid()}-*"))
    return {
        "resident MB": resident >> 10,
        "descriptors": len(os.listdir("/proc/self/fd")),
        "mounts": len(Path("/proc/self/mounts").read_text().splitlines()),
        "control groups": len(groups),
        "children": len(inside(os.getpid())) - 1,
    }


def run(homework, zygote: Zygote, batch: list[Submission], seen: Callable[[Grading], None], on_check=None) -> float:
    """Grade a batch; returns seconds."""
    started = time.monotonic()
    session.grade(homework, batch, zygote, on_graded=seen, on_check=on_check, seed=Seed(b"load" * 4))
    return time.monotonic() - started


def crowd(homework, count: int) -> list[str]:
    """Grade many, and compare the judge's footprint early and late. Returns what does not hold."""
    faults: list[str] = []
    by_kind: dict[str, Counter[tuple[Verdict, ...]]] = {}
    marks: list[dict[str, int]] = []
    slowest = Counter()
    graded = 0

    def seen(grading: Grading) -> None:
        nonlocal graded
        graded += 1
        kind = grading.submission.split(" ", 1)[1]
        by_kind.setdefault(kind, Counter())[grades(grading)] += 1
        slowest[kind] = max(slowest[kind], round(grading.provenance.seconds, 1))
        if graded in (count // 5, count):
            marks.append(footprint())

    before = footprint()
    with open_sandbox(homework.assignment) as zygote:
        root = zygote.root_pid
        seconds = run(homework, zygote, submissions(homework, count, 1), seen)
    after = footprint()
    print(f"{graded} submissions, a third hostile, in {seconds:.0f} s")
    for name in before:
        print(
            f"  {name:<16} before {before[name]:>5}   after a fifth {marks[0][name]:>5}   "
            f"at the end {marks[1][name]:>5}   afterwards {after[name]:>5}"
        )
    allowed = LIMITS.submission_seconds + 1
    for kind in BOMBS:
        verdicts = Counter(v for row in by_kind[kind] for v in row if v is not Verdict.PASSED)
        print(f"  {kind:<16} {dict(verdicts)}, slowest {slowest[kind]} s of {allowed:g}")
    faults += [f"{kind}: held the worker for {slowest[kind]} s" for kind in BOMBS if slowest[kind] > allowed]
    faults += [f"{kind}: {len(rows)} different gradings" for kind, rows in by_kind.items() if len(rows) > 1]
    if any(Verdict.INFRA in row for rows in by_kind.values() for row in rows):
        faults.append("a fault of the grader's")
    if marks[1]["resident MB"] > marks[0]["resident MB"] + 60:
        faults.append(f"the judge grew from {marks[0]['resident MB']} to {marks[1]['resident MB']} MB")
    if marks[1]["descriptors"] > marks[0]["descriptors"]:
        faults.append("the judge's descriptors grew")
    for name in ("mounts", "control groups", "children", "descriptors"):
        if after[name] > before[name]:
            faults.append(f"{name} left behind: {after[name] - before[name]}")
    if inside(root):
        faults.append(f"processes left in the sandbox: {len(inside(root))}")
    return faults


class _Killer:
    """Kills the sandbox, the zygote or a fork, now and then; during one check, no oftener than a check is tried again.

    A training takes longer than the time between two kills: without that bound no try of it would ever end.
    """

    def __init__(self, zygote: Zygote, draw: random.Random) -> None:
        self.killed: Counter[str] = Counter()
        self._zygote = zygote
        self._draw = draw
        self._left = RETRIES - 1
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def next_check(self, _: object) -> None:
        """A check is done with: the next one may be killed as often."""
        self._left = RETRIES - 1

    def _work(self) -> None:
        while not self._stop.wait(self._draw.uniform(0.3, 1.5)):
            if self._left > 0:
                self._kill()

    def _kill(self) -> None:
        pids = sorted(inside(self._zygote.root_pid))
        if len(pids) < 2:
            return
        what = self._draw.choice(("sandbox", "zygote", "fork"))
        victim = {"sandbox": pids[0], "zygote": pids[1], "fork": pids[-1]}[what]
        self._left -= 1  # first: what is killed may end the check before the next line
        with contextlib.suppress(ProcessLookupError):
            os.kill(victim, signal.SIGKILL)
            self.killed[what] += 1


def faults_injected(homework, count: int) -> list[str]:
    """The same batch in a calm run and in one with kills: every grade has to be the same."""
    batch = [one for one in submissions(homework, count * 3 // 2, 2) if one.name.split(" ", 1)[1] not in BOMBS][:count]
    calm: dict[str, tuple[Verdict, ...]] = {}
    rough: dict[str, tuple[Verdict, ...]] = {}
    with open_sandbox(homework.assignment) as zygote:
        run(homework, zygote, batch, lambda grading: calm.update({grading.submission: grades(grading)}))
    with open_sandbox(homework.assignment) as zygote, _Killer(zygote, random.Random(3)) as killer:
        run(homework, zygote, batch, lambda one: rough.update({one.submission: grades(one)}), killer.next_check)
    different = [name for name in calm if calm[name] != rough.get(name)]
    print(f"{len(batch)} submissions with kill -9 of {dict(killer.killed)}: {len(different)} graded differently")
    return [
        f"{name} is graded differently when processes are killed: {Counter(calm[name])}, {Counter(rough[name])}"
        for name in different
    ]


def _faults(arguments: argparse.Namespace) -> Iterator[str]:
    homework = load_homework(ROOT, "hw1_conv")
    trainings = homework.assignment.training.items()
    tight = homework.assignment.model_copy(
        update={
            "limits": LIMITS,
            "training": {name: one.model_copy(update={"seconds": TRAINING_SECONDS}) for name, one in trainings},
        }
    )
    homework = type(homework)(tight, homework.public, homework.reference, homework.suite)
    yield from crowd(homework, arguments.n)
    yield from faults_injected(homework, arguments.killed)


def main() -> int:
    """Run both; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-n", type=int, default=500, help="submissions, a third hostile")
    parser.add_argument("--killed", type=int, default=100, help="submissions of the run whose processes are killed")
    faults = list(_faults(parser.parse_args()))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    print(f"the judge's peak: {peak} MB")
    for fault in faults:
        print(f"falls short: {fault}", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
