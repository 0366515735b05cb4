"""`grader calibrate`: measure correct solutions, and write thresholds and tolerances beside the suite.

Two measurements. *Trainings*: the reference trains in the sandbox with many seeds; mean and sd give the accuracy of
full points, the best mean among the mistakes that a training is to catch gives that of none. *Tolerances*: every
correct solution is graded with many seeds; how far its answers lie from the reference's is held against what a check
allows.
"""

from __future__ import annotations

import platform
import statistics
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime

import torch
from rich.console import Console
from rich.progress import track

from grader import calibration, compare, session
from grader.calibration import LEAST_RUNS, Calibration, Ramp, Spread, processor, threshold
from grader.data import Data
from grader.errors import GraderError, UsageError
from grader.homework import Homework, Mistake
from grader.outcome import Check, Grading, Outcome, Verdict
from grader.sandbox.tiers import open_sandbox, open_trainer
from grader.sandbox.trainer import Trainer
from grader.sandbox.zygote import Zygote
from grader.seed import Seed
from grader.selfcheck import submission_of
from grader.session import Partly
from grader.training import Trainings, training_data

FINE, FALLS_SHORT = 0, 1
MISTAKE_RUNS = 3  # trainings of each mistake
MARGIN = 10.0  # a tolerance is at least so many times the worst error of a correct solution


@dataclass(frozen=True)
class Options:
    """How a homework is calibrated. `seeds` are the reference's trainings, `checks` those of everything else."""

    device: str = "cpu"
    seeds: int = LEAST_RUNS
    checks: int = 20
    tier: str | None = None
    engine: str | None = None
    gpu: int | None = None


