"""What a student's new attempt won and lost, beside the one before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import unified_diff
from itertools import pairwise
from typing import Any

from grader.ledger.records import Kept
from grader.outcome import Verdict
from grader.report.model import Report, Since
from grader.report.text import plain, shorten
from grader.run.standings import order

COMPARED = 1_000  # lines of a file: difflib takes seconds for more of a hostile one
LINES, WIDTH = 120, 160  # that are shown
Passed = Mapping[str, bool]  # by the check's name


def previous(kept: Iterable[Kept], superseded: Iterable[Kept] = ()) -> dict[int, Kept]:
    """For each hand-in the graded one that the same students handed in before, by its number.

    That may be one which it has `superseded`, under the same name.
    """
    found: dict[int, Kept] = {}
    mine: dict[tuple[str, ...], list[tuple[Any, int, Kept]]] = {}
    current = {one.hand_in.name: one for one in kept}
    for one in (*superseded, *current.values()):
        now = current.get(one.hand_in.name)
        if now is None or not now.students or one.grade is None:
            continue
        if one is now or one.hand_in.sha256 != now.hand_in.sha256:  # else only its time was corrected
            mine.setdefault(tuple(sorted(now.students)), []).append((order(now.hand_in), one.id, one))
    for attempts in mine.values():
        attempts.sort(key=lambda one: one[:2])
        found |= {later.id: before for (*_, before), (*_, later) in pairwise(attempts)}
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


def lines(before: Mapping[str, bytes], now: Mapping[str, bytes]) -> tuple[str, ...]:
    """The lines in which files differ, as a unified diff for a report; a file that is too long is left out."""
    found: list[str] = []
    for name in sorted({*before, *now}):
        one, other = (files.get(name, b"").decode("utf-8", "replace").splitlines() for files in (before, now))
        if max(len(one), len(other)) <= COMPARED:
            found += unified_diff(one, other, name, name, n=1, lineterm="")
    cut = [f"… {len(found) - LINES} lines more"] if len(found) > LINES else []
    return tuple(shorten(plain(line, one_line=True), WIDTH) for line in [*found[:LINES], *cut])


def _changed(one: Passed, other: Passed) -> tuple[str, ...]:
    return tuple(name for name, is_passed in one.items() if is_passed and other.get(name) is False)
