"""Accuracy as a measurement: the student's code trains, the judge counts.

    @part("training")
    @weight(10)
    def test_accuracy(student, measure):
        '''The network, trained on digits with your own gradients, reads digits that it has not seen.'''
        measure("mlp", student.train_mlp, lambda model, images: student.mlp_scores(images, model))

The student's function is given images and labels, the epochs of `assignment.toml` and a seed; what it returns is handed
back to it with images whose labels stay here. Points rise linearly between two accuracies that `grader calibrate`
measured. A result between them is no verdict yet: the training is repeated with other seeds, and the median counts.
"""

from __future__ import annotations

import math
import re
import statistics
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from grader.data import PROFILES, Data, training_data
from grader.errors import InfraError, StudentError
from grader.guest.codec import Shared
from grader.homework import Homework
from grader.judging import calibration
from grader.judging.bridge.examination import Examination, RecordedCall
from grader.judging.bridge.student import Function
from grader.judging.calibration import Calibration, Ramp
from grader.judging.compare import Disagreement
from grader.judging.wording import kind
from grader.outcome import Curve, Measurement, Verdict
from grader.sandbox.trainer import Trainer
from grader.seed import Seed
from grader.spec import Training

MAYBE_LOST = (Verdict.ERROR, Verdict.CRASH, Verdict.TIMEOUT)  # how a training ends whose GPU is lost
RERUNS = 2  # of a training whose accuracy lies between no points and all
CHUNK = 1000  # test images in one call
REPLAYED = 1 << 20  # numbers in training images, of at most so many: known mistakes are trained on them in seconds
SERIES, POINTS = 4, 200  # of a learning curve
DIVERGED = "the scores hold NaN or infinity: the training diverged"
_NUMBER = re.compile(r"([A-Za-z][\w ]{0,30}?) ?[:=]? ?(-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)(?![\w.])")
_COUNTERS = frozenset({"epoch", "step", "iteration", "iter", "batch"})

Train = Callable[["Job"], Any]
Predict = Callable[[Any, Tensor], Any]


@dataclass
class Trainings:
    """What the trainings of one homework work with and are held against."""

    specs: dict[str, Training]
    data: Data | None
    known: Calibration | None  # None while they are calibrated: then `found` is filled, and nothing is judged
    trainer: Trainer | None = None  # whose GPU is trained on; None: the processor
    only_sound: bool = False  # whether nothing is trained whose parts are known to be wrong
    found: list[tuple[str, float]] = field(default_factory=list)  # (training, accuracy)
    curves: dict[str, tuple[Curve, ...]] = field(default_factory=dict)  # by training, of the first one

    @property
    def device(self) -> str:
        """What thresholds are calibrated for: "cpu" or "cuda"."""
        return "cuda" if self.trainer else "cpu"

    @classmethod
    def calibrated(cls, homework: Homework, seed: Seed | None = None, trainer: Trainer | None = None) -> Trainings:
        """As a submission is judged in a run of this seed, which draws the data where data is drawn.

        Raises `InfraError` with the command to run where a calibration is missing.
        """
        specs = homework.assignment.training
        known = calibration.read(homework)
        data = training_data(homework.assignment, seed)
        made = cls(specs, data, known, trainer)
        for name, spec in specs.items():
            ramp = known.ramp(name, made.device)
            command = f"grader calibrate {homework.assignment.name} --device {made.device}"
            command += " --data DIR" if PROFILES[spec.data].from_folder else ""
            if ramp is None:
                raise InfraError(f"training {name} has no calibration for {made.device} on {spec.data}: {command}")
            if data is not None and ramp.data_sha256 != data.sha256:
                raise InfraError(f"training {name} was calibrated on other data than these: {command}")
        return made

    def require_fresh(self, homework: Homework, parts: Collection[str]) -> None:
        """Raise `InfraError` with the command to run where a calibration was made from something else.

        `parts` are those that measure an accuracy.
        """
        for name in self.specs if self.known else ():
            ramp = self.known.ramp(name, self.device) if self.known else None
            if ramp is not None and (changed := calibration.stale(homework, ramp, parts)):
                command = f"grader calibrate {homework.assignment.name} --device {self.device}"
                raise InfraError(f"the calibration of training {name} is no longer valid: {changed}: {command}")

    @property
    def are_replayed(self) -> bool:
        """Whether the judge trains the known mistakes, too, to explain a training that falls short.

        It does so for the digits. On images by the thousand it would take longer than to grade the class.
        """
        return self.data is not None and self.data.images.numel() <= REPLAYED


