"""The time of handing in → the deduction for lateness. Pure: no clock is read here, and no file.

A day after the due date ends when local time of the course shows the due date's time again, so a day on which clocks
change has 23 or 25 hours. Where that time does not exist or exists twice, the later reading counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from grader.spec import LatePolicy


@dataclass(frozen=True)
class Lateness:
    """How late a submission is, and what is taken for it. `seconds` and `days` are 0 where it is on time."""

    seconds: float = 0.0  # after it was due, an extension included
    days: int = 0  # started ones
    covered: int = 0  # of these, by the student's late days
    percent: float = 0.0  # of the assignment's points
    refused: bool = False  # too late to count at all
    reason: str = ""  # a sentence for the student; empty where it is on time


def deadline(due: datetime, zone: ZoneInfo, days: float = 0.0) -> datetime:
    """`days` after `due` by the clock on the wall of `zone`, in UTC; part of a day is that part of 24 hours."""
    whole = int(days // 1)
    wall = due.astimezone(zone).replace(tzinfo=None) + timedelta(days=whole)
    moment = max(wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)) if whole else due
    return moment.astimezone(UTC) + timedelta(days=days - whole)


def days_late(due: datetime, submitted: datetime, zone: ZoneInfo, extension: float = 0.0) -> int:
    """How many days after the due date (the extension's end) were started; 0 up to the due date itself."""
    if submitted <= deadline(due, zone, extension):
        return 0
    days = max((submitted - deadline(due, zone, extension)) // timedelta(days=1) - 1, 0)  # no more than 2 too few
    while submitted > deadline(due, zone, extension + days):
        days += 1
    return days


def lateness(
    policy: LatePolicy,
    due: datetime | None,
    submitted: datetime | None,
    zone: ZoneInfo,
    *,
    extension: float = 0.0,
    late_days: int = 0,
) -> Lateness:
    """What handing in at `submitted` costs, for a student with `extension` days more and `late_days` left to spend.

    Without a due date, or without a time, nothing is late. Late days are spent on whole started days, as far as they
    go; where late work is not accepted they count only if they cover all of it, and are kept otherwise.
    """
    if due is None or submitted is None:
        return Lateness()
    end = deadline(due, zone, extension)
    if submitted <= end + timedelta(minutes=policy.grace_minutes):
        return Lateness()
    seconds = (submitted - end).total_seconds()
    days = days_late(due, submitted, zone, extension)
    said = f"Handed in {duration(seconds)} after it was due ({_moment(end, zone)}{_extended(extension)})"
    if policy.last_day is not None and days > policy.last_day:
        return Lateness(
            seconds, days, refused=True, reason=f"{said}. Nothing is accepted after {_days(policy.last_day)}."
        )
    covered = min(days, late_days)
    if not policy.accepted and covered < days:
        left = f", and {_days(late_days)} of late days left would not cover it" if late_days else ""
        return Lateness(seconds, days, refused=True, reason=f"{said}. Late work is not accepted{left}.")
    percent = min(policy.percent_per_day * (days - covered), policy.at_most_percent)
    left = f" {_days(late_days - covered)} of late days left." if covered else ""
    return Lateness(seconds, days, covered, percent, reason=f"{said}{_costs(policy, days, covered, percent)}{left}")


def deduction(late: Lateness, score: float, max_score: float) -> float:
    """The points that lateness takes from `score`: never more than it has."""
    return score if late.refused else min(round(max_score * late.percent / 100, 9), score)


def duration(seconds: float) -> str:
    """A time span as people say it: "45 s", "3 h 12 min", "2 days 1 h"."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    sizes = ((days, "day" if days == 1 else "days"), (hours, "h"), (minutes, "min"))
    said = [f"{number} {unit}" for number, unit in sizes if number]
    return " ".join(said[:2]) or f"{max(rest, 1)} s"


def _costs(policy: LatePolicy, days: int, covered: int, percent: float) -> str:
    late = f": {_started(days)}"
    if covered:
        late += f", {'all' if covered == days else covered} covered by late days"
    if not percent:
        return f"{late}. No points are taken for it."
    capped = percent < policy.percent_per_day * (days - covered)
    rate = f"{policy.percent_per_day:g} % of the assignment's points for each{' of the others' if covered else ''}"
    return f"{late}. {rate}{f', at most {policy.at_most_percent:g} %' if capped else ''}: {percent:g} %."


def _started(days: int) -> str:
    return f"{days} started day{'' if days == 1 else 's'}"


def _days(days: int) -> str:
    return f"{days} day{'' if days == 1 else 's'}"


def _extended(extension: float) -> str:
    return f", with {extension:g} day{'' if extension == 1 else 's'} of extension" if extension else ""


def _moment(moment: datetime, zone: ZoneInfo) -> str:
    local = moment.astimezone(zone)
    return f"{local:%a} {local.day} {local:%b %Y %H:%M} {local.tzname()}"
