"""nbgrader's folders: `submitted/ada/hw4/conv.ipynb` with a `timestamp.txt`, or the exchange's `ada+hw4+2027-03-01 …`.

The folder of a student holds one for each assignment. `timestamp.txt` holds when it was handed in, with a zone. In the
exchange's `inbound` folder all three parts are one name. Source: nbgrader's manual and its `zip_collect`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from grader.collect.found import STRAYS, Found, is_download
from grader.collect.handin import Owner
from grader.collect.items import Item
from grader.collect.moment import moment_of
from grader.collect.nested import folder_of
from grader.intake.caps import Unreadable
from grader.intake.contents import shown
from grader.spec import Assignment

INBOUND = re.compile(
    r"(?P<who>[^+]+)\+(?P<homework>[^+]+)\+(?P<time>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?(?: \w+)?)(?:\+.+)?$"
)
STAMP = "timestamp.txt"
STAMP_BYTES = 1_000


def root(items: Sequence[Item]) -> Sequence[Item] | None:
    """The students' folders, or the exchange's; None for what is neither."""
    if is_download(items, INBOUND):
        return items
    strays = sum(not _is_student(item) for item in items)
    return items if len(items) > strays and STRAYS * strays <= len(items) else None


def _is_student(item: Item) -> bool:
    folders = [one for one in item.children() if one.is_folder] if item.is_folder else []
    return bool(folders) and all(any(one.name == STAMP for one in folder.children()) for folder in folders)


def read(items: Sequence[Item], assignment: Assignment) -> tuple[list[Found], list[str]]:
    """The submissions of this assignment, and sentences about what is odd."""
    found: list[Found] = []
    notes: list[str] = []
    if is_download(items, INBOUND):
        _read_inbound(items, found, notes)
        return found, notes
    students = {item.name: [one for one in item.children() if one.is_folder] for item in items if _is_student(item)}
    wanted = folder_of(assignment, students, "nbgrader")
    for item in items:
        if item.name not in students:
            notes.append(f"{shown(item.name)} is no student's folder of nbgrader. It is left out.")
        for folder in students.get(item.name, ()):
            if folder.name == wanted:
                origin = f"{item.name}/{wanted}"
                found.append(
                    Found(
                        item.name, {"": folder}, owners=(_owner(item.name),), submitted_at=_time(folder), origin=origin
                    )
                )
    return found, notes


def _read_inbound(items: Sequence[Item], found: list[Found], notes: list[str]) -> None:
    numbers: dict[str, int] = {}
    for item in sorted(items, key=lambda item: item.name):
        match = INBOUND.match(item.name)
        if match is None or not item.is_folder:
            notes.append(f"{shown(item.name)} is not named as nbgrader names hand-ins. It is left out.")
            continue
        number = numbers[match["who"]] = numbers.get(match["who"], 0) + 1
        name = match["who"] if number == 1 else f"{match['who']}_attempt{number}"
        moment = moment_of(match["time"])
        owner = _owner(match["who"])
        found.append(Found(name, {"": item}, owners=(owner,), attempt=number, submitted_at=moment, origin=item.name))


def _owner(student: str) -> Owner:
    return Owner(id=student, name=student, account=f"nbgrader {student}")


def _time(folder: Item) -> datetime | None:
    for one in folder.children():
        if one.name == STAMP:
            try:
                return moment_of(one.read(STAMP_BYTES).decode("utf-8", "replace").strip())
            except Unreadable:
                return None
    return None
