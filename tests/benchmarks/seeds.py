"""Does any seed fail a correct solution? The reference and every alternative, graded with n seeds; nothing is trained.

python -m tests.benchmarks.seeds [HW…] [-n 1000] [--jobs 2] [--state docs/seeds] [--only-table]

A homework's seeds are always the same ones, numbered from 0. What is finished is a line in STATE, so that the same
command goes on where it was cut off, and more seeds cost only what they add; another suite, reference or alternative
starts anew. Prints the Markdown table of docs/seeds.md.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import multiprocessing
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from multiprocessing.util import Finalize
from pathlib import Path

from rich.console import Console
from rich.progress import track

from grader.commands.solutions import CorrectSolutions, used
from grader.homework import Homework, digest, homework_names, load_homework
from grader.sandbox.opening import open_sandbox
from grader.seed import Seed
from tests.benchmarks.speed import ROOT


@dataclass(frozen=True)
class Finished:
    """What one seed came to."""

    number: int
    seconds: float
    faults: tuple[str, ...]  # a sentence for each check that a correct solution failed
    used: float  # the largest share of a tolerance
    check: str  # whose


def seed(name: str, number: int) -> Seed:
    """The seed of this number: the same for ever, and another one for each homework."""
    return Seed(hashlib.blake2b(f"{name} {number}".encode(), digest_size=16).digest())


class Book:
    """The finished seeds of a homework as it is now: a file of JSON lines."""

    def __init__(self, folder: Path, homework: Homework) -> None:
        alternatives = sorted((homework.reference / "alternatives").glob("*.py"))
        made_from = digest([*homework.judging, *alternatives])  # without the calibration: nothing is trained
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / f"{homework.assignment.name}-{made_from[:12]}.jsonl"

    def read(self) -> list[Finished]:
        """In the order in which they were finished. A line that was cut off is as good as none."""
        lines = self._path.read_text("utf-8").splitlines() if self._path.exists() else []
        return [Finished(**json.loads(line)) for line in lines if line.endswith("}")]

    def add(self, one: Finished) -> None:
        """Write a line. It begins a new one, whatever a run that was killed has left."""
        with self._path.open("a", encoding="utf-8") as file:
            file.write("\n" + json.dumps(asdict(one)))


class _Worker:
    """One process's homework and sandbox."""

    name: str
    correct: CorrectSolutions


def _open(root: Path, name: str) -> None:
    homework = load_homework(root, name)
    zygote = open_sandbox(homework.assignment).__enter__()
    Finalize(None, zygote.close, exitpriority=1)
    _Worker.name, _Worker.correct = name, CorrectSolutions(homework, zygote)


def _finish(number: int) -> Finished:
    started = time.perf_counter()
    seen = _Worker.correct.grade(seed(_Worker.name, number))
    worst = max(((used(error), check) for check, errors in seen.errors.items() for error in errors), default=(0.0, ""))
    return Finished(number, round(time.perf_counter() - started, 3), seen.faults, *worst)


def run(root: Path, name: str, n: int, jobs: int, folder: Path) -> None:
    """Grade with those of the first n seeds that are not finished yet."""
    homework = load_homework(root, name)
    book = Book(folder, homework)
    finished = {one.number for one in book.read()}
    todo = [number for number in range(n) if number not in finished]
    if not todo:
        return
    spawn = multiprocessing.get_context("spawn")  # a fork of a process that has used torch hangs
    with ProcessPoolExecutor(min(jobs, len(todo)), spawn, _open, (root, name)) as pool:
        done = pool.map(_finish, todo)
        for one in track(done, f"{name}: seeds", len(todo), console=Console(stderr=True)):
            book.add(one)
            for fault in one.faults:
                print(f"{name}: {fault}", file=sys.stderr)
    seconds = [one.seconds for one in book.read()]
    print(f"{name}: {statistics.fmean(seconds):.2f} s a seed, the start of a sandbox apart", file=sys.stderr)


def table(root: Path, names: Sequence[str], n: int, folder: Path) -> Iterator[str]:
    """What the first n seeds came to, of those that are finished."""
    yield "| homework | correct solutions | seeds | gradings | false fails | largest share of a tolerance | in check |"
    yield "|---|---:|---:|---:|---:|---:|---|"
    for name in names:
        homework = load_homework(root, name)
        finished = [one for one in Book(folder, homework).read() if one.number < n]
        solutions = 1 + len(homework.alternatives)
        if not finished:
            yield f"| `{name}` | {solutions} | 0 | | | | |"
            continue
        worst = max(finished, key=lambda one: one.used)
        faults = sum(len(one.faults) for one in finished)
        yield (
            f"| `{name}` | {solutions} | {len(finished):,} | {solutions * len(finished):,} | {faults} "
            f"| {worst.used:.2g} | `{worst.check}` |"
        )


def main(arguments: Sequence[str] | None = None, root: Path = ROOT) -> int:
    """Returns 1 if a correct solution failed."""
    parser = argparse.ArgumentParser(description="Does any seed fail a correct solution?")
    parser.add_argument("homeworks", nargs="*", help="by default all")
    parser.add_argument("-n", type=int, default=1000, help="how many seeds (default 1000)")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--state", type=Path, default=ROOT / "docs" / "seeds", help="where what is finished is kept")
    parser.add_argument("--only-table", action="store_true", help="grade nothing")
    chosen = parser.parse_args(arguments)
    names = chosen.homeworks or homework_names(root)
    for name in () if chosen.only_table else names:
        run(root, name, chosen.n, chosen.jobs, chosen.state)
    print("\n".join(table(root, names, chosen.n, chosen.state)))
    books = [Book(chosen.state, load_homework(root, name)).read() for name in names]
    return 1 if any(one.faults for book in books for one in book) else 0


if __name__ == "__main__":
    sys.exit(main())
