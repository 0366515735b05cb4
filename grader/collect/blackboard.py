"""Blackboard's "Assignment File Download": `Homework 4_ada1_attempt_2027-03-01-12-00-00_conv.py`, flat in one folder.

The parts are the assignment's title, the user's name at Blackboard, when the attempt was handed in (on the clock of the
course's wall) and the student's own file name. Beside each attempt lies a text, the same without a file name, with what
the student typed. Source: the names in public graders' code (squell/bb-scripts); Blackboard documents none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from grader.collect.found import Found, is_download, stray
from grader.collect.handin import Owner
from grader.collect.items import Item
from grader.spec import Assignment

NAME = re.compile(r"[^_].*?_(?P<who>[^_\s]+)_attempt_(?P<time>\d{4}(?:-\d{2}){5})(?:\.txt|_(?P<file>.+))$", re.DOTALL)


def root(items: Sequence[Item]) -> Sequence[Item] | None:
    """What a download of Blackboard's consists of; None for what is none."""
    return items if is_download(items, NAME) else None


def read(items: Sequence[Item], assignment: Assignment) -> tuple[list[Found], list[str]]:  # noqa: ARG001
    """The submissions in a download, one for each attempt, and sentences about what is odd in it."""
    attempts: dict[tuple[str, str], dict[str, Item]] = {}
    found, notes = [], []
    for item in items:
        match = NAME.match(item.name)
        if match is None:
            other, said = stray(item, "Blackboard names files")
            found.append(other)
            notes.append(said)
            continue
        files = attempts.setdefault((match["who"], match["time"]), {})
        if match["file"]:
            files[match["file"]] = item
    numbers: dict[str, int] = {}
    for (who, time), files in sorted(attempts.items()):
        numbers[who] = numbers.get(who, 0) + 1
        found.append(
            Found(
                who if numbers[who] == 1 else f"{who}_attempt{numbers[who]}",
                files,
                owners=(Owner(id=who, account=f"blackboard {who}"),),
                attempt=numbers[who],
                submitted_at=_moment(time),
                origin=", ".join(item.name for item in files.values()),
                problem="" if files else "Nothing was handed in but what was typed into Blackboard.",
            )
        )
    return found, notes


def _moment(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, "%Y-%m-%d-%H-%M-%S")  # noqa: DTZ007 - the course's zone is added later
    except ValueError:
        return None
