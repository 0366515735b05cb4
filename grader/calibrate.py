"""`grader calibrate`: measure correct solutions, and write thresholds and tolerances beside the suite.

Two measurements. *Trainings*: the reference trains in the sandbox with many seeds; mean and sd give the accuracy of
full points, the best mean among the mistakes that a training is to catch gives that of none. *Tolerances*: every
correct solution is graded with many seeds; how far its answers lie from the reference's is held against what a check
allows.
"""

from __future__ import annotations

import platform
import statistics
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Self

import torch
from rich.console import Console
from rich.progress import track

from grader import calibration, session
from grader.calibration import LEAST_RUNS, Calibration, Ramp, Spread, hardware, threshold
from grader.data import Data, training_data
from grader.errors import GraderError, UsageError
from grader.homework import Homework, Mistake
from grader.outcome import Grading, Outcome, Verdict
from grader.sandbox.tiers import open_sandbox
from grader.seed import Seed
from grader.selfcheck import submission_of
from grader.session import Partly
from grader.tolerances import CorrectSolutions, spreads
from grader.training import Trainings

FINE, FALLS_SHORT = 0, 1
MISTAKE_RUNS = 3  # trainings of each mistake
MARGIN = 10.0  # a tolerance is at least so many times the worst error of a correct solution


def run(homework: Homework, device: str, seeds: int, checks: int, tier: str | None) -> int:
    """Calibrate a homework and print what was found. Returns 1 where a tolerance is too tight."""
    if device == "cuda" and not torch.cuda.is_available():
        raise UsageError("this machine has no CUDA GPU that torch can use; calibrate with --device cpu")
    if device == "cuda":
        raise UsageError("trainings run on the CPU so far; calibrate with --device cpu")
    if homework.assignment.training and 0 < seeds < LEAST_RUNS:
        raise UsageError(f"--seeds {seeds}: an accuracy's spread takes at least {LEAST_RUNS} trainings to know")
    console = Console()
    before = calibration.read(homework)
    ramps = before.ramps
    if homework.assignment.training and seeds:
        kept = tuple(ramp for ramp in before.ramps if ramp.device != device)
        ramps = (*kept, *_ramps(homework, tier, device, seeds, console))
    found, faults = _spreads(homework, tier, checks, console) if checks else (before.spreads, [])
    made = Calibration(
        assignment=homework.assignment.name,
        ramps=ramps,
        spreads=found,
        seeds=checks or before.seeds,
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


def _ramps(homework: Homework, tier: str | None, device: str, seeds: int, console: Console) -> tuple[Ramp, ...]:
    wrong = {one.name: homework.wrong_source([one]) for one in homework.mistakes if _is_of_training(homework, one)}
    reference: dict[str, list[float]] = {}  # by training
    others: dict[str, dict[str, list[float]]] = {name: {} for name in wrong}  # mistake → as the reference's
    with _Trainer(homework, tier) as trainer:
        for run in track(range(seeds), f"{homework.assignment.name}: trainings", console=console, transient=True):
            data = trainer.next()
            trainer.train("the reference", homework.reference_source, reference)
            if run < MISTAKE_RUNS:
                for name, source in wrong.items():
                    trainer.train(name, source, others[name])
    guess = (1 / data.classes, "guessing")
    worse: dict[str, tuple[float, str]] = {}
    for mistake, found in others.items():
        for name, accuracies in found.items():
            mean = statistics.fmean(accuracies)
            if mean < threshold(reference[name])[2]:  # it trains this network worse: not all do
                worse[name] = max(worse.get(name, guess), (mean, mistake))
    return tuple(
        _ramp(name, accuracies, worse.get(name, guess), data, device) for name, accuracies in reference.items()
    )


def _is_of_training(homework: Homework, mistake: Mistake) -> bool:
    return bool(set(mistake.parts) & training_parts(homework))


def training_parts(homework: Homework) -> set[str]:
    """The parts in which a check measures an accuracy."""
    checks, measuring = session.collect_measuring(homework)
    return {check.part for check in checks if check.name in measuring}


def _ramp(name: str, accuracies: Sequence[float], worst: tuple[float, str], data: Data, device: str) -> Ramp:
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
        hardware=hardware(device),
        python=platform.python_version(),
        torch=torch.__version__,
        measured_at=datetime.now(UTC).isoformat(timespec="seconds"),
    )


class _Trainer:
    """Trains solutions in a sandbox; where a seed draws the data, in another sandbox with other data for each run."""

    def __init__(self, homework: Homework, tier: str | None) -> None:
        self._homework = homework
        self._tier = tier
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
            self._zygote = self._stack.enter_context(open_sandbox(self._homework.assignment, self._tier, seed=seed))
        return self._data

    def train(self, name: str, source: str, found: dict[str, list[float]]) -> None:
        """Note the accuracies of a solution, by training, in the checks that measure one."""
        trainings = Trainings(self._homework.assignment.training, self._data, None)
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
        if bad and name == "the reference":
            raise GraderError(f"the reference does not train: {bad[0].check.name}: {bad[0].message}")
        for training, accuracy in trainings.found:
            found.setdefault(training, []).append(accuracy)


def _spreads(
    homework: Homework, tier: str | None, seeds: int, console: Console
) -> tuple[tuple[Spread, ...], list[str]]:
    """How far correct solutions' answers lie from the reference's, by check; and a sentence for each that failed."""
    with open_sandbox(homework.assignment, tier) as zygote:
        correct = CorrectSolutions(homework, zygote)
        title = f"{homework.assignment.name}: tolerances"
        seen = [correct.grade(Seed.fresh()) for _ in track(range(seeds), title, console=console, transient=True)]
    return spreads(correct.checks, seen), [fault for one in seen for fault in one.faults]


def _show(console: Console, made: Calibration) -> None:
    for ramp in made.ramps:
        console.print(
            f"{ramp.training} on {ramp.data} ({ramp.device}): {ramp.mean:.4f} ± {ramp.sd:.4f}, "
            f"n = {len(ramp.accuracies)}; "
            f"all points from {ramp.full_at:.4f}, none up to {ramp.none_at:.4f} ({ramp.none_from}); "
            f"false fail {ramp.false_fail:.1e}",
            highlight=False,
        )
    if made.spreads:
        worst = max(made.spreads, key=lambda one: one.used)
        console.print(
            f"{len(made.spreads)} checks, {made.seeds} seeds: a correct solution uses at most {worst.used:.2g} "
            f"of a tolerance ({worst.check})",
            highlight=False,
        )
