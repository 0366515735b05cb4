"""Canvas' "Download Submissions": one flat folder of files named `doejane_LATE_12345_67890_conv-1.py`.

The parts are the student's name (family name first, without spaces), LATE if it was, the numbers of user and file, and
the student's own file name. Canvas adds "-1", "-2" … before the last suffix of a file that was handed in again.
What was typed in is `doejane_12345_text.html` or `…_link.html`. Where grading is anonymous, five letters and digits
stand for the student: `anon_aB3xY_67890_conv.py`, `LATE_anon_aB3xY_…`. Source: Canvas' `content_zipper.rb`.

Only the name at the start may hold what a student chose, and it may end like a number: "x_102" in front of "_103_5003"
could be read as user 102. Where more than two numbers follow the name, the user's is therefore no more than a hint, and
such a file is in a hand-in of its own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from grader.collect.found import Found, is_download, stray
from grader.collect.handin import Owner
from grader.collect.items import Item
from grader.intake.archive import SUFFIXES
from grader.spec import Assignment

NAME = re.compile(
    r"(?:(?P<late_anonymous>LATE_)?anon_(?P<anonymous>[A-Za-z0-9]{5})|(?P<who>\w+?)(?P<late>_LATE)?_(?P<user>[0-9]+))"
    r"_(?:(?P<number>[0-9]+)_(?P<file>.+)|(?P<typed>(?:text|link)\.html))$",
    re.DOTALL,
)
TYPED = {"text.html": "text that was typed into Canvas", "link.html": "a link"}
MORE = re.compile(r"[0-9]+_.")
AGAIN = re.compile(r"^(?P<stem>.+)-(?P<number>\d{1,3})$", re.DOTALL)
AT_END = re.compile(r"^(?P<stem>.+)(?P<rest>\.[a-z][a-z0-9]+)-(?P<number>\d{1,3})$", re.DOTALL | re.IGNORECASE)
WITHIN = re.compile(r"^(?P<stem>.+\.tar)-(?P<number>\d{1,3})(?P<rest>\.(?:gz|bz2|xz))$", re.DOTALL | re.IGNORECASE)


def root(items: Sequence[Item]) -> Sequence[Item] | None:
    """What a download of Canvas' consists of; None for what is none."""
    return items if is_download(items, NAME) else None


def read(items: Sequence[Item], assignment: Assignment) -> tuple[list[Found], list[str]]:
    """The submissions in a download, and sentences about what is odd in it."""
    groups: dict[tuple[str, str, bool, bool], list[tuple[str, int, Item]]] = {}
    found, notes = [], []
    for item in items:
        match = NAME.match(item.name)
        if match is None:
            other, said = stray(item, "Canvas names files")
            found.append(other)
            notes.append(said)
            continue
        file, attempt = _original(match["file"] or match["typed"], assignment)
        is_sure = bool(match["typed"] or match["anonymous"]) or not MORE.match(match["file"])
        who, user = ("anon", match["anonymous"]) if match["anonymous"] else (match["who"], match["user"])
        key = who, user, bool(match["late"] or match["late_anonymous"]), is_sure
        groups.setdefault(key, []).append((file, attempt, item))
    for (who, user, late, is_sure), files in groups.items():
        name = f"{who}_{user}"
        is_anonymous = not user.isdigit()
        identity = name if is_anonymous else user if is_sure else f"{who} {user}?"
        owner = Owner(identity, "" if is_anonymous else who, account=f"canvas {user}")
        latest = {name: item for name, _, item in sorted(files, key=lambda file: file[1])}
        typed = [what for file, what in TYPED.items() if file in latest]
        if typed and len(latest) == 1:
            problem = f"What was handed in is {typed[0]}, and no file. Hand in {' and '.join(assignment.files)}."
            found.append(Found(name, owners=(owner,), origin=files[0][2].name, late=late, problem=problem))
            continue
        attempt = max(again for _, again, _ in files)
        origin = ", ".join(item.name for _, _, item in files)
        found.append(Found(name, latest, owners=(owner,), attempt=attempt, origin=origin, late=late))
    return found, notes


def _original(file: str, assignment: Assignment) -> tuple[str, int]:
    """The name that the student gave, and the attempt that Canvas counts in it."""
    # "hw4.tar-1.gz": the number stands before the last suffix; users also report it behind that.
    within = WITHIN.match(file) or AT_END.match(file)
    if within is not None:
        return within["stem"] + within["rest"], int(within["number"]) + 1
    suffix = next((one for one in SUFFIXES if file.lower().endswith(one)), PurePosixPath(file).suffix)
    stem = file[: len(file) - len(suffix)]
    again = AGAIN.match(stem)
    if again is None:
        return file, 1
    before = again["stem"] + file[len(stem) :]
    wanted = before in assignment.files or suffix in (*SUFFIXES, ".ipynb")
    return (before if wanted else file), int(again["number"]) + 1
