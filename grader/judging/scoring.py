"""From verdicts to points. Pure.

A grade exists only if every check of the suite has a verdict and none of them is the grader's fault. Otherwise the
score is None, which is not zero: nobody loses a point because the grader failed.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from grader.outcome import Check, Grading, Outcome, Verdict
from grader.spec import Assignment

SAME = 1e-6  # points: sums that differ by less are the same sum


@dataclass(frozen=True)
class PartTotal:
    """One part's points. `score` is None where one of its checks has no verdict, or where people mark it."""

    name: str
    title: str
    score: float | None
    max_score: float


@dataclass(frozen=True)
class Total:
    """A submission's points. `score` is None where there is no grade; `faults` says why, in sentences for staff."""

    score: float | None
    max_score: float
    parts: tuple[PartTotal, ...]
    faults: tuple[str, ...]


def total(assignment: Assignment, grading: Grading) -> Total:
    """Add up what the checks earned, part by part, and decide whether there is a grade.

    Parts that people mark have no score here, and the total is without them.
    """
    faults = point_faults(assignment, (outcome.check for outcome in grading.outcomes))
    faults += [_fault(outcome) for outcome in grading.outcomes if earned(outcome) is None]
    parts = tuple(
        PartTotal(part.name, part.shown_title, _part_score(part.name, part.points, grading.outcomes), part.points)
        for part in assignment.parts
    )
    score = None if faults else add(part.score for part in parts if part.score is not None)
    return Total(score, assignment.points, parts, tuple(faults))


def earned(outcome: Outcome) -> float | None:
    """The points that one check brings, from 0 to the check's; None where the grader did not come to a verdict."""
    if outcome.verdict is Verdict.INFRA or math.isnan(outcome.earned):
        return None
    return round(min(max(outcome.earned, 0.0), outcome.check.points), 9)


def add(points: Iterable[float]) -> float:
    """The sum without the dust of binary fractions: ten times 0.1 is 1."""
    return round(math.fsum(points), 9)


def point_faults(assignment: Assignment, checks: Iterable[Check]) -> list[str]:
    """What keeps the suite's points from being the assignment's, a sentence each; empty where they agree."""
    of_part: dict[str, list[Check]] = {part.name: [] for part in assignment.checked_parts}
    by_hand = {part.name for part in assignment.parts_by_hand}
    faults = []
    for check in checks:
        if not (math.isfinite(check.points) and check.points >= 0):
            faults.append(f"check {check.name!r} has {check.points:g} points; they must be a number from 0 upwards.")
        elif check.part in of_part:
            of_part[check.part].append(check)
        elif check.part in by_hand:
            faults.append(f"check {check.name!r} names part {check.part!r}, which is graded by hand.")
        else:
            known = ", ".join(of_part)
            faults.append(f"check {check.name!r} names part {check.part!r}, which is not in the assignment ({known}).")
    for part in assignment.checked_parts:
        points = add(check.points for check in of_part[part.name])
        if not of_part[part.name]:
            faults.append(f"part {part.name!r} has {part.points:g} points but no checks.")
        elif abs(points - part.points) > SAME:
            faults.append(f"part {part.name!r} has {part.points:g} points, but its checks add up to {points:g}.")
    return faults


def _part_score(name: str, points: float, outcomes: tuple[Outcome, ...]) -> float | None:
    scores = [earned(outcome) for outcome in outcomes if outcome.check.part == name]
    known = [score for score in scores if score is not None]
    if not scores or len(known) < len(scores):
        return None
    # The suite may round: three checks of 3.3333333 each that all pass are the part's 10 points, and never more.
    return points if abs(add(known) - points) <= SAME else min(add(known), points)


def _fault(outcome: Outcome) -> str:
    if outcome.verdict is Verdict.INFRA:
        return f"check {outcome.check.name!r} has no verdict, through a fault of the grader: grade again."
    return f"check {outcome.check.name!r} earned NaN points: its test computes them wrongly."
