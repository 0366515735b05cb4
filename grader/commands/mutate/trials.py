"""Mutants graded by a homework's hidden suite: which of them it notices, and which check comes nearest to noticing one.

A mutant ends at its first lost check. The checks that use its function come first, the cheapest of them before the
others; which these are is seen by grading the source once more for each function, with that function raising.
"""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from multiprocessing.util import Finalize
from pathlib import Path
from typing import Self

from grader.commands.mutate.operators import Mutant, sabotaged
from grader.commands.selfcheck.known import submission_of
from grader.commands.solutions import used
from grader.errors import InfraError
from grader.homework import Homework, load_homework
from grader.judging import compare, session
from grader.judging.plugin import Partly, as_passed
from grader.judging.training import Trainings
from grader.outcome import Grading, Outcome, Verdict
from grader.sandbox.opening import open_sandbox
from grader.sandbox.where import WhereToGrade
from grader.seed import Seed

CALL_SECONDS = 1.0  # an endless loop is a killed mutant; this is what it may cost
TOGETHER = 40  # mutants that a worker is handed at once


@dataclass(frozen=True)
class Survey:
    """What the unchanged source shows: what each check takes, and which checks use which function."""

    seconds: dict[str, float]  # by check, those that train apart
    shares: dict[str, float]  # of its tolerance, that the unchanged source uses of a check
    users: dict[str, tuple[str, ...]]  # function → checks that are lost if it raises, the cheapest first
    parts: dict[str, str]  # check → part
    measuring: frozenset[str]  # checks that train a network

    def part_of(self, function: str) -> str:
        """The part that most of a function's checks belong to; "" where none but a training uses it."""
        parts = [self.parts[check] for check in self.users.get(function, ()) if check not in self.measuring]
        return max(dict.fromkeys(parts), key=parts.count, default="")


@dataclass(frozen=True)
class Trial:
    """What came of one mutant."""

    mutant: Mutant
    check: str  # that it lost; "" if it survived
    verdict: str
    nearest: str = ""  # the check that a survivor changes most, "" if no check sees a difference
    share: float = 0.0  # of its tolerance
    seconds: float = 0.0


@dataclass
class Bench:
    """A homework's suite and sandbox, in one process."""

    homework: Homework
    where: WhereToGrade
    seed: Seed
    shares: dict[str, float] = field(default_factory=dict)  # of the submission that was graded last

    def __post_init__(self) -> None:
        checks, self.measuring = session.collect_measuring(self.homework)
        self.checks = {check.name: check for check in checks}
        self._sandbox = open_sandbox(self.homework.assignment, self.where, seed=self.seed)
        self._zygote = self._sandbox.__enter__()

    def close(self) -> None:
        """End the sandbox."""
        self._zygote.close()

    def plan(self, name: str, source: str, first: tuple[str, ...] = (), *, trains: bool, until_lost: bool) -> Partly:
        """A source as it is to be graded."""
        known = as_passed(self.checks.values(), () if trains else self.measuring)
        return Partly(submission_of(self.homework, name, source), known, first, until_lost=until_lost)

    def grade(self, plans: Sequence[Partly], *, trains: bool = False) -> Iterator[Grading]:
        """Grade these one after the other. `shares` is what each used of tolerances, while it is handed over."""
        graded: list[tuple[Grading, dict[str, float]]] = []
        seen: dict[str, float] = {}
        with compare.watched() as watch:

            def note(outcomes: Sequence[Outcome]) -> None:
                if watch:
                    seen[outcomes[-1].check.name] = max(map(used, watch))
                    watch.clear()

            def keep(grading: Grading) -> None:
                graded.append((grading, dict(seen)))
                seen.clear()
                watch.clear()

            trainings = Trainings.calibrated(self.homework, self.seed) if trains else Trainings({}, None, None)
            session.grade(
                self.homework,
                plans,
                self._zygote,
                on_graded=keep,
                seed=self.seed,
                diagnose=False,
                on_check=note,
                trainings=trainings,
            )
        for grading, self.shares in graded:
            yield grading

    def survey(self, source: str) -> Survey:
        """Look at the unchanged source. Raises `InfraError` where it does not pass all checks."""
        broken = sabotaged(source)
        plans = [self.plan("unchanged", source, trains=False, until_lost=False)]
        plans += [self.plan(name, text, trains=False, until_lost=False) for name, text in broken.items()]
        gradings = self.grade(plans)
        whole = next(gradings)
        shares = dict(self.shares)
        if lost := _lost(whole):
            raise InfraError(f"the unchanged source does not pass {lost.check.name}: {lost.message}")
        seconds = {one.check.name: one.seconds for one in whole.outcomes}
        users = {}
        for name, grading in zip(broken, gradings, strict=True):
            lost_checks = [one.check.name for one in grading.outcomes if one.verdict is not Verdict.PASSED]
            users[name] = tuple(sorted(lost_checks, key=seconds.__getitem__))
        parts = {check.name: check.part for check in self.checks.values()}
        return Survey(seconds, shares, users, parts, self.measuring)

    def trials(self, mutants: Sequence[Mutant], survey: Survey) -> list[Trial]:
        """Grade mutants, those of functions that only trainings use with the trainings."""
        found = []
        for trains in (False, True):
            chosen = [one for one in mutants if (not survey.part_of(one.function)) is trains]
            if trains and not self.measuring:
                trains = False
            rest = sorted(survey.seconds, key=lambda check: (check in self.measuring, survey.seconds[check]))
            plans = []
            for one in chosen:
                users = survey.users.get(one.function, ())
                first = (*users, *(check for check in rest if check not in users))
                plans.append(self.plan("mutant", one.source, first, trains=trains, until_lost=True))
            if plans:
                gradings = self.grade(plans, trains=trains)
                found += [self._trial(one, next(gradings), survey) for one in chosen]
        return found

    def _trial(self, mutant: Mutant, grading: Grading, survey: Survey) -> Trial:
        seconds = grading.provenance.seconds
        if lost := _lost(grading):
            return Trial(mutant, lost.check.name, lost.verdict.value, seconds=seconds)
        more = {check: share - survey.shares.get(check, 0.0) for check, share in self.shares.items()}
        nearest = max(more, key=more.__getitem__, default="")
        if not nearest or more[nearest] <= 0:
            return Trial(mutant, "", "passed", seconds=seconds)
        return Trial(mutant, "", "passed", nearest, self.shares[nearest], seconds)


