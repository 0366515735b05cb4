"""Sakai's "Download all": `Homework 4/Lee, Ada(ada1)/Submission attachment(s)/conv.py`, and `grades.csv` beside these.

A folder for each student, named after them and their user name, holds what was handed in, `timestamp.txt` and the
feedback's folder. Sakai's flat form is `Lee, Ada(ada1)_Submission attachment(s)_conv.py`. Source: public graders' code;
`timestamp.txt` ("20270301120000000") is read as the time on the course's wall, which is not verified.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from grader.collect.found import Found, is_download, stray
from grader.collect.handin import Owner
from grader.collect.items import Item
from grader.collect.moment import moment_of
from grader.intake.caps import Unreadable
from grader.spec import Assignment

NAME = re.compile(r"(?P<who>.+?) ?\((?P<eid>[^()]+)\)$", re.DOTALL)
FLAT = re.compile(
    r"(?P<who>[^_]+?) ?\((?P<eid>[^()]+)\)_(?:Submission attachment\(s\)_(?P<file>.+)|\w+\.\w+)$", re.DOTALL
)
ATTACHMENTS = "Submission attachment(s)"
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
            files.update(_handed_in(item))
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
                problem="" if files else "Nothing was handed in but what was typed into Sakai, if anything.",
            )
        )
    return found, notes


def _handed_in(folder: Item) -> Mapping[str, Item]:
    inside = next((one for one in folder.children() if one.name == ATTACHMENTS and one.is_folder), None)
    return {one.name: one for one in inside.children()} if inside is not None else {}


def _time(folder: Item) -> datetime | None:
    stamp = next((one for one in folder.children() if one.name == STAMP), None)
    try:
        return None if stamp is None else moment_of(stamp.read(STAMP_BYTES).decode("utf-8", "replace").strip())
    except Unreadable:
        return None
