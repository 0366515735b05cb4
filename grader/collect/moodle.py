"""Moodle's "Download all submissions": `Jane Doe_12345_assignsubmission_file_/conv.py`, or all files in one folder.

The number is the assignment's own for that student, so people are recognised by their names. Moodle writes a name with
spaces in place of underscores, so it ends at the first one, whatever a student calls a file. The text that a student
typed into Moodle (`onlinetext`) is left out where there are files as well.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from grader.collect.found import Found, is_download, stray
from grader.collect.handin import Owner
from grader.collect.items import Item
from grader.intake.contents import shown
from grader.spec import Assignment

NAME = re.compile(r"(?P<who>[^_]+)_(?P<number>[0-9]+)_assignsubmission_(?P<kind>[a-z]+)(?:_(?P<file>.*))?$", re.DOTALL)


def root(items: Sequence[Item]) -> Sequence[Item] | None:
    """What a download of Moodle's consists of; None for what is none."""
    return items if is_download(items, NAME) else None


def read(items: Sequence[Item], assignment: Assignment) -> tuple[list[Found], list[str]]:
    """The submissions in a download, and sentences about what is odd in it."""
    groups: dict[tuple[str, str], dict[str, list[tuple[str, Item]]]] = {}
    found, notes = [], []
    for item in items:
        match = NAME.match(item.name)
        if match is None:
            other, said = stray(item, "Moodle names hand-ins")
            found.append(other)
            notes.append(said)
            continue
        kinds = groups.setdefault((match["who"], match["number"]), {})
        kinds.setdefault(match["kind"], []).append((match["file"] or "", item))
    for (who, number), kinds in groups.items():
        owner = Owner(name=who, account=f"moodle {number}")
        if set(kinds) == {"onlinetext"}:
            problem = (
                f"What was handed in is text typed into Moodle, and no file. Hand in {' and '.join(assignment.files)}."
            )
            origin = kinds["onlinetext"][0][1].name
            found.append(Found(f"{who}_{number}", owners=(owner,), origin=origin, problem=problem))
            continue
        files = kinds.get("file") or next(iter(kinds.values()))
        if "file" in kinds and "onlinetext" in kinds:
            notes.append(f"{shown(who)}: the text typed into Moodle is left out; the files are graded.")
        folders = [item for _, item in files if item.is_folder]
        items_of = {"": folders[0]} if folders else dict(files)
        found.append(Found(f"{who}_{number}", items_of, owners=(owner,), origin=files[0][1].name))
    return found, notes
