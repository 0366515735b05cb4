"""`grader selfcheck HOMEWORK --solution X --check Y`: one cell of the matrix, with everything shown."""

from __future__ import annotations

import fnmatch
from pathlib import Path

from rich.console import Console

from grader.commands.selfcheck.known import Solution, solutions, submission_of
from grader.errors import UsageError
from grader.homework import Homework
from grader.judging import session
from grader.judging.plugin import Partly, as_passed
from grader.judging.training import Trainings
from grader.outcome import Check, Grading, Outcome, Verdict
from grader.report.text import plain, points
from grader.sandbox.opening import open_sandbox
from grader.sandbox.where import WhereToGrade
from grader.seed import Seed

FINE, FALLS_SHORT = 0, 1


def run(homework: Homework, solution: str, check: str, seed: Seed, where: WhereToGrade, console: Console) -> int:
    """Grade one solution by the checks of that name, and print all that is known. Returns 1 if one is not passed."""
    checks, measuring = session.collect_measuring(homework)
    wanted = chosen(checks, check)
    found = named(homework, solution)
    known = as_passed(checks, {one.name for one in checks} - {one.name for one in wanted})
    gradings: list[Grading] = []
    trains = any(one.name in measuring for one in wanted)
    with open_sandbox(homework.assignment, where, seed=seed) as zygote:
        session.grade(
            homework,
            [Partly(submission_of(homework, found.name, found.source, found.others), known)],
            zygote,
            on_graded=gradings.append,
            seed=seed,
            trainings=Trainings.calibrated(homework, seed) if trains else Trainings({}, None, None),
        )
    outcomes = [one for one in gradings[0].outcomes if one.check.name in {each.name for each in wanted}]
    for outcome in outcomes:
        _show(console, found, outcome)
    console.print(f"Again with the same inputs: --seed {seed.secret.hex()}", highlight=False, soft_wrap=True)
    return FINE if all(one.verdict is Verdict.PASSED for one in outcomes) else FALLS_SHORT


def chosen(checks: tuple[Check, ...], pattern: str) -> list[Check]:
    """The checks of this name, of this test with any parameters, or of this pattern. Raises `UsageError`."""
    same = [one for one in checks if one.name == pattern]
    found = same or [
        one for one in checks if one.name.split("[")[0] == pattern or fnmatch.fnmatchcase(one.name, pattern)
    ]
    if not found:
        raise UsageError(f"there is no check {pattern!r}; there are: {', '.join(one.name for one in checks)}")
    return found


def named(homework: Homework, name: str) -> Solution:
    """The solution of this name: reference, starter, an alternative, a mistake, or a file. Raises `UsageError`."""
    known = {one.name: one for one in solutions(homework)}
    if name in known:
        return known[name]
    if name.endswith(".py") and Path(name).is_file():
        return Solution("file", Path(name).stem, None, Path(name).read_text("utf-8"), {})
    raise UsageError(f"there is no solution {name!r}; there are: {', '.join(known)}; or name a .py file")


def _show(console: Console, solution: Solution, outcome: Outcome) -> None:
    def line(text: str, style: str = "") -> None:
        console.print(plain(text), style=style, markup=False, highlight=False, soft_wrap=True)

    check = outcome.check
    style = "green" if outcome.verdict is Verdict.PASSED else "bold red"
    earned = f"{points(outcome.earned)} of {points(check.points)} points"
    line(f"{solution.kind} {solution.name}, {check.name}: {outcome.verdict}, {earned}, {outcome.seconds:.2f} s", style)
    line(f"  part      {check.part}")
    line(f"  sentence  {check.sentence}")
    if outcome.message:
        line(f"  message   {outcome.message}")
    if outcome.diagnosis:
        line(f"  diagnosis {outcome.diagnosis.mistake}: {outcome.diagnosis.sentence}")
    if outcome.evidence:
        told = outcome.evidence.__dict__ if hasattr(outcome.evidence, "__dict__") else {}
        for name, value in told.items():
            if value not in (None, "", ()) and name != "error_map":
                line(f"  {name:<9} {value}")
    if outcome.staff_detail:
        line("  calls and traceback, which only staff read:")
        line("\n".join(f"    {one}" for one in outcome.staff_detail.strip().splitlines()))
