"""Brightspace's (D2L's) download: a folder for each attempt, `12345-678 - Ada Lee - Mar 9, 2027 1145 PM`.

The parts are numbers of the user and the assignment's folder, the student's name, and when the attempt was handed in
(on the clock of the course's wall). Source: public graders' code and issues; the day may stand before the month.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from grader.collect.found import Found, is_download, stray
from grader.collect.handin import Owner
from grader.collect.items import Item
from grader.collect.moment import moment_of
from grader.spec import Assignment

NAME = re.compile(
    r"(?P<user>\d+)-(?P<folder>\d+) ?- ?(?P<who>.+?) ?- ?(?P<time>[^-]*?\d{4}[^-]*|\d{4}-\d\d-\d\d[^-]*)$",
    re.DOTALL,
)


def root(items: Sequence[Item]) -> Sequence[Item] | None:
    """What a download of Brightspace's consists of; None for what is none."""
    own = [item for item in items if item.name != "index.html"]
    return own if is_download(own, NAME) else None


def read(items: Sequence[Item], assignment: Assignment) -> tuple[list[Found], list[str]]:  # noqa: ARG001
    """The submissions in a download, one for each attempt, and sentences about what is odd in it."""
    attempts: list[tuple[str, str, datetime | None, Item]] = []
    found, notes = [], []
    for item in items:
        match = NAME.match(item.name)
        if match is None or not item.is_folder:
            other, said = stray(item, "Brightspace names folders")
            found.append(other)
            notes.append(said)
            continue
        attempts.append((match["who"], match["user"], moment_of(match["time"]), item))
        if attempts[-1][2] is None:
            notes.append(f"{match['who']}: {match['time']!r} is not understood as a time.")
    numbers: dict[str, int] = {}
    for who, user, time, item in sorted(attempts, key=lambda one: (one[0], one[1], str(one[2] or ""), one[3].name)):
        number = numbers[user] = numbers.get(user, 0) + 1
        found.append(
            Found(
                f"{who}_{user}" if number == 1 else f"{who}_{user}_attempt{number}",
                {"": item},
                owners=(Owner(name=who, account=f"brightspace {user}"),),
                attempt=number,
                submitted_at=time,
                origin=item.name,
            )
        )
    return found, notes
