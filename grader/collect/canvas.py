"""Canvas' "Download Submissions": one flat folder of files named `doejane_LATE_12345_67890_conv-1.py`.

The parts are the student's name (family name first, squeezed), LATE where it was, the numbers of user and submission,
and the student's own file name. Canvas adds "-1", "-2" … to the name of a file that was handed in again.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from grader.archive import SUFFIXES
from grader.collect.found import Found, lone, staged
from grader.collect.handin import Owner
from grader.contents import shown
from grader.spec import Assignment

NAME = re.compile(r"^(?P<who>.+?)(?P<late>_LATE)?_(?P<user>\d+)_(?P<submission>\d+)_(?P<file>.+)$", re.DOTALL)
AGAIN = re.compile(r"^(?P<stem>.+)-(?P<number>\d{1,3})$")


def names_recognised(names: Sequence[str]) -> bool:
    """Whether files of these names are a download: most of them are named as Canvas does."""
    ours = [name for name in names if NAME.match(name)]
    return bool(ours) and 2 * len(ours) > len(names)


def recognises(folder: Path) -> bool:
    """Whether a folder is such a download."""
    return names_recognised([path.name for path in _files(folder)])


def read(folder: Path, assignment: Assignment, scratch: Path) -> tuple[list[Found], list[str]]:
    """The submissions in a download. `scratch` is an empty folder that lasts until they are read."""
    groups: dict[tuple[str, str, bool], list[tuple[str, int, Path]]] = {}
    found, notes = [], []
    for path in sorted(folder.iterdir()):
        match = NAME.match(path.name)
        if path.name.startswith("."):
            continue
        if match is None or path.is_dir():
            notes.append(f"{shown(path.name)} is not named as Canvas names files. Graded all the same.")
            found.append(Found(path.stem, path, (Owner(name=path.stem),)))
            continue
        file, attempt = _original(match["file"], assignment)
        groups.setdefault((match["who"], match["user"], bool(match["late"])), []).append((file, attempt, path))
    for number, ((who, user, late), files) in enumerate(groups.items()):
        latest = {name: path for name, _, path in sorted(files, key=lambda file: file[1])}
        place = lone(staged(latest, scratch / str(number)))
        attempt = max(again for _, again, _ in files)
        origin = ", ".join(path.name for _, _, path in files)
        found.append(Found(f"{who}_{user}", place, (Owner(user, who),), attempt, origin=origin, late=late))
    return found, notes


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if not path.name.startswith(".")]


def _original(file: str, assignment: Assignment) -> tuple[str, int]:
    """The name that the student gave, and the attempt that Canvas counts in it."""
    suffix = next((one for one in SUFFIXES if file.lower().endswith(one)), PurePosixPath(file).suffix)
    stem = file[: len(file) - len(suffix)]
    again = AGAIN.match(stem)
    if again is None:
        return file, 1
    before = again["stem"] + file[len(stem) :]
    wanted = before in assignment.files or suffix in (*SUFFIXES, ".ipynb")
    return (before if wanted else file), int(again["number"]) + 1
