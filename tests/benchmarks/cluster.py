"""A class on a cluster: what the engine adds to a submission, and whether the coordinator keeps up with 64 workers.

    python -m tests.benchmarks.cluster [-n 60] [--simulated 10000] [--seconds 120] [--json out/cluster.json]

First a small class is graded by this machine's pool and by real workers of a cluster, one and two of them. What the engine
adds is the time from one answer to the next, times the workers, less the time that the submissions themselves took. Then 64
workers are simulated: they wait as long as gradings of hw1 took, at a mean of 0.16 s, and give their answers; the ledger and
all files are written. That part ends after so many seconds, with what is graded by then.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console
from rich.table import Table

from grader.collect.handin import HandIn
from grader.homework import Homework, load_homework
from grader.intake.submission import Submission, files_sha256
from grader.judging.environment import Environment, environment
from grader.ledger.ledger import Ledger
from grader.report.model import Report
from grader.report.write import folder_name
from grader.run.classrun import ClassRun, open_run
from grader.run.cluster import messages
from grader.run.cluster.coordinator import Cluster
from grader.run.cluster.messages import Landed
from grader.run.cluster.trust import security
from grader.run.enter import Said, enter
from grader.run.executor import Prepare, Stop
from grader.run.folder import settle_settings
from grader.run.ipc import Done
from grader.run.pool import Pool
from grader.sandbox.where import ANYWHERE
from grader.seed import Seed
from tests.benchmarks.bench import ROOT, machine
from tests.benchmarks.classrun import honest
from tests.benchmarks.course import without_training
from tests.benchmarks.simulated import Answers, Simulated
from tests.grader.course import REFERENCE, write_course
from tests.grader.run.cluster.machines import Machines

WORKERS = 64
MEAN_SECONDS = 0.16  # of a submission of hw1 where nothing else runs, see docs/benchmarks.md
ANSWERS = 20  # gradings of hw1, whose times and reports the simulated workers have
WARM_UP = 5  # submissions of each worker


@dataclass
class Course:
    """Of one run: when each submission was done, and how long its grading took."""

    moments: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)  # of the coordinator, MB, at each

    def step(self, _report: Report, seconds: float) -> None:
        self.moments.append(time.perf_counter())
        self.seconds.append(seconds)
        self.memory.append(rss(os.getpid()))

    def added(self, workers: int) -> float:
        """Milliseconds that a submission takes beyond its grading, after all workers have warmed up."""
        skip = WARM_UP * workers
        each = (self.moments[-1] - self.moments[skip]) / (len(self.moments) - 1 - skip) * workers
        own = self.seconds[skip + 1 :]
        return 1000 * (each - sum(own) / len(own))


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.cluster", description=__doc__.split("\n")[0])
    parser.add_argument("-n", type=int, default=60, help="submissions that are graded (default: 60)")
    parser.add_argument("--simulated", type=int, default=10_000, help="simulated submissions (default: 10000)")
    parser.add_argument("--seconds", type=float, default=120, help="of the simulation at most (default: 120)")
    parser.add_argument("--json", type=Path, default=Path("out/cluster.json"), help="where to write the numbers")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        results = measure(Path(name), options.n, options.simulated, options.seconds)
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(results, indent=2) + "\n", "utf-8")
    show(results, Console(width=100))
    return 0


def measure(folder: Path, n: int, simulated: int, seconds: float) -> dict[str, Any]:
    """All measurements."""
    here = environment(ANYWHERE)
    small = load_homework(write_course(folder / "small"), "hw0")
    small_class = [f"# {number}\n{REFERENCE}".encode() for number in range(n)]
    rows = []
    with contextlib.closing(Machines(folder)) as machines:
        for workers in (1, 2):
            machines.worker(workers)
            for name, prepare in (("pool", partial(Pool, workers=workers)), ("cluster", on(machines, small, here))):
                with entered(folder / f"{name}{workers}", small, here, small_class) as classrun:
                    course, _ = graded(classrun, prepare, seconds=300)
                own = 1000 * sum(course.seconds) / len(course.seconds)
                added = course.added(workers)
                rows.append({"engine": name, "workers": workers, "n": n, "own_ms": own, "added_ms": added})
        for one in machines.workers:
            one.terminate()
            one.wait()
        homework = without_training(folder / "course")
        sources = [path.read_bytes() for path in honest(homework, folder, ANSWERS)]
        with entered(folder / "answers", homework, here, sources) as classrun:
            graded(classrun, partial(Pool, workers=1), seconds=300)
        answers = kept(folder / "answers", homework, here, sources)
        found = simulate(machines, homework, answers, simulated, seconds)
        return {"machine": machine(), "real": rows, "simulated": found}


def on(machines: Machines, homework: Homework, here: Environment, **others: Any) -> Prepare:
    """The engine on these machines."""
    secured = security(machines.address, machines.folder / "certificates", insecure=False)

    def prepare(*given: Any, **callbacks: Any) -> Cluster:
        course = partial(messages.course, homework, environment=here)
        return Cluster(*given, **callbacks, address=machines.address, security=secured, course=course, **others)

    return prepare


@contextlib.contextmanager
def entered(folder: Path, homework: Homework, here: Environment, sources: Sequence[bytes]) -> Iterator[ClassRun]:
    """A run over a class of these sources, with nothing graded yet."""
    settings = settle_settings(folder, homework, ANYWHERE, None)
    with Ledger(folder / "ledger.sqlite") as ledger:
        classrun = open_run(folder, homework, ledger, settings, here, Seed(b"0123456789abcdef"))
        hand_ins = []
        for number, source in enumerate(sources):
            files = {homework.assignment.files[0]: source}
            one = Submission(f"s{number:05}", files, files_sha256(files), "")
            classrun.store.put(one)
            hand_ins.append(HandIn(one.name, one.sha256, ""))
        enter(classrun, hand_ins, Said())
        yield classrun


def graded(classrun: ClassRun, prepare: Prepare, seconds: float) -> tuple[Course, bool]:
    """Grade a run, for so many seconds at most. Returns its course, and whether all was done."""
    course, stop = Course(), Stop()
    began = time.perf_counter()

    def tick() -> None:
        if time.perf_counter() - began > seconds:
            stop.presses = 1

    todo = classrun.todo(classrun.ledger.hand_ins(classrun.run))
    is_done = classrun.grade(
        todo, prepare, now=datetime.now(UTC), stop=stop, on_done=course.step, on_ready=lambda: None, on_tick=tick
    )
    return course, is_done


def kept(folder: Path, homework: Homework, here: Environment, sources: Sequence[bytes]) -> Answers:
    """What a graded run has, as its workers gave it."""
    staff = "_staff"
    with entered(folder, homework, here, sources) as classrun:
        hand_ins = {one.grade: one.hand_in.name for one in classrun.ledger.hand_ins(classrun.run) if one.grade}
        landed = []
        for number, report in classrun.ledger.reports(hand_ins):
            name = folder_name(hand_ins[number])
            files = {path.name: path.read_bytes() for path in (folder / name).iterdir()}
            files |= {f"{staff}/{path.name}": path.read_bytes() for path in (folder / staff / name).iterdir()}
            landed.append(Landed(Done(0, report.model_dump_json().encode(), report.provenance.seconds), files))
    scale = MEAN_SECONDS * len(landed) / sum(one.done.seconds for one in landed)  # this machine may be shared
    rested = [msgspec.structs.replace(one.done, seconds=one.done.seconds * scale) for one in landed]
    return Answers((), [Landed(done, one.files) for done, one in zip(rested, landed, strict=True)])


def simulate(machines: Machines, homework: Homework, answers: Answers, n: int, seconds: float) -> dict[str, Any]:
    """A class of `n` on 64 workers that wait in the place of grading."""
    here = environment(ANYWHERE)
    command = [sys.executable, "-m", "tests.benchmarks.simulated", machines.address, machines.folder / "certificates"]
    sources = [f"# {number}\n".encode() for number in range(n)]
    packed = msgspec.msgpack.encode(answers)
    engine = on(machines, homework, here, grading=lambda name, _: Simulated(name, packed))
    with (
        subprocess.Popen(
            [*map(str, command), str(WORKERS)], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        ) as workers,
        entered(machines.folder / "simulated", homework, here, sources) as classrun,
    ):
        assert workers.stdout is not None
        while workers.stdout.readline() != "joined\n":  # Dask's own lines come before
            assert workers.poll() is None
        busy = time.process_time(), processor(machines.scheduler.pid)
        course, is_done = graded(classrun, engine, seconds)
        coordinator = time.process_time() - busy[0]
        scheduler = processor(machines.scheduler.pid) - busy[1]
        memory = rss(machines.scheduler.pid)
        workers.terminate()
    done = len(course.moments)
    fifth = done // 5
    return {
        "workers": WORKERS,
        "asked": n,
        "done": done,
        "is_done": is_done,
        "mean_seconds": sum(course.seconds) / done,
        "report_kb": sum(len(one) for landed in answers.landed for one in landed.files.values())
        / len(answers.landed)
        / 1e3,
        "per_second": (done - 1) / (course.moments[-1] - course.moments[0]),
        "per_second_last_fifth": fifth / (course.moments[-1] - course.moments[-1 - fifth]),
        "memory_mb": [round(course.memory[fifth * part - 1], 1) for part in range(1, 6)],
        "scheduler_mb": round(memory, 1),
        "coordinator_ms_of_processor": 1000 * coordinator / done,
        "scheduler_ms_of_processor": 1000 * scheduler / done,
        "load": os.getloadavg()[0],
    }


def rss(process: int) -> float:
    """Resident memory in MB of 10⁶ bytes."""
    found = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{process}/status").read_text())
    return int(found[1]) * 1024 / 1e6 if found else 0.0


def processor(process: int) -> float:
    """Seconds of processor time that a process has taken."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def show(results: dict[str, Any], console: Console) -> None:
    """The numbers as tables."""
    about = results["machine"]
    console.print(f"{about['cpu']}, {about['cores']} cores, load {about['load']:.1f}")
    table = Table("engine", "workers", "n", "a submission's own time, ms", "added to a submission, ms")
    for row in results["real"]:
        table.add_row(
            row["engine"], str(row["workers"]), str(row["n"]), f"{row['own_ms']:.1f}", f"{row['added_ms']:.1f}"
        )
    console.print(table)
    for name, value in results["simulated"].items():
        console.print(f"{name}: {value}", highlight=False)


if __name__ == "__main__":
    sys.exit(main())
