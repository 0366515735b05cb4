"""Whose hand-ins are, where nobody could say: a CSV file that a run writes, and staff fill in.

Columns: `hand_in` (its name), `student` (an id, e-mail address or name of the roster; several with ";" between them),
and what helps to tell: how the platform calls its owner, and the file. Lines without a student are left out.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from grader.collect.handin import HandIn
from grader.collect.match import Matched, words_of
from grader.collect.roster import Person, fold
from grader.collect.sheet import read_sheet
from grader.errors import UsageError
from grader.intake.contents import shown

COLUMNS = ("hand_in", "student", "called", "file")


@dataclass(frozen=True)
class Owners:
    """Hand-in's name → what staff call its students."""

    of: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def and_then(self, later: Owners | None) -> Owners:
        """What is said later holds."""
        return self if later is None else Owners({**self.of, **later.of})

    def settled(self, matched: Matched, roster: Sequence[Person]) -> tuple[Matched, list[str]]:
        """What was matched, with what staff say in its place; and a sentence for each line that is about nothing."""
        students = dict(matched.students)
        notes = []
        for name, said in self.of.items():
            if name not in students:
                notes.append(f"the owners name {shown(name)}, which is no hand-in here")
                continue
            students[name] = tuple(dict.fromkeys(_present(roster, one).id for one in said))
        settled = {name for name in self.of if name in students}
        owned = {student for ids in students.values() for student in ids}
        strangers = tuple(one for one in matched.strangers if one.id in owned)
        said_of = tuple(f"{name}: " for name in settled)
        left = tuple(note for note in matched.notes if not note.startswith(said_of or ("\0",)))
        return replace(matched, students=students, strangers=strangers, notes=left), notes


def find(people: Sequence[Person], asked: str) -> Person:
    """The student of this id, e-mail address, login or name. Raises `UsageError` where that is nobody, or several."""
    for name in ("id", "email", "login", "sis_login", "sis_id", "name"):
        found = [person for person in people if asked and fold(getattr(person, name)) == fold(asked)]
        if len(found) == 1:
            return found[0]
        if found:
            break
    words = words_of(asked)
    found = found or [person for person in people if words and words_of(person.name) == words]
    if len(found) == 1:
        return found[0]
    if found:
        ids = ", ".join(person.id for person in found)
        raise UsageError(f"{shown(asked)!r} is {len(found)} people: {ids}. Say the id")
    raise UsageError(f"nobody in this run is called {shown(asked)!r}: say an id, e-mail address or name of the roster")


def _present(people: Sequence[Person], asked: str) -> Person:
    """The same, of people who have not left if there is one: a roster may have other ids than the one before."""
    try:
        return find([person for person in people if not person.has_left], asked)
    except UsageError:
        return find(people, asked)


def read_owners(path: Path) -> Owners:
    """Read the file. Raises `UsageError` with the line of what cannot be."""
    rows = read_sheet(path, "owners")
    titles = [fold(title).replace("-", "_").replace(" ", "_") for title in rows[0][1]] if rows else []
    if not {"hand_in", "student"} <= set(titles):
        raise UsageError(f"the owners {path} need the columns hand_in and student in their first line")
    name_at, student_at = titles.index("hand_in"), titles.index("student")
    found: dict[str, list[str]] = {}
    for line, row in rows[1:]:
        cells = [*row, *[""] * len(titles)]
        name, students = cells[name_at], [one.strip() for one in cells[student_at].split(";") if one.strip()]
        if name in found:
            raise UsageError(f"the owners {path}, line {line}: {shown(name)} is there twice")
        if name and students:
            found[name] = students
    return Owners(found)


def owners_table(hand_ins: Sequence[HandIn]) -> str:
    """The file to fill in for these hand-ins."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for one in hand_ins:
        called = "; ".join(" / ".join(filter(None, (own.name, own.id, own.email))) for own in one.owners)
        writer.writerow([one.name, "", _inert(called), _inert(one.origin)])
    return text.getvalue()


def _inert(text: str) -> str:
    """What no spreadsheet evaluates."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text
