"""A measured accuracy in words, and the learning curve as a drawing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from grader.outcome import Curve, Measurement
from grader.report.text import count, plain

WIDTH, HEIGHT = 232, 64  # of a drawing, in its own units


@dataclass(frozen=True)
class Line:
    """One curve as an SVG path, with what it shows."""

    name: str
    path: str
    first: str
    last: str


def facts(measured: Measurement) -> list[tuple[str, str]]:
    """What was measured and what it is held against, as (label, value) in reading order."""
    runs = ", ".join(f"{one:.1%}" for one in measured.accuracies)
    rows = [("Accuracy", f"{measured.accuracy:.1%}")]
    if len(measured.accuracies) > 1:
        rows.append(("Trainings", f"{runs}; their median counts"))
    rows += [
        ("All points from", f"{measured.full_at:.1%}"),
        ("None up to", f"{measured.none_at:.1%}"),
        (
            "Measured by",
            f"{count(measured.runs, 'training')} of the reference: {measured.mean:.1%} ± {measured.sd:.1%}",
        ),
        ("Lost by bad luck", f"with probability {measured.false_fail:.1g} at most"),
        ("Data, device", f"{measured.data}, {measured.device}"),
        ("Training took", ", ".join(f"{one:.1f} s" for one in measured.seconds)),
    ]
    return rows


def lines(measured: Measurement) -> list[Line]:
    """The learning curves, each in its own scale."""
    return [_line(curve) for curve in measured.curves if len(curve.values) > 1]


def _line(curve: Curve) -> Line:
    low, high = min(curve.values), max(curve.values)
    steps = _points(curve.values, low, high - low or 1.0)
    return Line(
        plain(curve.name, one_line=True),
        "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in steps),
        f"{curve.values[0]:.3g}",
        f"{curve.values[-1]:.3g}",
    )


def _points(values: Sequence[float], low: float, span: float) -> list[tuple[float, float]]:
    margin = 3
    width, height = WIDTH - 2 * margin, HEIGHT - 2 * margin
    return [
        (margin + width * i / (len(values) - 1), margin + height * (1 - (value - low) / span))
        for i, value in enumerate(values)
    ]