def _lost(grading: Grading) -> Outcome | None:
    """The first check that was lost; the grader's own failure is none. Raises `InfraError` for that."""
    for one in grading.outcomes:
        if one.verdict is Verdict.INFRA:
            raise InfraError(f"{one.check.name}: the grader itself failed: {one.staff_detail[-2000:]}")
    lost = [one for one in grading.outcomes if one.verdict is not Verdict.PASSED]
    asked = [one for one in lost if one.verdict is not Verdict.BLOCKED or one.message]
    return next(iter(asked or lost), None)


def in_haste(homework: Homework) -> Homework:
    """The homework with a short limit for each call."""
    limits = homework.assignment.limits
    short = limits.model_copy(update={"call_seconds": min(CALL_SECONDS, limits.call_seconds)})
    return replace(homework, assignment=homework.assignment.model_copy(update={"limits": short}))


class _Worker:
    """One process's bench."""

    bench: Bench


def _open(course: Path, name: str, where: WhereToGrade, seed: Seed) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's
    _Worker.bench = Bench(in_haste(load_homework(course, name)), where, seed)
    Finalize(None, _Worker.bench.close, exitpriority=1)


def _survey(source: str) -> Survey:
    return _Worker.bench.survey(source)


def _trials(mutants: Sequence[Mutant], survey: Survey) -> list[Trial]:
    return _Worker.bench.trials(mutants, survey)


class Pool:
    """Processes that each have a bench. Use as a context manager."""

    def __init__(self, course: Path, name: str, where: WhereToGrade, seed: Seed, jobs: int) -> None:
        spawn = multiprocessing.get_context("spawn")  # threads of torch and pytest do not survive a fork
        self._pool = ProcessPoolExecutor(jobs, spawn, _open, (course, name, where, seed))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)

    def survey(self, source: str) -> Survey:
        """As `Bench.survey`."""
        return self._pool.submit(_survey, source).result()

    def trials(self, mutants: Sequence[Mutant], survey: Survey, on_done: Callable[[int], None]) -> list[Trial]:
        """As `Bench.trials`; `on_done` is told how many more are done."""
        size = max(1, min(TOGETHER, -(-len(mutants) // 2)))
        chunks = [mutants[start : start + size] for start in range(0, len(mutants), size)]
        found = []
        for future in [self._pool.submit(_trials, chunk, survey) for chunk in chunks]:
            done = future.result()
            found += done
            on_done(len(done))
        return sorted(found, key=lambda trial: trial.mutant.line)
