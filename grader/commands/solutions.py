"""How far correct solutions lie from the reference: all of a homework's, graded with one seed after another."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from grader.commands.selfcheck.known import submission_of
from grader.homework import Homework
from grader.judging import compare, session
from grader.judging.calibration import Spread
from grader.judging.plugin import OnCheck, Partly, as_passed
from grader.judging.training import Trainings
from grader.outcome import Check, Grading, Outcome, Verdict
from grader.sandbox.zygote import Zygote
from grader.seed import Seed

Error = tuple[float, float]  # of a comparison: what it found, and what the check allows


@dataclass(frozen=True)
class Seen:
    """What the gradings of one seed came to."""

    seed: Seed
    faults: tuple[str, ...]  # a sentence for each check that a correct solution failed
    errors: dict[str, list[Error]]  # by check, the worst of each solution's


class CorrectSolutions:
    """The reference and every alternative of a homework, to be graded in a sandbox. Nothing is trained."""

    def __init__(self, homework: Homework, zygote: Zygote) -> None:
        self.checks, measuring = session.collect_measuring(homework)
        self._homework = homework
        self._zygote = zygote
        known = as_passed(self.checks, measuring)
        sources = {"the reference": homework.reference_source, **homework.alternatives}
        others = {name: homework.alternative_others(name) for name in homework.alternatives}
        self.solutions = {
            name: Partly(submission_of(homework, "calibration", source, others.get(name)), known)
            for name, source in sources.items()
        }

    def grade(self, seed: Seed) -> Seen:
        """Grade all of them with the inputs of a seed."""
        errors: dict[str, list[Error]] = {}
        gradings: list[Grading] = []
        with compare.watched() as watch:
            session.grade(
                self._homework,
                list(self.solutions.values()),
                self._zygote,
                on_graded=gradings.append,
                seed=seed,
                diagnose=False,
                on_check=_file(watch, errors),
                trainings=Trainings({}, None, None),
            )
        faults = [
            f"{name} fails {one.check.name} ({one.message}) with --seed {seed.secret.hex()}"
            for name, grading in zip(self.solutions, gradings, strict=True)
            for one in grading.outcomes
            if one.verdict is not Verdict.PASSED
        ]
        return Seen(seed, tuple(faults), errors)


def _file(watch: list[Error], errors: dict[str, list[Error]]) -> OnCheck:
    """After each check: note what it compared."""

    def file(outcomes: Sequence[Outcome]) -> None:
        if watch:
            errors.setdefault(outcomes[-1].check.name, []).append(max(watch, key=used))
            watch.clear()

    return file


def used(error: Error) -> float:
    """The share of a tolerance that an error uses."""
    return error[0] / error[1]


def spreads(checks: Iterable[Check], seen: Sequence[Seen]) -> tuple[Spread, ...]:
    """Check by check, what all seeds together found. Checks that compare no floating tensors are left out."""
    found = {check.name: [error for one in seen for error in one.errors.get(check.name, ())] for check in checks}
    return tuple(_spread(name, errors) for name, errors in found.items() if errors)


def _spread(check: str, errors: Sequence[Error]) -> Spread:
    return Spread(
        check=check,
        comparisons=len(errors),
        median=statistics.median(error for error, _ in errors),
        largest=max(error for error, _ in errors),
        tolerance=min(tolerance for _, tolerance in errors),
        used=max(map(used, errors)),
    )
