"""A class without names: entries under numbers, and the key to them, which staff keep."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import replace

from grader.gradebook.cells import inert
from grader.gradebook.entry import Entry, Student
from grader.report.model import PartReport

NOT_TAKEN = "could not be taken in"


def numbered(entries: Sequence[Entry], secret: str) -> dict[str, str]:
    """Student's id → what they are called. `secret` decides the order: no list of names gives it away."""
    ids = sorted(
        {entry.student.id for entry in entries}, key=lambda one: hashlib.sha256(f"{secret} {one}".encode()).digest()
    )
    width = len(str(len(ids)))
    return {one: f"student-{number:0{width}}" for number, one in enumerate(ids, start=1)}


def without_names(entries: Sequence[Entry], names: Mapping[str, str]) -> list[Entry]:
    """The entries with these names, and with nothing else that a student chose or is known by."""
    return [_without(entry, names[entry.student.id]) for entry in entries]


def _without(entry: Entry, name: str) -> Entry:
    report = entry.report and entry.report.model_copy(
        update={"submission": name, "notes": (), "parts": tuple(map(_without_comment, entry.report.parts))}
    )
    has_problem = bool(entry.attempt and entry.problem and entry.report is None)
    return replace(
        entry,
        student=Student(name, on_roster=entry.student.on_roster, has_left=entry.student.has_left),
        report=report,
        problem=NOT_TAKEN if has_problem else entry.problem,
        attempt=name if entry.attempt else "",
        adjustments=tuple(replace(one, reason="", by="") for one in entry.adjustments),
        by_hand=tuple(map(_without_comment, entry.by_hand)),
        page="",
    )


def _without_comment(part: PartReport) -> PartReport:
    return part.model_copy(update={"comment": "", "marked_by": "somebody" if part.marked_by else ""})


def key_table(entries: Sequence[Entry], names: Mapping[str, str]) -> str:
    """Which number is whose, as a CSV file."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["number", "id", "name"])
    people = {entry.student.id: entry.student.name for entry in entries}
    for one, name in sorted(names.items(), key=lambda pair: pair[1]):
        writer.writerow([name, inert(one), inert(people[one])])
    return text.getvalue()
