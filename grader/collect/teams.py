"""Microsoft Teams' "Student Work" in SharePoint: `Submitted files/Ada Lee/Homework 4/Version 2/conv.py`.

A folder for each student, in it one for each assignment, and in that one for each time of handing in. The library that
is synchronised also has `Working files`, which were not handed in. Source: public programs that read the folder
(lwchkg/teams_assignment_explorer); other languages have another word for "Version", and a number behind it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from grader.collect.found import STRAYS, Found
from grader.collect.handin import Owner
from grader.collect.items import Item
from grader.collect.nested import folder_of
from grader.intake.contents import shown
from grader.spec import Assignment

VERSION = re.compile(r"(?:vers[^\W\d_]*|wersja|версия|版本|バージョン|버전) ?(?P<number>\d{1,4})$", re.IGNORECASE)
SUBMITTED = "Submitted files"


def root(items: Sequence[Item]) -> Sequence[Item] | None:
    """The students' folders; None for what is no such library: nearly all of them hold versions of assignments."""
    inside = next((item for item in items if item.name == SUBMITTED and item.is_folder), None)
    if inside is not None:
        return inside.children() if _is_library(inside.children()) else None
    if _is_library(items):
        return items
    if len(items) != 2:
        return None
    # In another language: a folder of what was handed in, and one in which the same people work.
    folders = [item.children() if item.is_folder else () for item in items]
    fewer, more = sorted(({one.name for one in folder if one.is_folder} for folder in folders), key=len)
    return next(filter(_is_library, folders), None) if fewer and fewer <= more else None


def _is_library(students: Sequence[Item]) -> bool:
    strays = sum(not _is_student(item) for item in students)
    return len(students) > strays and STRAYS * strays <= len(students)


def _is_student(item: Item) -> bool:
    folders = item.children() if item.is_folder else ()
    return bool(folders) and all(_versions(folder) for folder in folders)


def _versions(folder: Item) -> list[tuple[int, Item]]:
    """An assignment's versions by their numbers; none for what is no assignment's folder."""
    children = folder.children() if folder.is_folder else ()
    found = [(int(match["number"]), one) for one in children if one.is_folder and (match := VERSION.match(one.name))]
    return sorted(found, key=lambda pair: pair[0]) if len(found) == len(children) else []


def read(items: Sequence[Item], assignment: Assignment) -> tuple[list[Found], list[str]]:
    """The submissions of this assignment, one for each version, and sentences about what is odd."""
    found, notes = [], []
    students = {item.name: item.children() for item in items if _is_student(item)}
    wanted = folder_of(assignment, students, "Microsoft Teams")
    for item in items:
        folder = next((one for one in students.get(item.name, ()) if one.name == wanted), None)
        if item.name not in students:
            notes.append(f"{shown(item.name)} is no student's folder of Microsoft Teams. It is left out.")
        for number, version in _versions(folder) if folder is not None else ():
            found.append(
                Found(
                    item.name if number == 1 else f"{item.name}_attempt{number}",
                    {"": version},
                    owners=(Owner(name=item.name, account=f"teams {item.name}"),),
                    attempt=number,
                    origin=f"{item.name}/{wanted}/{version.name}",
                )
            )
    return found, notes
