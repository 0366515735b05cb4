"""`grader selfcheck --mutate`: do the suites notice as many small changes as their homeworks ask for?"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from grader.commands.mutate.mutate import FALLS_SHORT, FINE, Options, run
from grader.homework import find_course, homework_names, load_homework
from grader.sandbox.where import WhereToGrade

INPUTS = 2_000  # that a listed equivalent must not differ in: `grader mutate` asks for more


def gate(
    course: Path, names: Sequence[str], number: int | None, seed: str | None, jobs: int | None, where: WhereToGrade
) -> int:
    """Try the mutants of the homeworks, all if none is named, or so many of each.

    A homework without a `mutation_floor` is left out, and that is said. Returns 1 if any falls short.
    """
    console = Console()
    root = find_course(course)
    ended = [FINE]
    for name in names or homework_names(root):
        homework = load_homework(root, name)
        if not homework.assignment.mutation_floor:
            console.print(f"{name}: no mutation_floor in assignment.toml", style="dim", highlight=False)
            continue
        options = Options(None, (), number, INPUTS, seed, jobs, None, where)
        ended.append(run(homework, options))
    return FALLS_SHORT if any(ended) else FINE
