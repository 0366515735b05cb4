"""Google Classroom's folder in Drive: `Ada Lee - conv.py`, flat: the student's name, and the file's.

Classroom has no download of its own. Drive's zip holds the files of the assignment's folder; Classroom puts the name
before what a student made from a template, and staff's scripts do it for the others. Source: public scripts; where a
student uploads a file of another name, Drive does not say whose it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from grader.collect.found import Found, is_download, stray
from grader.collect.handin import Owner
from grader.collect.items import Item
from grader.spec import Assignment

NAME = re.compile(r"(?P<who>[^\W\d_][^\d_]*?) - (?P<file>.+)$", re.DOTALL)


def root(items: Sequence[Item]) -> Sequence[Item] | None:
    """What such a folder consists of; None for what is none: it takes several people."""
    people = {found["who"] for item in items if not item.is_folder and (found := NAME.match(item.name))}
    return items if len(people) > 1 and is_download(items, NAME) else None


def read(items: Sequence[Item], assignment: Assignment) -> tuple[list[Found], list[str]]:  # noqa: ARG001
    """The submissions in a download, one for each person, and sentences about what is odd in it."""
    people: dict[str, dict[str, Item]] = {}
    found, notes = [], []
    for item in items:
        match = NAME.match(item.name)
        if match is None:
            other, said = stray(item, "Google Classroom names files")
            found.append(other)
            notes.append(said)
            continue
        people.setdefault(match["who"], {})[match["file"]] = item
    for who, files in people.items():
        origin = ", ".join(item.name for item in files.values())
        found.append(Found(who, files, owners=(Owner(name=who),), origin=origin))
    return found, notes
