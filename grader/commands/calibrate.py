"""`grader calibrate`: measure correct solutions, and write thresholds and tolerances beside the suite.

Two measurements. *Trainings*: the reference trains in the sandbox with many seeds; mean, sd and the worst give the
accuracy of full points, the best mean among the mistakes that a training is to catch gives that of none; alternatives
have to reach what the reference does, and mistakes must never. *Tolerances*: every correct solution is graded with
many seeds; how far its answers lie from the reference's is held against what a check allows.
"""

from __future__ import annotations

import platform
import statistics
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

import torch
from rich.console import Console
from rich.progress import track

from grader.commands.selfcheck.known import submission_of
from grader.commands.solutions import CorrectSolutions, spreads
from grader.data import Data, training_data
from grader.errors import GraderError, UsageError
from grader.homework import Homework, Mistake
from grader.judging import calibration, session
from grader.judging.calibration import LEAST_RUNS, Calibration, Ramp, Spread, lost, processor, threshold
from grader.judging.plugin import Partly
from grader.judging.training import Trainings
from grader.outcome import Curve, Grading, Outcome, Verdict
from grader.sandbox.opening import open_sandbox, open_trainer
from grader.sandbox.trainer import Trainer
from grader.sandbox.where import ANYWHERE, WhereToGrade
from grader.seed import Seed

FINE, FALLS_SHORT = 0, 1
OTHER_RUNS = 20  # trainings of each alternative and of each mistake
UNLUCKY = 0.01  # share of submissions like an alternative that may lose points by bad luck
MARGIN = 10.0  # a tolerance is at least so many times the worst error of a correct solution


@dataclass(frozen=True)
class Options:
    """How a homework is calibrated. `seeds` are the reference's trainings, `checks` those of everything else."""

    seeds: int
    checks: int
    where: WhereToGrade = ANYWHERE


def run(homework: Homework, options: Options) -> int:
    """Calibrate a homework and print what was found. Returns 1 where something falls short."""
    assignment, device = homework.assignment, options.where.device
    if assignment.training and 0 < options.seeds < LEAST_RUNS:
        raise UsageError(f"--seeds {options.seeds}: at least {LEAST_RUNS} trainings show how far accuracies spread")
    if device == "cuda" and not assignment.training:
        raise UsageError(f"{assignment.name} trains no network: there is nothing to calibrate on a GPU")
    console = Console()
    before = calibration.read(homework)
    ramps, faults = before.ramps, list[str]()
    if assignment.training and options.seeds:
        kept = tuple(ramp for ramp in before.ramps if ramp.device != device)
        measured, faults = _ramps(homework, options, console)
        ramps = (*kept, *measured)
    found = before.spreads
    if options.checks:
        found, wrong = _spreads(homework, options, console)
        faults += wrong
    made = Calibration(
        assignment=assignment.name,
        ramps=ramps,
        spreads=found,
        seeds=options.checks or before.seeds,
    )
    calibration.write(homework, made)
    _show(console, made)
    faults += [
        f"{one.check}: the tolerance is less than {MARGIN:g} times the error of a correct solution"
        for one in made.spreads
        if one.used > 1 / MARGIN
    ]
    for fault in faults:
        console.print(fault, style="bold red", markup=False)
    console.print(f"Written: {homework.calibration_path}", soft_wrap=True, highlight=False)
    return FALLS_SHORT if faults else FINE


def _ramps(homework: Homework, options: Options, console: Console) -> tuple[tuple[Ramp, ...], list[str]]:
    """The trainings' ramps, and a sentence for each alternative that bad luck fails, or mistake that luck passes."""
    wrong = {one.name: homework.wrong_source([one]) for one in homework.mistakes if _is_of_training(homework, one)}
    measured = training_parts(homework)
    reference: dict[str, list[float]] = {}  # by training
    others: dict[str, dict[str, list[float]]] = {name: {} for name in wrong}  # mistake → as the reference's
    as_good: dict[str, dict[str, list[float]]] = {name: {} for name in homework.alternatives}
    with _Practice(homework, options) as practice:
        runs = range(options.seeds)
        for run in track(runs, f"{homework.assignment.name}: trainings", console=console, transient=True):
            data = practice.next()
            practice.train(homework.reference_source, reference, correct="the reference")
            if run < OTHER_RUNS:
                for name, source in homework.alternatives.items():
                    practice.train(source, as_good[name], correct=f"alternative {name}")
                for name, source in wrong.items():
                    practice.train(source, others[name])
        hardware, curves = practice.trainer.device if practice.trainer else processor(), practice.curves
    guess = (1 / data.classes, "guessing")
    worse: dict[str, tuple[float, str]] = {}
    for mistake, found in others.items():
        for name, accuracies in found.items():
            mean = statistics.fmean(accuracies)
            if mean < threshold(reference[name])[2]:  # it trains this network worse: not all do
                worse[name] = max(worse.get(name, guess), (mean, mistake))
    ramps = tuple(
        _ramp(name, accuracies, worse.get(name, guess), data, options.where.device, hardware).model_copy(
            update={
                "made_from": calibration.made_from(homework, name, measured),
                "curves": curves.get(name, ()),
            }
        )
        for name, accuracies in reference.items()
    )
    faults = [fault for name, found in as_good.items() for fault in _falls_short(name, found, ramps)]
    return ramps, faults + [fault for name, found in others.items() for fault in _reaches(name, found, ramps)]


