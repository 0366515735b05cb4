"""Sakai's "Download all": `Homework 4/Lee, Ada(ada1)/Submission attachment(s)/conv.py`, and `grades.csv` beside these.

A folder for each student, named after them and their user name, holds what was handed in, `timestamp.txt` and the
feedback's folder. Sakai's flat form is `Lee, Ada(ada1)_Submission attachment(s)_conv.py`. Source: public graders' code;
`timestamp.txt` ("20270301120000000") is read as the time on the course's wall, which is not verified.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from grader.collect.found import Found, is_download, stray
from grader.collect.handin import Owner
from grader.collect.items import Item
from grader.collect.moment import moment_of
from grader.intake.caps import Unreadable
from grader.intake.contents import shown
from grader.spec import Assignment

NAME = re.compile(r"(?P<who>.+?) ?\((?P<eid>[^()]+)\)$", re.DOTALL)
FLAT = re.compile(
    r"(?P<who>[^_]+?) ?\((?P<eid>[^()]+)\)_(?:Submission attachment\(s\)_(?P<file>.+)|\w+\.\w+)$", re.DOTALL
)
ATTACHMENTS = "Submission attachment(s)"
FEEDBACK = "Feedback Attachment(s)"
NOTHING = "Nothing was handed in but what was typed into Sakai, if anything."
STAMP = "timestamp.txt"
TABLES = ("grades.csv", "grades.xls", "grades.xlsx")
STAMP_BYTES = 1_000


def root(items: Sequence[Item]) -> Sequence[Item] | None:
    """The students' folders or files; None for what is no download of Sakai's."""
    own = [item for item in items if item.name not in TABLES]
    if is_download(own, FLAT):
        return own
    marked = [item for item in own if item.is_folder and {one.name for one in item.children()} & {ATTACHMENTS, STAMP}]
    return own if is_download(own, NAME) and (len(own) < len(items) or 2 * len(marked) > len(own)) else None


def read(items: Sequence[Item], assignment: Assignment) -> tuple[list[Found], list[str]]:  # noqa: ARG001
    """The submissions in a download, and sentences about what is odd in it."""
    people: dict[tuple[str, str], dict[str, Item]] = {}
    times: dict[str, datetime | None] = {}
    problems: dict[str, str] = {}
    found, notes = [], []
    for item in items:
        match = FLAT.match(item.name) or NAME.match(item.name)
        if match is None:
            other, said = stray(item, "Sakai names folders")
            found.append(other)
            notes.append(said)
            continue
        files = people.setdefault((match["who"], match["eid"]), {})
        if item.is_folder:
            inside = _handed_in(item)
            if len(inside) > 1:
                named = ", ".join(shown(one.name) for one in inside)
                problems[match["eid"]] = f"Which of the folders {named} holds what was handed in is not known."
            else:
                files.update({one.name: one for folder in inside for one in folder.children()})
            times[match["eid"]] = _time(item)
        elif match.groupdict().get("file"):
            files[match["file"]] = item
    for (who, eid), files in people.items():
        found.append(
            Found(
                eid,
                files,
                owners=(Owner(id=eid, name=who, account=f"sakai {eid}"),),
                submitted_at=times.get(eid),
                origin=f"{who}({eid})",
                problem=problems.get(eid, "" if files else NOTHING),
            )
        )
    return found, notes


def _handed_in(folder: Item) -> list[Item]:
    """The folder of what was handed in; in other languages than English it may be any that is not empty."""
    folders = [one for one in folder.children() if one.is_folder and one.children()]
    return [one for one in folders if one.name == ATTACHMENTS] or [one for one in folders if one.name != FEEDBACK]


def _time(folder: Item) -> datetime | None:
    stamp = next((one for one in folder.children() if one.name == STAMP), None)
    try:
        return None if stamp is None else moment_of(stamp.read(STAMP_BYTES).decode("utf-8", "replace").strip())
    except Unreadable:
        return None
