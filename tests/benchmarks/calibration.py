"""docs/calibration.md, from the `calibration.json` files beside the hidden suites.

python -m tests.benchmarks.calibration > docs/calibration.md
"""

from __future__ import annotations

from collections.abc import Iterator

from grader.homework import homework_names, load_homework
from grader.judging import calibration
from grader.judging.calibration import Calibration
from tests.benchmarks.speed import ROOT

HEAD = """# Calibration

What `grader calibrate` measured of correct solutions, by homework; this page is made from the files it wrote
(`python -m tests.benchmarks.calibration`). How thresholds follow from it:
[Writing an assignment](writing-an-assignment.md#networks-that-are-trained).

## Accuracies

The reference, trained in the sandbox with n seeds. All points are given from the mean less four standard deviations, or
from the worst of the n where that is less; none up to what the best of the mistakes reaches. The last column is how
probable it is at most, repetitions included, that a training like the reference's gets less than all points. Nothing is
assumed of how accuracies are distributed: one more is worse than all n with probability 1 / (n + 1) at most. (Student's t
had promised 5e-07 from twenty trainings, and one in fifty fell short.)
"""
TOLERANCES = """
## Tolerances

Every correct solution, graded with so many seeds. "Used" is the largest error of a correct solution over what its check
allows; `grader calibrate` falls short from a tenth on. Checks that compare no floating tensors are not counted.
"""


def page() -> str:
    """The whole page."""
    known = {name: calibration.read(load_homework(ROOT, name)) for name in homework_names(ROOT)}
    return "\n".join([HEAD, *_ramps(known), TOLERANCES, *_spreads(known), ""])


def _ramps(known: dict[str, Calibration]) -> Iterator[str]:
    yield "| homework | training | data, device | mean ± sd | n | none up to | all from | lost by bad luck |"
    yield "|---|---|---|---|---|---|---|---|"
    machines = set()
    for name, made in known.items():
        for ramp in made.ramps:
            machines.add(f"{ramp.hardware}, Python {ramp.python}, torch {ramp.torch}")
            yield (
                f"| `{name}` | {ramp.training} | {ramp.data}, {ramp.device} | {ramp.mean:.4f} ± {ramp.sd:.4f} "
                f"| {len(ramp.accuracies)} | {ramp.none_at:.4f} (`{ramp.none_from}`) | {ramp.full_at:.4f} "
                f"| {ramp.false_fail:.0e} |"
            )
    yield ""
    yield f"Measured on {'; '.join(sorted(machines))}."


def _spreads(known: dict[str, Calibration]) -> Iterator[str]:
    yield "| homework | seeds | checks | used by the worst | in check |"
    yield "|---|---|---|---|---|"
    for name, made in known.items():
        if made.spreads:
            worst = max(made.spreads, key=lambda one: one.used)
            yield f"| `{name}` | {made.seeds} | {len(made.spreads)} | {worst.used:.2g} | `{worst.check}` |"
        else:
            yield f"| `{name}` | not measured | | | |"


if __name__ == "__main__":
    print(page(), end="")
