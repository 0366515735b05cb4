"""How many tokens a student has: a pure function of when they took some, in whole microseconds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

_TICK = timedelta(microseconds=1)


@dataclass(frozen=True)
class Tokens:
    """What is in a bucket."""

    left: int
    next: datetime | None  # when one more comes; None of a full bucket


def tokens(capacity: int, period: timedelta, taken: Iterable[datetime], now: datetime) -> Tokens:
    """What is left at `now` of `capacity` tokens, of which one comes back in each `period` while some are missing.

    `taken`: when tokens were taken that were not given back, in the order in which they were. A clock that went back
    brings none: no moment counts as earlier than one before it. What was taken of an empty bucket costs nothing.
    """
    cost = period // _TICK
    full = there = capacity * cost
    at = datetime.min.replace(tzinfo=now.tzinfo)
    for moment in taken:
        there, at = _filled(there, full, at, moment), max(at, moment)
        there = max(there - cost, 0)
    there, at = _filled(there, full, at, now), max(at, now)
    missing = None if there == full else at + (cost - there % cost) * _TICK
    return Tokens(there // cost, missing)


def _filled(there: int, full: int, since: datetime, until: datetime) -> int:
    return min(full, there + max((until - since) // _TICK, 0))
