"""What a student's new attempt won and lost, beside the one before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise

from grader.ledger.records import Kept
from grader.outcome import Verdict
from grader.report.model import Report, Since
from grader.run.standings import order

Passed = Mapping[str, bool]  # by the check's name


def previous(kept: Iterable[Kept]) -> dict[int, Kept]:
    """For each hand-in the graded one that the same students handed in before, by its number."""
    found: dict[int, Kept] = {}
    mine: dict[tuple[str, ...], list[Kept]] = {}
    for one in kept:
        if one.students and one.grade is not None:
            mine.setdefault(tuple(sorted(one.students)), []).append(one)
    for attempts in mine.values():
        attempts.sort(key=lambda one: order(one.hand_in))
        found |= {later.id: before for before, later in pairwise(attempts)}
    return found


def passed(report: Report) -> Passed:
    """Which checks of a report passed; none of one that was not graded."""
    return {check.name: check.verdict is Verdict.PASSED for check in report.checks if report.score is not None}


def since(report: Report, before: Passed, attempt: str) -> Since | None:
    """What changed since an attempt; None where one of the two was not graded."""
    now = passed(report)
    if not now or not before:
        return None
    return Since(attempt=attempt, won=_changed(now, before), lost=_changed(before, now))


def _changed(one: Passed, other: Passed) -> tuple[str, ...]:
    return tuple(name for name, is_passed in one.items() if is_passed and other.get(name) is False)
