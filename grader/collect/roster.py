"""A course's roster, a CSV file as spreadsheets and learning platforms write it.

Columns are known by their titles, in any order; further ones are ignored. Commas, semicolons or tabs; UTF-8 with or
without a byte order mark, or UTF-16 as Excel's "Unicode text".
"""

from __future__ import annotations

import csv
import io
import math
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.errors import UsageError
from grader.intake.contents import shown

BYTES = 20_000_000
TITLES: dict[str, tuple[str, ...]] = {
    "id": ("id", "student id", "sid", "student number", "matriculation number", "id number", "user id", "identifier"),
    "name": ("name", "student", "full name", "student name"),
    "sis_id": ("sis user id",),
    "sis_login": ("sis login id",),
    "login": ("github username", "login id", "username", "login"),
    "first": ("first name", "firstname", "given name"),
    "last": ("last name", "lastname", "surname", "family name"),
    "email": ("email", "e mail", "email address", "mail"),
    "section": ("section", "sections", "tutorial"),
    "team": ("group", "team"),
    "extension": ("extension", "extension days", "extension in days", "extra days"),
}


@dataclass(frozen=True)
class Person:
    """A student, as the roster has it, or as made up for a hand-in that nobody on the roster owns."""

    id: str
    name: str = ""
    email: str = ""
    section: str = ""
    team: str = ""
    extension: float = 0.0  # days after the due date
    on_roster: bool = True
    login: str = ""  # at a platform, a GitHub user say: people choose it
    sis_id: str = ""  # the university's number, where `id` is Canvas' own
    sis_login: str = ""  # what Canvas calls SIS Login ID


def read_roster(path: Path) -> list[Person]:
    """The students of a roster file, by id. Raises `UsageError` with the line of what cannot be."""
    rows = list(read_table(path, "roster"))
    if not rows:
        raise UsageError(f"the roster {path} names nobody")
    people: dict[str, tuple[int, Person]] = {}
    for line, row in rows:
        person = _person(path, line, row)
        if person is None:
            continue
        folded = fold(person.id)
        if folded in people:
            first, other = people[folded]
            what = "is there twice" if other.id == person.id else f"differs from {shown(other.id)} in case only"
            raise UsageError(f"the roster {path}, lines {first} and {line}: id {shown(person.id)} {what}. Keep one.")
        people[folded] = (line, person)
    return sorted((person for _, person in people.values()), key=lambda person: person.id)


def read_table(path: Path, what: str) -> Iterator[tuple[int, Mapping[str, str]]]:
    """The rows of a CSV file: its line's number, and known column → value without spaces around it."""
    text = _decoded(path, what)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    try:
        titles = next(reader, [])
        columns = _columns(titles)
        if "id" not in columns and what == "roster":
            raise UsageError(
                f"the {what} {path} has no column `id`; its first line must name the columns: "
                f"id, name, email, section, extension, group. It names {', '.join(map(shown, titles[:8])) or 'nothing'}"
            )
        for row in reader:
            if any(cell.strip() for cell in row):
                cells = {name: row[place].strip() if place < len(row) else "" for name, place in columns.items()}
                yield reader.line_num, cells
    except csv.Error as error:
        raise UsageError(f"the {what} {path}, line {reader.line_num}: {error}") from error


def fold(text: str) -> str:
    """What tells two names or ids apart: not case, not the way an accent is encoded."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFKC", text).casefold())


def _person(path: Path, line: int, row: Mapping[str, str]) -> Person | None:
    name = row.get("name") or " ".join(part for part in (row.get("first", ""), row.get("last", "")) if part)
    identity = row["id"]
    if not identity:
        is_canvas = "sis_id" in row and not row["sis_id"] and not row.get("sis_login")
        if is_canvas or name.strip().lower() == "points possible":
            return None  # Canvas' own table: of its rows between titles and students none has an id
        raise UsageError(f"the roster {path}, line {line}: {shown(name) or 'a student'} has no id")
    if len(identity) > 200 or not identity.isprintable():
        raise UsageError(f"the roster {path}, line {line}: {shown(identity)} is no id")
    extension = _days(path, line, row.get("extension", ""))
    return Person(
        identity,
        name,
        row.get("email", ""),
        row.get("section", ""),
        row.get("team", ""),
        extension,
        login=row.get("login", ""),
        sis_login=row.get("sis_login", ""),
        sis_id=row.get("sis_id", ""),
    )


def _days(path: Path, line: int, text: str) -> float:
    try:
        days = float(text.replace(",", ".") or 0)
    except ValueError:
        days = math.nan
    if not 0 <= days <= 366:
        raise UsageError(f"the roster {path}, line {line}: {shown(text)!r} is no extension in days (0 to 366)")
    return days


def _columns(titles: Sequence[str]) -> dict[str, int]:
    """Known column → its place. Of several titles for one thing the one that `TITLES` lists first counts."""
    plain = [" ".join(fold(title).replace("_", " ").replace("-", " ").split()) for title in titles]
    columns: dict[str, int] = {}
    for name, known in (*TITLES.items(), ("submitted_at", ("submitted at", "submitted", "time"))):
        places = [plain.index(title) for title in known if title in plain]
        if places:
            columns[name] = places[0]
    return columns


def _decoded(path: Path, what: str) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(BYTES + 1)
    except OSError as error:
        raise UsageError(f"the {what} {path} cannot be read: {error.strerror}") from error
    if len(content) > BYTES:
        raise UsageError(f"the {what} {path} is larger than {BYTES // 1_000_000} MB")
    encoding = "utf-16" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise UsageError(
            f'the {what} {path}, line {line}, is not UTF-8. Save it as "CSV UTF-8" from your spreadsheet program'
        ) from error


def _delimiter(text: str) -> str:
    first = text.lstrip("\r\n").partition("\n")[0]
    return max(",;\t", key=first.count)
