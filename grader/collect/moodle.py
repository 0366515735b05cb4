"""Moodle's "Download all submissions": `Jane Doe_12345_assignsubmission_file_/conv.py`, or all files in one folder.

The number is the assignment's own for that student, so people are recognised by their names. The text that a student
typed into Moodle (`onlinetext`) is left out where there are files as well.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from grader.collect.found import Found, lone, staged
from grader.collect.handin import Owner
from grader.contents import shown
from grader.spec import Assignment

NAME = re.compile(r"^(?P<who>.+)_(?P<number>\d+)_assignsubmission_(?P<kind>[a-z]+)_?(?P<file>.*)$", re.DOTALL)


def names_recognised(names: Sequence[str]) -> bool:
    """Whether files or folders of these names are a download."""
    return any(NAME.match(name) for name in names)


def recognises(folder: Path) -> bool:
    """Whether a folder is such a download."""
    return names_recognised([path.name for path in folder.iterdir()])


def read(folder: Path, assignment: Assignment, scratch: Path) -> tuple[list[Found], list[str]]:  # noqa: ARG001
    """The submissions in a download. `scratch` is an empty folder that lasts until they are read."""
    groups: dict[tuple[str, str], dict[str, list[tuple[str, Path]]]] = {}
    found, notes = [], []
    for path in sorted(folder.iterdir()):
        match = NAME.match(path.name)
        if path.name.startswith("."):
            continue
        if match is None:
            notes.append(f"{shown(path.name)} is not named as Moodle names hand-ins. Graded all the same.")
            found.append(Found(path.stem, path, (Owner(name=path.stem),)))
            continue
        kinds = groups.setdefault((match["who"], match["number"]), {})
        kinds.setdefault(match["kind"], []).append((match["file"], path))
    for number, ((who, moodle), kinds) in enumerate(groups.items()):
        files = kinds.get("file") or next(iter(kinds.values()))
        if len(kinds) > 1:
            notes.append(f"{shown(who)}: the text typed into Moodle is left out; the files are graded.")
        folders = [path for _, path in files if path.is_dir()]
        place = lone(folders[0]) if folders else lone(staged(dict(files), scratch / str(number)))
        found.append(Found(f"{who}_{moodle}", place, (Owner(name=who),), origin=files[0][1].name))
    return found, notes
