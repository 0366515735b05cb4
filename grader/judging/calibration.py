"""`calibration.json`, beside a hidden suite: what was measured of correct solutions, and the thresholds that follow.

It is written by `grader calibrate` and read by the judge; staff quote it in handouts.
"""

from __future__ import annotations

import ast
import hashlib
import platform
import statistics
from collections.abc import Collection, Sequence

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from grader.errors import InfraError
from grader.homework import Homework
from grader.outcome import Curve

FULL_AT = 4.0  # standard deviations below the mean
LEAST_RUNS = 20  # trainings of the reference


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Ramp(_Model):
    """One training's points: none up to `none_at`, all from `full_at`, linear between."""

    training: str
    device: str  # "cpu" or "cuda"
    data: str
    data_sha256: str
    accuracies: tuple[float, ...]  # of the reference, one training each
    mean: float
    sd: float
    full_at: float = Field(ge=0, le=1)  # mean − 4 sd, or the worst of `accuracies` where that is less
    none_at: float = Field(ge=0, le=1)  # the best mean among the mistakes, or what guessing gives
    none_from: str  # that mistake's name, "guessing" where none is worse than the reference
    false_fail: float  # at most so probable is that a training like these gets less than full points, reruns included
    hardware: str
    python: str
    torch: str
    measured_at: str  # ISO 8601, UTC
    curves: tuple[Curve, ...] = ()  # that the reference printed in one training
    made_from: dict[str, str] = {}  # see `made_from`; empty where it was made by an earlier grader


class Spread(_Model):
    """How far correct solutions lie from the reference in one check, relative to the largest element."""

    check: str
    comparisons: int
    median: float
    largest: float
    tolerance: float  # what the check allows
    used: float  # share of it that the worst correct answer used


class Calibration(_Model):
    """The whole file."""

    schema_version: int = Field(1, ge=1, le=1)
    assignment: str
    ramps: tuple[Ramp, ...] = ()
    spreads: tuple[Spread, ...] = ()
    seeds: int = 0  # of the spreads, each with every correct solution

    def ramp(self, training: str, device: str) -> Ramp | None:
        """The ramp of a training on a device, if it was measured."""
        return next((one for one in self.ramps if (one.training, one.device) == (training, device)), None)


def read(homework: Homework) -> Calibration:
    """The calibration beside a homework's suite; an empty one where there is none. Raises `InfraError`."""
    name = homework.assignment.name
    if not homework.calibration_text:
        return Calibration(assignment=name)
    try:
        return Calibration.model_validate_json(homework.calibration_text)
    except ValidationError as error:
        raise InfraError(
            f"{homework.calibration_path} cannot be used: {error.errors()[0]['msg']}. "
            f"Measure it again: grader calibrate {name}"
        ) from error


def write(homework: Homework, calibration: Calibration) -> None:
    """Write it beside the suite."""
    homework.calibration_path.write_text(calibration.model_dump_json(indent=1) + "\n", "utf-8")
    homework.__dict__.pop("calibration_text", None)
    homework.__dict__.pop("suite_sha256", None)


def made_from(homework: Homework, training: str, parts: Collection[str]) -> dict[str, str]:
    """What a training's calibration depends on, beside its data. `parts` are those that measure an accuracy.

    Of the reference and the mistakes it is what they do: comments and docstrings do not count.
    """
    spec = homework.assignment.training[training]
    reference = [homework.reference_source, *homework.other_sources.values()]
    mistakes = [one for one in homework.mistakes if set(one.parts) & set(parts)]
    wrong = [text for one in mistakes for text in (one.overlay, repr((one.name, one.file, one.replace)))]
    return {
        "epochs": str(spec.epochs),
        "seconds": f"{spec.seconds:g}",
        "reference": _digest(reference),
        "mistakes": _digest(wrong),
    }


def stale(homework: Homework, ramp: Ramp, parts: Collection[str]) -> str:
    """What has changed since a training was calibrated, for a sentence; empty where nothing has or is known to have."""
    if not ramp.made_from:
        return ""
    now = made_from(homework, ramp.training, parts)
    changed = [name for name, value in now.items() if ramp.made_from.get(name) != value]
    told = {
        "epochs": f"its epochs were {ramp.made_from.get('epochs')} and are {now['epochs']}",
        "seconds": f"its seconds were {ramp.made_from.get('seconds')} and are {now['seconds']}",
        "reference": "the reference has changed",
        "mistakes": "the mistakes of its part have changed",
    }
    return ", ".join(told[name] for name in changed)


def _digest(sources: Sequence[str]) -> str:
    return hashlib.sha256("\0".join(map(_form, sources)).encode()).hexdigest()[:16]


def _form(source: str) -> str:
    """What a source does, without comments, docstrings, and what a mistake says of itself."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return source
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            node.body = [one for one in body if not _is_said(one)]  # type: ignore[attr-defined]
    return ast.dump(tree)


def _is_said(node: ast.AST) -> bool:
    match node:
        case ast.Expr(value=ast.Constant(value=str())):
            return True
        case ast.Assign(targets=[ast.Name(id="PARTS" | "FAMILY" | "ALSO_TRUE" | "REPLACE" | "FILE")]):
            return True
    return False


def threshold(accuracies: Sequence[float]) -> tuple[float, float, float, float]:
    """Mean, sd, the accuracy of full points, and how probable it is at most that a training like these stays below it.

    Accuracies are not normal: one training in fifty may end eight standard deviations below the rest. But whatever
    they are, one more is worse than all n with probability 1 / (n + 1) at most.
    """
    mean, sd = statistics.fmean(accuracies), statistics.stdev(accuracies)
    full_at = max(min(mean - FULL_AT * sd, *accuracies), 0.0)
    return mean, sd, full_at, lost(1 / (len(accuracies) + 1))


def lost(once: float) -> float:
    """The probability to get less than full points, if one training stays below them with probability `once`.

    A first one that does is repeated twice, and the median counts: two of the three have to.
    """
    return once * (1 - (1 - once) ** 2)


def processor() -> str:
    """The processor, by its own name."""
    with open("/proc/cpuinfo") as file:
        names = [line.split(":", 1)[1].strip() for line in file if line.startswith("model name")]
    return f"{names[0] if names else platform.machine()}, one core"
