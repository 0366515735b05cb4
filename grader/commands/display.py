"""What a TA sees of a run: a live display while it grades, a table and sentences at its end."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from typing import Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

from grader.collect.roster import Person
from grader.gradebook.entry import Student
from grader.judging.late import duration
from grader.outcome import Verdict
from grader.report.looks import LOOK, tally
from grader.report.model import Report
from grader.report.text import count, plain

SLOWEST = 3
SHOWN = 20  # students without a hand-in that are named
WARM_UP = 3  # submissions, before a rate is worth showing


class Display:
    """The live display of a batch. Use as a context manager; where there is no terminal, it is its first line only."""

    def __init__(self, console: Console, total: int, workers: int, starting: str = "") -> None:
        self._console, self._total, self._workers = console, total, workers
        # What takes seconds before the first submission is graded.
        self._starting = starting or f"starting {count(workers, 'worker')}: importing torch …"
        self._bar = Progress(
            SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
        )
        self._task = self._bar.add_task(self._starting, total=total)
        self._verdicts: Counter[Verdict] = Counter()
        self._slowest: list[tuple[float, str]] = []
        self._done = 0
        self._first = 0.0  # monotonic: a clock that is set does not disturb it
        self._note = ""
        self._live = Live(self._shown(), console=console, transient=True, auto_refresh=False)

    def __enter__(self) -> Self:
        if not self._console.is_terminal:
            self._console.print(self._starting, highlight=False)
        self._live.start(refresh=True)
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def ready(self) -> None:
        """The first worker can grade."""
        self._bar.update(self._task, description="grading")
        self.tick()

    def step(self, report: Report, seconds: float) -> None:
        """One more is graded."""
        if not self._done:
            self._first = time.monotonic()
        self._done += 1
        self._verdicts.update(check.verdict for check in report.checks)
        name = plain(report.submission, one_line=True)[:24]
        self._slowest = sorted([*self._slowest, (seconds, name)], reverse=True)[:SLOWEST]
        self._bar.update(self._task, advance=1, description=f"graded {name.replace('[', '(')}")
        self.tick()

    def say(self, note: str) -> None:
        """Show a sentence below."""
        self._note = note
        self.tick()

    def tick(self) -> None:
        """Draw anew."""
        self._live.update(self._shown(), refresh=True)

    def rate(self) -> float | None:
        """Submissions per second since the first one was done."""
        elapsed = time.monotonic() - self._first
        return (self._done - 1) / elapsed if self._done > WARM_UP and elapsed > 0 else None

    def _shown(self) -> RenderableType:
        lines: list[RenderableType] = [self._bar]
        rate = self.rate()
        facts = [f"{self._workers} at work"] if self._workers > 1 and self._done else []
        if rate:
            facts += [f"{rate:.1f} per second", f"{duration((self._total - self._done) / rate)} left"]
        if facts:
            lines.append(Text("  " + ", ".join(facts), "dim"))
        counts = tally(self._verdicts.elements())
        counted = [(f"{number} {LOOK[one].tally}", LOOK[one].terminal) for one, number in counts]
        if counted:
            lines.append(Text("  checks: ").append_text(Text(", ").join(Text(*pair) for pair in counted)))
        if self._done > SLOWEST:
            lines.append(Text("  slowest: " + ", ".join(f"{name} {s:.1f} s" for s, name in self._slowest), "dim"))
        if self._note:
            lines.append(Text("  " + self._note, "yellow"))
        return Group(*lines)


def named(person: Person | Student | None, student: str) -> str:
    """A student as a table names them: name and id."""
    return f"{person.name} ({student})" if person is not None and person.name not in ("", student) else student


def absent_people(people: Sequence[Person]) -> list[str]:
    """Who handed nothing in, as a sentence."""
    names = [named(person, person.id) for person in people[:SHOWN]]
    more = f" and {len(people) - SHOWN:,} more" if len(people) > SHOWN else ""
    return [f"{count(len(people), 'student')} handed nothing in: {', '.join(names)}{more}"] if people else []


def say_notes(console: Console, title: str, notes: Sequence[str]) -> None:
    """Sentences below a title; nothing where there are none."""
    if notes:
        console.print(f"\n{title}", style="yellow", markup=False, highlight=False)
        for note in notes:
            console.print(f"  {plain(note)}", style="yellow", markup=False, highlight=False)