@dataclass
class Job:
    """One training, as the suite hands it to the student's function."""

    images: Shared
    labels: Shared
    epochs: int
    seed: int
    seconds: float
    lines: list[str] = field(default_factory=list)  # what it prints

    def train(self, function: Function, *args: Any, **kwargs: Any) -> Any:
        """Call a function of the student's under the training's limits."""
        return function.training(self.seconds, self.lines.append, *args, **kwargs)


class Measure:
    """The fixture `measure` of one check."""

    def __init__(self, trainings: Trainings, seed: Seed, examination: Examination) -> None:
        self._trainings = trainings
        self._seed = seed
        self._examination = examination

    def __call__(
        self,
        name: str,
        train: Function | Train,
        predict: Predict,
        *,
        needs: Callable[[], None] | None = None,
        told: Callable[[float], None] | None = None,
    ) -> None:
        """Train, and pass if the accuracy earns all points; else the check earns a share of them.

        `train` is a function of the student's, called with images, labels, epochs and a seed, or one that is given a
        `Job`; `predict` returns scores (N, classes) for what it returned and images. `needs` raises if a function that
        the training uses, and that another check judges, is wrong. The accuracy is measured anyway, unless that
        function ran out of time, but the student reads where to look first; a self-check does not train with parts that
        are known to be wrong.
        `told` is given the accuracy that counts, whatever it earns: for a leaderboard, say.
        """
        spec, data = self._trainings.specs.get(name), self._trainings.data
        if spec is None or data is None:
            raise InfraError(f"assignment.toml has no [training.{name}]")
        wrong = _wrong(needs) if needs else None
        if wrong is not None and self._trainings.only_sound:
            raise StudentError(Verdict.BLOCKED, f"not trained: a part that it uses is not right ({wrong.message})")
        if isinstance(wrong, StudentError) and wrong.verdict is Verdict.TIMEOUT:
            raise StudentError(Verdict.TIMEOUT, f"not trained: a part that it uses is too slow ({wrong.message})")
        runs = [self._run(name, 0, spec, data, train, predict)]
        if self._trainings.known is None:
            if runs[0].diverged:
                raise Disagreement(DIVERGED)
            self._trainings.found.append((name, runs[0].accuracy))
            self._trainings.curves.setdefault(name, runs[0].curves)
            return
        ramp = self._trainings.known.ramp(name, self._trainings.device)
        assert ramp is not None
        if ramp.none_at < runs[0].accuracy < ramp.full_at:
            runs += [self._run(name, run, spec, data, train, predict) for run in range(1, 1 + RERUNS)]
        measured = _measurement(ramp, runs, data.classes)
        self._examination.measured = measured
        if told is not None:
            told(measured.accuracy)
        if share(measured) < 1:
            short = Disagreement(_sentence(measured, runs[-1], data.classes) + self._not_right(wrong))
            short.call = runs[-1].call
            raise short

    def _not_right(self, wrong: Disagreement | StudentError | None) -> str:
        """What is said of a part that is wrong."""
        if wrong is None:
            return ""
        calls = self._examination.calls
        call = next((one for one in calls if one.error is wrong or one is getattr(wrong, "call", None)), None)
        name = f", `{call.function}`," if call else ""
        return f". A part that it uses{name} is not right yet: {wrong.message}"

    def _run(
        self, name: str, number: int, spec: Training, data: Data, train: Function | Train, predict: Predict
    ) -> Run:
        job = _job(spec, data, self._seed.number(f"training {name}, run {number}") % 2**31)
        if self._trainings.trainer is not None:
            return self._run_on(self._trainings.trainer, lambda: self._trained(job, data, train, predict))
        return self._trained(job, data, train, predict)

    def _run_on(self, trainer: Trainer, run: Callable[[], Run]) -> Run:
        """Train on a GPU. Raises `InfraError` where a training fails and the GPU does not answer us either.

        What the submission says of the GPU counts for nothing: whether it was lost, the judge looks for itself.
        """
        asked = time.monotonic()
        with trainer.alone():
            try:
                with self._examination.elsewhere(trainer.take, time.monotonic() - asked):
                    return run()
            except StudentError as error:
                if error.verdict in MAYBE_LOST:
                    trainer.prove()
                raise

    def _trained(self, job: Job, data: Data, train: Function | Train, predict: Predict) -> Run:
        started = time.perf_counter()
        model = _train(train, job)
        seconds = time.perf_counter() - started
        call = self._examination.calls[-1]
        chunks = [_scores(predict(model, images), len(images), data) for images in data.test_images.split(CHUNK)]
        scores = torch.cat(chunks)
        predicted, diverged = scores.argmax(1), not bool(torch.isfinite(scores).all())
        right = 0.0 if diverged else float((predicted == data.test_labels).double().mean())
        return Run(right, seconds, curves(job.lines), predicted, call, diverged)


