"""Tables that a platform gave and that go back to it: Canvas' column by its id, Moodle's worksheet filled in."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence

from grader.collect.roster import columns_of, fold, identity_of
from grader.collect.sheet import delimiter_of
from grader.gradebook.entry import Entry
from grader.gradebook.lms import decimal
from grader.spec import Assignment

COLUMN = re.compile(r"(?P<title>.+) \(\d+\)$")  # Canvas' own: "Homework 4 (12345)"
GRADE = ("grade", "bewertung", "note", "calificación", "成績", "成绩")
MAXIMUM = ("maximum grade", "bestwertung", "note maximale", "calificación máxima", "最高成績", "最高分")


def canvas_title(table: str, assignment: Assignment) -> str:
    """How Canvas' gradebook calls this homework's column, with its id; "" where that does not say."""
    titles = next(csv.reader(io.StringIO(table, newline=""), delimiter=delimiter_of(table)), [])
    if "SIS User ID" not in titles:
        return ""
    wanted = (fold(assignment.title), fold(assignment.name))
    found = [one for one in titles if (match := COLUMN.match(one)) and fold(match["title"]) in wanted]
    return found[0] if len(found) == 1 else ""


def worksheet(table: str, entries: Sequence[Entry]) -> str | None:
    """Moodle's grading worksheet with the grades in it, all else as it was; None for what is none.

    Grades are scaled to the worksheet's maximum. Who has no grade keeps what stands there.
    """
    delimiter = delimiter_of(table)
    titles, *rows = list(csv.reader(io.StringIO(table, newline=""), delimiter=delimiter)) or [[]]
    places = [fold(title.strip().lstrip("\ufeff")) for title in titles]
    columns = columns_of(titles)
    at = next((places.index(title) for title in GRADE if title in places), None)
    most_at = next((places.index(title) for title in MAXIMUM if title in places), None)
    if at is None or most_at is None or "submitted_at" not in columns:
        return None
    by_id = {fold(entry.student.id): entry for entry in entries}
    by_number = {entry.student.participant: entry for entry in entries if entry.student.participant}
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\n")
    writer.writerow(titles)
    for row in rows:
        cells = {name: row[place].strip() if place < len(row) else "" for name, place in columns.items()}
        identity, number = identity_of(cells)
        entry = by_number.get(number) or by_id.get(fold(identity))
        if entry is not None and entry.score is not None and len(row) > max(at, most_at):
            row[at] = decimal(entry.score * _number(row[most_at], entry.max_score) / entry.max_score)
        writer.writerow(row)
    return out.getvalue()


def _number(text: str, otherwise: float) -> float:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return otherwise