def _falls_short(alternative: str, found: dict[str, list[float]], ramps: Sequence[Ramp]) -> Iterator[str]:
    for ramp in ramps:
        accuracies = found.get(ramp.training, [])
        below = [one for one in accuracies if one < ramp.full_at]
        if below and lost(len(below) / len(accuracies)) > UNLUCKY:
            yield (
                f"alternative {alternative}: {len(below)} of {len(accuracies)} trainings of {ramp.training} "
                f"stay below {ramp.full_at:.1%}, the worst at {min(below):.1%}"
            )


def _reaches(mistake: str, found: dict[str, list[float]], ramps: Sequence[Ramp]) -> Iterator[str]:
    for ramp in ramps:
        accuracies = found.get(ramp.training, [])
        if accuracies and statistics.fmean(accuracies) < ramp.full_at <= max(accuracies):
            best = max(accuracies)
            yield f"mistake {mistake}: a training of {ramp.training} reaches {best:.1%}, which gives full points"


def _is_of_training(homework: Homework, mistake: Mistake) -> bool:
    return bool(set(mistake.parts) & training_parts(homework))


def training_parts(homework: Homework) -> set[str]:
    """The parts in which a check measures an accuracy."""
    checks, measuring = session.collect_measuring(homework)
    return {check.part for check in checks if check.name in measuring}


def _ramp(
    name: str, accuracies: Sequence[float], worst: tuple[float, str], data: Data, device: str, hardware: str
) -> Ramp:
    mean, sd, full_at, false_fail = threshold(accuracies)
    return Ramp(
        training=name,
        device=device,
        data=data.profile,
        data_sha256=data.sha256,
        accuracies=tuple(accuracies),
        mean=mean,
        sd=sd,
        full_at=full_at,
        none_at=worst[0],
        none_from=worst[1],
        false_fail=false_fail,
        hardware=hardware,
        python=platform.python_version(),
        torch=torch.__version__,
        measured_at=datetime.now(UTC).isoformat(timespec="seconds"),
    )


class _Practice:
    """Trains solutions in a sandbox; where a seed draws the data, in another sandbox with other data for each run."""

    def __init__(self, homework: Homework, options: Options) -> None:
        self._homework = homework
        self._options = options
        self.trainer: Trainer | None = None  # with the GPU, if it trains on one
        self.curves: dict[str, tuple[Curve, ...]] = {}  # by training, of the first solution that was trained
        self._stack = ExitStack()
        self._data: Data | None = None
        checks, measuring = session.collect_measuring(homework)
        self._known = {
            check.name: Outcome(check, Verdict.PASSED, 0.0) for check in checks if check.name not in measuring
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def next(self) -> Data:
        """What the next run trains with."""
        if self._data is None or self._data.generator:
            self._stack.close()
            seed = Seed.fresh()
            self._data = training_data(self._homework.assignment, seed)
            assert self._data is not None
            assignment, where = self._homework.assignment, self._options.where
            self._zygote = self._stack.enter_context(open_sandbox(assignment, where, seed=seed))
            if where.trains_apart:
                self.trainer = self._stack.enter_context(open_trainer(assignment, where, seed=seed))
        return self._data

    def train(self, source: str, found: dict[str, list[float]], *, correct: str = "") -> None:
        """Note the accuracies of a solution, by training, in the checks that measure one.

        Raises `GraderError` where one of that is `correct`, whose name it is, fails.
        """
        trainings = Trainings(self._homework.assignment.training, self._data, None, self.trainer, curves=self.curves)
        submission = Partly(submission_of(self._homework, "calibration", source), self._known)
        gradings: list[Grading] = []
        session.grade(
            self._homework,
            [submission],
            self._zygote,
            on_graded=gradings.append,
            diagnose=False,
            trainings=trainings,
        )
        bad = [one for one in gradings[0].outcomes if one.verdict is not Verdict.PASSED]
        if bad and correct:
            raise GraderError(f"{correct} does not train: {bad[0].check.name}: {bad[0].message}")
        for training, accuracy in trainings.found:
            found.setdefault(training, []).append(accuracy)


def _spreads(homework: Homework, options: Options, console: Console) -> tuple[tuple[Spread, ...], list[str]]:
    """How far correct solutions' answers lie from the reference's, by check; and a sentence for each that failed."""
    with open_sandbox(homework.assignment, options.where.of_checks) as zygote:
        correct = CorrectSolutions(homework, zygote)
        title = f"{homework.assignment.name}: tolerances"
        seen = [
            correct.grade(Seed.fresh()) for _ in track(range(options.checks), title, console=console, transient=True)
        ]
    return spreads(correct.checks, seen), [fault for one in seen for fault in one.faults]


def _show(console: Console, made: Calibration) -> None:
    for ramp in made.ramps:
        console.print(
            f"{ramp.training} on {ramp.data} ({ramp.device}): {ramp.mean:.4f} ± {ramp.sd:.4f}, "
            f"n = {len(ramp.accuracies)}; "
            f"all points from {ramp.full_at:.4f}, none up to {ramp.none_at:.4f} ({ramp.none_from}); "
            f"false fail at most {ramp.false_fail:.1e}",
            highlight=False,
        )
    if made.spreads:
        worst = max(made.spreads, key=lambda one: one.used)
        console.print(
            f"{len(made.spreads)} checks, {made.seeds} seeds: a correct solution uses at most {worst.used:.2g} "
            f"of a tolerance ({worst.check})",
            highlight=False,
        )