@dataclass(frozen=True)
class Run:
    """What one training came to."""

    accuracy: float
    seconds: float
    curves: tuple[Curve, ...]
    predicted: Tensor
    call: RecordedCall  # of the function that trained
    diverged: bool  # then no image counts as recognised


def share(measured: Measurement) -> float:
    """The share of the check's points that an accuracy earns, in whole hundredths: 0 to 1, and 1 only for enough."""
    if measured.accuracy >= measured.full_at:
        return 1.0
    ramp = (measured.accuracy - measured.none_at) / (measured.full_at - measured.none_at)
    return max(math.floor(100 * ramp) / 100, 0.0)


def curves(lines: Sequence[str]) -> tuple[Curve, ...]:
    """The numbers that a training printed, by the word before each: "epoch 3: loss 0.41, accuracy 0.93"."""
    series: dict[str, list[float]] = {}
    for line in lines:
        # with each run of spaces as one: a hostile line of them would be tried in every way to share them out
        for word, number in _NUMBER.findall(" ".join(line.split())):
            name = " ".join(word.split()).lower()
            value = float(number)
            if name not in _COUNTERS and abs(value) < 1e12:
                series.setdefault(name, []).append(value)
    drawn = [(name, values) for name, values in series.items() if len(values) > 1]
    return tuple(Curve(name, tuple(_thinned(values))) for name, values in drawn[:SERIES])


def _thinned(values: list[float]) -> list[float]:
    step = -(-len(values) // POINTS)
    return values[::step]


def _job(spec: Training, data: Data, seed: int) -> Job:
    return Job(Shared("images", data.images), Shared("labels", data.labels), spec.epochs, seed, spec.seconds)


def _train(train: Function | Train, job: Job) -> Any:
    if isinstance(train, Function):
        return job.train(train, job.images, job.labels, job.epochs, job.seed)
    return train(job)


def _wrong(needs: Callable[[], None]) -> Disagreement | StudentError | None:
    try:
        needs()
    except Disagreement as error:
        return error
    except StudentError as error:
        if error.verdict is Verdict.BLOCKED:
            raise
        return error
    return None


def _scores(scores: Any, count: int, data: Data) -> Tensor:
    if not isinstance(scores, Tensor):
        raise Disagreement(f"the scores of {count} images are {kind(scores)}; a torch.Tensor is asked for")
    if tuple(scores.shape) != (count, data.classes):
        raise Disagreement(
            f"the scores of {count} images have shape {tuple(scores.shape)}; {(count, data.classes)} is asked for"
        )
    if not scores.is_floating_point():
        raise Disagreement(
            f"the scores have dtype {str(scores.dtype).removeprefix('torch.')}; a floating one is asked for"
        )
    return scores


def _measurement(ramp: Ramp, runs: Sequence[Run], classes: int) -> Measurement:
    return Measurement(
        training=ramp.training,
        data=ramp.data,
        device=ramp.device,
        accuracies=tuple(run.accuracy for run in runs),
        seconds=tuple(round(run.seconds, 3) for run in runs),
        accuracy=statistics.median(run.accuracy for run in runs),
        none_at=ramp.none_at,
        full_at=ramp.full_at,
        mean=ramp.mean,
        sd=ramp.sd,
        runs=len(ramp.accuracies),
        false_fail=ramp.false_fail,
        curves=runs[-1].curves,
        reference=ramp.curves,
        guessing=1 / classes,
    )


def _sentence(measured: Measurement, run: Run, classes: int) -> str:
    if run.diverged:
        return DIVERGED
    said = f"{measured.accuracy:.1%} of the test images are recognised"
    if len(measured.accuracies) > 1:
        said += f" (the median of {len(measured.accuracies)} trainings)"
    said += f"; all points from {measured.full_at:.1%}, none up to {measured.none_at:.1%}"
    commonest = run.predicted.bincount(minlength=classes)
    if int(commonest.max()) == len(run.predicted):
        return f"{said}. Every image is taken for class {int(commonest.argmax())}"
    if measured.accuracy < 1.5 / classes:
        return f"{said}. Guessing gives {1 / classes:.0%}"
    return said
