"""A measured accuracy in words, and the learning curve as a drawing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from grader.outcome import Measurement
from grader.report.text import count, plain

POINTS = 3  # of a loss, to say anything of it
GROWN, MOVED = 1.5, 0.02  # of its first value
WIDTH, HEIGHT = 232, 64  # of a drawing, in its own units


@dataclass(frozen=True)
class Line:
    """One curve as an SVG path, with what it shows."""

    name: str
    path: str  # "" where nothing was printed that can be drawn
    reference: str  # the reference's in the same axes; "" where it printed none of this name
    first: str
    last: str
    low: str  # what the lower end of its axis is, …
    high: str  # … and the upper one
    steps: int  # values printed


def facts(measured: Measurement) -> list[tuple[str, str]]:
    """What was measured and what it is held against, as (label, value) in reading order."""
    runs = ", ".join(f"{one:.1%}" for one in measured.accuracies)
    rows = [("Accuracy", f"{measured.accuracy:.1%}")]
    if len(measured.accuracies) > 1:
        rows.append(("Trainings", f"{runs}; their median counts"))
    rows += [
        ("All points from", f"{measured.full_at:.1%}"),
        ("None up to", f"{measured.none_at:.1%}"),
        *([("Guessing gives", f"{measured.guessing:.1%}")] if measured.guessing else []),
        (
            "Measured by",
            f"{count(measured.runs, 'training')} of the reference: {measured.mean:.1%} ± {measured.sd:.1%}",
        ),
        ("Bad luck", _luck(measured.false_fail)),
        ("Data, device", f"{measured.data}, {measured.device}"),
        ("Training took", ", ".join(f"{one:.1f} s" for one in measured.seconds)),
    ]
    return rows


def _luck(probability: float) -> str:
    if probability <= 0:
        return "cannot cost a training like the reference's any points"
    return f"costs a training like the reference's points less than once in {_round(1 / probability):,}"


def _round(number: float) -> int:
    """To one digit, downwards."""
    step = int("1".ljust(len(str(int(number))), "0"))
    return max(int(number) // step * step, 1)


def advice(measured: Measurement) -> str:
    """What the printed loss says of the training; "" where it says nothing."""
    losses = next((one.values for one in measured.curves if "loss" in one.name.lower()), ())
    if len(losses) < POINTS or measured.accuracy >= measured.full_at:
        return ""
    first, last = losses[0], losses[-1]
    if last > GROWN * max(first, 1e-9):
        return "The loss grows: the steps may be too large, or lead uphill."
    if max(losses) - min(losses) < MOVED * abs(first):
        return "The loss hardly moves: do the steps reach the numbers that the network uses?"
    early = losses[max(1, len(losses) // 10)]
    if first - early > 0.9 * (first - min(losses)) and measured.accuracy < (measured.none_at + measured.full_at) / 2:
        return "The loss falls at the very beginning only: does every batch take its turn?"
    if last < first / 2 and measured.accuracy <= measured.none_at:
        return "The loss falls, but new images are not recognised: do images and labels belong together?"
    return ""


@dataclass(frozen=True)
class Gauge:
    """The accuracy on a scale from 0 to 100 %, with what it is held against, in thousandths of its length."""

    accuracy: float
    none_at: float
    full_at: float
    reference: float
    guessing: float

    @property
    def words(self) -> str:
        """The same for who cannot see it."""
        return (
            f"Accuracy {self.accuracy / 10:.1f}%; no points up to {self.none_at / 10:.1f}%, all points from "
            f"{self.full_at / 10:.1f}%, the reference reaches {self.reference / 10:.1f}%"
            + (f", guessing {self.guessing / 10:.1f}%" if self.guessing else "")
        )


def gauge(measured: Measurement) -> Gauge:
    """Where the accuracy lies."""
    values = measured.accuracy, measured.none_at, measured.full_at, measured.mean, measured.guessing
    return Gauge(*(round(1000 * one, 1) for one in values))


def lines(measured: Measurement) -> list[Line]:
    """The learning curves, each in its own scale, with the reference's of the same name; that one alone if need be."""
    known = {one.name: one.values for one in measured.reference if len(one.values) > 1}
    own = {one.name: one.values for one in measured.curves if len(one.values) > 1}
    return [_line(name, own.get(name, ()), known.get(name, ())) for name in dict.fromkeys([*own, *known])]


def _line(name: str, values: Sequence[float], reference: Sequence[float]) -> Line:
    low, high = _axis(name, (*values, *reference))
    shown = values or reference
    return Line(
        plain(name, one_line=True),
        _path(values, low, high) if values else "",
        _path(reference, low, high) if reference else "",
        f"{shown[0]:.3g}",
        f"{shown[-1]:.3g}",
        f"{low:.3g}",
        f"{high:.3g}",
        len(shown),
    )


def _axis(name: str, values: Sequence[float]) -> tuple[float, float]:
    """From 0 where no value is below it, and to 1 or 100 for what is a share: so that 45 % looks like no success."""
    low, high = min(values), max(values)
    if low < 0:
        return low, high
    if "acc" in name.lower():
        return 0.0, 1.0 if high <= 1 else 100.0 if high <= 100 else high
    return 0.0, high or 1.0


def _path(values: Sequence[float], low: float, high: float) -> str:
    margin, span = 3, high - low or 1.0
    width, height = WIDTH - 2 * margin, HEIGHT - 2 * margin
    steps = [
        (margin + width * i / (len(values) - 1), margin + height * (1 - (value - low) / span))
        for i, value in enumerate(values)
    ]
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in steps)
