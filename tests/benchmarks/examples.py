"""How many causes of lost points get a small example, over the mistakes of every homework; how large, and how soon.

    python -m tests.benchmarks.examples [NAME …]

prints the table of docs/benchmarks.md. Mistakes that only a training notices are left out.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from grader.commands.selfcheck.known import submission_of
from grader.homework import homework_names, load_homework
from grader.judging import session
from grader.judging.causes import Kind, causes
from grader.judging.examples import Examples
from grader.judging.plugin import Partly, as_passed
from grader.judging.training import Trainings
from grader.outcome import Example, Grading, Verdict
from grader.sandbox.opening import open_sandbox
from grader.sandbox.where import ANYWHERE
from grader.seed import Seed
from tests.hostile.here import ROOT

HEAD = (
    "| homework | mistakes | causes | by chance | with an example | of those without chance | numbers, median | all of one "
    "or two digits | ms, median | ms, most |\n|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|"
)


@dataclass
class Counts:
    """What was seen of one homework."""

    mistakes: int = 0
    causes: int = 0
    by_chance: int = 0
    found_by_chance: int = 0
    examples: list[Example] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    without: list[str] = field(default_factory=list)

    def add(self, grading: Grading) -> None:
        """Count the causes that its visible checks show."""
        outcomes = [one for one in grading.outcomes if one.check.visibility == "visible"]
        for cause in causes(outcomes):
            own = [outcomes[i] for i in cause.checks]
            if cause.kind is Kind.MISSING or own[0].verdict in (Verdict.BLOCKED, Verdict.INFRA):
                continue
            self.causes += 1
            is_by_chance = any(one.asked is not None and one.asked.by_chance for one in own)
            self.by_chance += is_by_chance
            example = next((one.example for one in own if one.example), None)
            if example is not None:
                self.examples.append(example)
                self.found_by_chance += is_by_chance
            elif not is_by_chance:
                self.without.append(f"{grading.submission}: {own[0].check.name}")

    def __iadd__(self, other: Counts) -> Self:
        for name, value in vars(other).items():
            setattr(self, name, getattr(self, name) + value)
        return self

    def row(self, name: str) -> str:
        """A line of the table."""
        certain = self.causes - self.by_chance
        found = len(self.examples) - self.found_by_chance
        numbers = statistics.median(one.numbers for one in self.examples) if self.examples else 0
        small = sum(one.is_small for one in self.examples)
        cells = [
            name,
            f"{self.mistakes}",
            f"{self.causes}",
            f"{self.by_chance}",
            f"{len(self.examples)}",
            _share(found, certain),
            f"{numbers:g}",
            _share(small, len(self.examples)),
            f"{1e3 * statistics.median(self.seconds):.0f}" if self.seconds else "",
            f"{1e3 * max(self.seconds):.0f}" if self.seconds else "",
        ]
        return f"| {' | '.join(cells)} |"


def measure(name: str) -> Counts:
    """Grade every mistake of a homework, and count."""
    homework, counts, seed = load_homework(ROOT, name), Counts(), Seed.fresh()
    checks, measuring = session.collect_measuring(homework)
    known = as_passed(checks, measuring)
    submissions = [
        Partly(submission_of(homework, mistake.name, homework.wrong_source([mistake])), known)
        for mistake in homework.mistakes
    ]
    with open_sandbox(homework.assignment, ANYWHERE, seed=seed) as zygote, _Watch(counts.seconds):
        session.grade(
            homework, submissions, zygote, on_graded=counts.add, seed=seed, trainings=Trainings({}, None, None)
        )
    counts.mistakes = len(submissions)
    return counts


class _Watch:
    """Notes how long each search takes."""

    def __init__(self, seconds: list[float]) -> None:
        self._seconds = seconds
        self._find = Examples.find

    def __enter__(self) -> None:
        find, seconds = self._find, self._seconds

        def timed(*args: Any) -> Any:
            started = time.perf_counter()
            try:
                return find(*args)
            finally:
                seconds.append(time.perf_counter() - started)

        Examples.find = timed  # type: ignore[method-assign]

    def __exit__(self, *_: object) -> None:
        Examples.find = self._find  # type: ignore[method-assign]


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.0%}" if whole else "–"


def main(names: Sequence[str]) -> None:
    """Print the table, and on the error stream the causes without chance that have no example."""
    every = Counts()
    print(HEAD)
    for name in names or homework_names(ROOT):
        counts = measure(name)
        print(counts.row(name), flush=True)
        for one in counts.without:
            print(f"{name}: {one}", file=sys.stderr)
        every += counts
    print(every.row("all"))


if __name__ == "__main__":
    main(sys.argv[1:])
