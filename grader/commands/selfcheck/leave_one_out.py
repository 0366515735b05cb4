"""Is a diagnosis right of code that nobody listed? Each family of mistakes is left out of the library in turn.

Its mistakes are graded, and whatever sentence they get is another family's: a wrong one, if the mistake's file does not
say by `ALSO_TRUE` that it is true as well.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from grader.commands.selfcheck.known import submission_of
from grader.commands.selfcheck.selfcheck import FALLS_SHORT, FINE
from grader.homework import Homework, Mistake, find_course, homework_names, load_homework
from grader.judging import session
from grader.judging.plugin import Partly, as_passed
from grader.judging.training import Trainings
from grader.outcome import Grading
from grader.report.text import plain
from grader.sandbox.opening import open_sandbox
from grader.sandbox.where import WhereToGrade
from grader.seed import Seed, parse_seed

WRONG_AT_MOST = 0.03  # share of a homework's mistakes


@dataclass(frozen=True)
class LeftOut:
    """What one mistake is told when its own family is unknown."""

    mistake: str
    named: dict[str, int]  # family → checks in which its sentence is given
    also_true: tuple[str, ...]

    @property
    def wrong(self) -> tuple[str, ...]:
        """The families that are named wrongly."""
        return tuple(family for family in self.named if family not in self.also_true)


def run(course: Path, names: Sequence[str], seed: str | None, where: WhereToGrade) -> int:
    """Print what the mistakes of homeworks, all if none is named, are told without their families.

    Returns 1 if more than `WRONG_AT_MOST` of a homework's are told a wrong sentence.
    """
    console = Console()
    root = find_course(course)
    drawn = parse_seed(seed)
    falls_short = False
    for name in names or homework_names(root):
        found = leave_one_out(load_homework(root, name), drawn, where)
        show_left_out(console, name, found)
        falls_short |= sum(bool(one.wrong) for one in found) > WRONG_AT_MOST * len(found)
    return FALLS_SHORT if falls_short else FINE


def leave_one_out(
    homework: Homework, seed: Seed, where: WhereToGrade, on_judged: Callable[[], None] = lambda: None
) -> list[LeftOut]:
    """Grade every mistake without its family. Nothing is trained."""
    checks, measuring = session.collect_measuring(homework)
    known = as_passed(checks, measuring)
    found: list[LeftOut] = []

    def plan(mistake: Mistake) -> Partly:
        source = submission_of(homework, mistake.name, homework.wrong_source([mistake]))
        return Partly(source, known, unexplained_by=mistake.family)

    def note(grading: Grading) -> None:
        mistake = homework.mistakes[len(found)]
        named = Counter(one.diagnosis.mistake for one in grading.outcomes if one.diagnosis)
        found.append(LeftOut(mistake.name, dict(named), mistake.also_true))
        on_judged()

    with open_sandbox(homework.assignment, where, seed=seed) as zygote:
        session.grade(
            homework,
            [plan(mistake) for mistake in homework.mistakes],
            zygote,
            on_graded=note,
            seed=seed,
            trainings=Trainings({}, None, None),
        )
    return found


def show_left_out(console: Console, name: str, found: list[LeftOut]) -> None:
    """Print a line for each mistake that is told something, and how often that is wrong."""
    told = [one for one in found if one.named]
    wrong = [one for one in found if one.wrong]
    for one in told:
        said = ", ".join(f"{family} ({number})" for family, number in one.named.items())
        mark, style = ("wrong", "bold red") if one.wrong else ("also true", "dim")
        console.print(f"  {mark}: {one.mistake} → {plain(said)}", style=style, markup=False, highlight=False)
    share = len(wrong) / len(found) if found else 0.0
    console.print(
        f"{name}: of {len(found)} mistakes whose family is left out, {len(told)} are told a sentence, "
        f"{len(wrong)} a wrong one ({share:.1%})",
        highlight=False,
    )