def run(homework: Homework, options: Options) -> int:
    """Calibrate a homework and print what was found. Returns 1 where a tolerance is too tight."""
    assignment, device = homework.assignment, options.device
    if assignment.training and options.seeds < LEAST_RUNS:
        raise UsageError(f"--seeds {options.seeds}: an accuracy's spread takes at least {LEAST_RUNS} trainings to know")
    if device == "cuda" and not assignment.training:
        raise UsageError(f"{assignment.name} trains no network: there is nothing to calibrate on a GPU")
    console = Console()
    before = calibration.read(homework)
    data = training_data(homework)
    tier, engine, gpu = options.tier, options.engine, options.gpu or 0
    trainers = open_trainer(assignment, tier, engine=engine, gpu=gpu) if device == "cuda" else nullcontext()
    with trainers as trainer, open_sandbox(assignment, tier, engine=engine) as zygote:
        ramps = _ramps(homework, zygote, data, trainer, options.seeds, console) if data else ()
        spreads, faults = (
            _spreads(homework, zygote, options.checks, console) if options.checks else (before.spreads, [])
        )
    kept = tuple(ramp for ramp in before.ramps if ramp.device != device)
    made = Calibration(
        assignment=homework.assignment.name,
        ramps=(*kept, *ramps),
        spreads=spreads,
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


def _ramps(
    homework: Homework, zygote: Zygote, data: Data, trainer: Trainer | None, seeds: int, console: Console
) -> tuple[Ramp, ...]:
    def trained(name: str, source: str, runs: int) -> dict[str, list[float]]:
        return _trained(homework, zygote, name, source, data, trainer, runs, console)

    found = trained("the reference", homework.reference_source, seeds)
    guess = (1 / data.classes, "guessing")
    worse: dict[str, tuple[float, str]] = {}
    for mistake in homework.mistakes:
        if _is_of_training(homework, mistake):
            runs = trained(mistake.name, homework.wrong_source([mistake]), MISTAKE_RUNS)
            for name, accuracies in runs.items():
                mean = statistics.fmean(accuracies)
                if mean < threshold(found[name])[2]:  # it trains this network worse: not all do
                    worse[name] = max(worse.get(name, guess), (mean, mistake.name))
    return tuple(_ramp(name, accuracies, worse.get(name, guess), data, trainer) for name, accuracies in found.items())


def _is_of_training(homework: Homework, mistake: Mistake) -> bool:
    return bool(set(mistake.parts) & training_parts(homework))


def training_parts(homework: Homework) -> set[str]:
    """The parts in which a check measures an accuracy."""
    checks, measuring = session.collect_measuring(homework)
    return {check.part for check in checks if check.name in measuring}


def _ramp(
    name: str, accuracies: Sequence[float], worst: tuple[float, str], data: Data, trainer: Trainer | None
) -> Ramp:
    mean, sd, full_at, false_fail = threshold(accuracies)
    return Ramp(
        training=name,
        device="cuda" if trainer else "cpu",
        data=data.profile,
        data_sha256=data.sha256,
        accuracies=tuple(accuracies),
        mean=mean,
        sd=sd,
        full_at=full_at,
        none_at=worst[0],
        none_from=worst[1],
        false_fail=false_fail,
        hardware=trainer.device if trainer else processor(),
        python=platform.python_version(),
        torch=torch.__version__,
        measured_at=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def _trained(
    homework: Homework,
    zygote: Zygote,
    name: str,
    source: str,
    data: Data,
    trainer: Trainer | None,
    runs: int,
    console: Console,
) -> dict[str, list[float]]:
    """The accuracies of a solution, by training, in so many runs of the checks that measure."""
    checks, measuring = session.collect_measuring(homework)
    known = {check.name: Outcome(check, Verdict.PASSED, 0.0) for check in checks if check.name not in measuring}
    found: dict[str, list[float]] = {}
    for _ in track(range(runs), f"{homework.assignment.name}: training {name}", console=console, transient=True):
        trainings = Trainings(homework.assignment.training, data, None, trainer)
        (grading,) = _graded(
            homework, zygote, [Partly(submission_of(homework, "calibration", source), known)], trainings=trainings
        )
        bad = [one for one in grading.outcomes if one.verdict is not Verdict.PASSED]
        if bad and name == "the reference":
            raise GraderError(f"the reference does not train: {bad[0].check.name}: {bad[0].message}")
        for training, accuracy in trainings.found:
            found.setdefault(training, []).append(accuracy)
    return found


def _spreads(homework: Homework, zygote: Zygote, seeds: int, console: Console) -> tuple[tuple[Spread, ...], list[str]]:
    """How far correct solutions' answers lie from the reference's, by check; and a sentence for each that failed."""
    checks, measuring = session.collect_measuring(homework)
    known = {check.name: Outcome(check, Verdict.PASSED, 0.0) for check in checks if check.name in measuring}
    solutions = {"the reference": homework.reference_source, **homework.alternatives}
    seen: dict[str, list[tuple[float, float]]] = {}  # by check: (error, tolerance) of each comparison, the worst one
    faults: list[str] = []
    for _ in track(range(seeds), f"{homework.assignment.name}: tolerances", console=console, transient=True):
        seed = Seed.fresh()
        submissions = [Partly(submission_of(homework, "calibration", source), known) for source in solutions.values()]
        with compare.watched() as watch:
            gradings = _graded(homework, zygote, submissions, seed=seed, on_check=_file(watch, seen))
        for name, grading in zip(solutions, gradings, strict=True):
            faults += [
                f"{name} fails {one.check.name} ({one.message}) with --seed {seed.secret.hex()}"
                for one in grading.outcomes
                if one.verdict is not Verdict.PASSED
            ]
    return tuple(_spread(check, seen[check.name]) for check in checks if check.name in seen), faults


def _file(watch: list[tuple[float, float]], seen: dict[str, list[tuple[float, float]]]) -> session.OnCheck:
    """After each check: note what it compared."""

    def file(outcomes: Sequence[Outcome]) -> None:
        if watch:
            seen.setdefault(outcomes[-1].check.name, []).append(max(watch, key=lambda one: one[0] / one[1]))
            watch.clear()

    return file


def _spread(check: Check, seen: Sequence[tuple[float, float]]) -> Spread:
    errors = [error for error, _ in seen]
    return Spread(
        check=check.name,
        comparisons=len(seen),
        median=statistics.median(errors),
        largest=max(errors),
        tolerance=min(tolerance for _, tolerance in seen),
        used=max(error / tolerance for error, tolerance in seen),
    )


def _graded(
    homework: Homework,
    zygote: Zygote,
    submissions: Sequence[Partly],
    *,
    seed: Seed | None = None,
    on_check: Callable[[Sequence[Outcome]], None] | None = None,
    trainings: Trainings | None = None,
) -> list[Grading]:
    gradings: list[Grading] = []
    trainings = trainings or Trainings(homework.assignment.training, training_data(homework), None)
    session.grade(
        homework,
        submissions,
        zygote,
        on_graded=gradings.append,
        seed=seed,
        diagnose=False,
        on_check=on_check,
        trainings=trainings,
    )
    return gradings


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
