"""Blackboard's "Assignment File Download": `Homework 4_ada1_attempt_2027-03-01-12-00-00_conv.py`, flat in one folder.

The parts are the assignment's title, the same in all names, the user's name at Blackboard, when the attempt was
handed in (on the clock of the course's wall), and the student's own file name. Beside each attempt lies a text, the
same without a file name, with what the student typed. Source: the names in public graders' code (squell/bb-scripts);
Blackboard documents none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from grader.collect.found import Found, is_download, stray
from grader.collect.handin import Owner
from grader.collect.items import Item
from grader.collect.moment import moment_of
from grader.spec import Assignment

NAME = re.compile(  # one walk through the words, to the one with "_" before the attempt
    r"(?P<head>(?!_)(?:\S*+\s++)*?[^\s_]*+_\S+?)_attempt_(?P<time>\d{4}(?:-\d{2}){5})(?:\.txt|_(?P<file>.+))$",
    re.DOTALL,
)


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
        files = attempts.setdefault((match["head"], match["time"]), {})
        if match["file"]:
            files[match["file"]] = item
    title = _title({head for head, _ in attempts})
    numbers: dict[str, int] = {}
    for (head, time), files in sorted(attempts.items()):
        who = head[len(title) :] if title else head.rpartition("_")[2]
        numbers[who] = numbers.get(who, 0) + 1
        found.append(
            Found(
                who if numbers[who] == 1 else f"{who}_attempt{numbers[who]}",
                files,
                owners=(Owner(id=who if title else f"{head}?", account=f"blackboard {head}"),),
                attempt=numbers[who],
                submitted_at=moment_of(time),
                origin=", ".join(item.name for item in files.values()),
                problem="" if files else "Nothing was handed in but what was typed into Blackboard.",
            )
        )
    return found, notes


def _title(heads: set[str]) -> str:
    """The assignment's title with its "_", which all names begin with: a user's name may hold "_", too.

    Empty where there is one user only: then no more than a hint tells where the title ends.
    """
    if len(heads) < 2:
        return ""
    first, last = min(heads), max(heads)
    length = next((at for at, (one, other) in enumerate(zip(first, last, strict=False)) if one != other), len(first))
    return first[:length].rpartition("_")[0] + "_"
