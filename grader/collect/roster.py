"""A course's roster, a CSV file as spreadsheets and learning platforms write it, or an Excel workbook.

Columns are known by their titles, in any order; further ones are ignored. Commas, semicolons or tabs; UTF-8 with or
without a byte order mark, or UTF-16 as Excel's "Unicode text". Who has no id is known by e-mail address, else by login.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.collect.sheet import read_sheet
from grader.errors import UsageError
from grader.intake.contents import shown

MOST_DAYS = 366.0
TITLES: dict[str, tuple[str, ...]] = {
    "id": (
        *("id", "student id", "sid", "student number", "matriculation number", "id number", "user id"),
        *("roster identifier", "identifier", "id nummer", "numéro d'identification", "número de id", "學號", "学号"),
        *("matrikelnummer", "org defined id", "orgdefinedid", "display id"),
    ),
    "name": (
        *("name", "student", "full name", "student name", "vollständiger name", "nom complet", "nombre completo"),
        *("全名", "姓名"),
    ),
    "sis_id": ("sis user id",),
    "sis_login": ("sis login id",),
    "login": ("github username", "login id", "username", "login", "anmeldename", "nom d'utilisateur", "帳號", "用户名"),
    "first": ("first name", "firstname", "given name", "vorname", "prénom", "nombre", "名", "名字"),
    "last": (
        "last name",
        "lastname",
        "surname",
        "family name",
        "nachname",
        "nom de famille",
        "nom",
        "apellido(s)",
        "姓",
    ),
    "email": (
        *("email", "e mail", "email address", "mail", "e mail adresse", "adresse de courriel", "dirección de correo"),
        *("電子郵件", "電子郵件信箱", "电子邮件地址"),
    ),
    "section": ("section", "sections", "tutorial"),
    "team": ("group", "team", "groups", "gruppe", "gruppen", "groupe", "groupes", "grupo", "grupos", "group name"),
    "role": ("role", "roles", "rolle", "rollen", "rôle", "rôles"),
    "extension": ("extension", "extension days", "extension in days", "extra days"),
    "rule": ("standing rule", "standing extension", "rule", "accommodation"),
    "formerly": ("formerly", "former id", "old id", "previous id"),
    "submitted_at": (
        *("submitted at", "submitted", "time", "last modified (submission)", "submission timestamp", "submission time"),
        *("zuletzt geändert (abgabe)", "dernière modification (remise)", "última modificación (entrega)"),
        *("最後修改 (繳交)", "最后修改(提交)"),
    ),
}
CANVAS_USER = "canvas user id"
STAFF = (
    "instructor",
    "ta",
    "teach",
    "non editing",
    "reader",
    "observer",
    "grader",
    "staff",
    "lehr",
    "trainer",
    "manag",
)
PARTICIPANT = re.compile(r"[^\d@]+?(?P<number>\d+)$")  # "Participant 61001": Moodle's number in one homework
INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
RULE = re.compile(
    r"\+? ?(?P<number>\d+(?:[.,]\d+)?) ?(?P<unit>%|percent|days?|d)?(?: (?:on|for) (?:everything|all))?$", re.IGNORECASE
)


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
    has_left: bool = False  # was on an earlier roster, and has handed in or was given points
    login: str = ""  # at a platform, a GitHub user say: people choose it
    sis_id: str = ""  # the university's number, where `id` is Canvas' own
    sis_login: str = ""  # what Canvas calls SIS Login ID
    participant: str = ""  # Moodle's number of the student in one homework
    formerly: str = ""  # ids that the student had earlier in the term, with blanks between them
    extra_percent: float = 0.0  # of the time that the class has, after the due date


def read_roster(path: Path, homework: str = "") -> list[Person]:
    """The students of a roster file, by id, with their extensions for this homework.

    Raises `UsageError` with the line of what cannot be.
    """
    rows = list(read_table(path, "roster", homework))
    if not rows:
        raise UsageError(f"the roster {path} names nobody")
    people: dict[str, tuple[int, Person]] = {}
    for line, row in rows:
        person = _person(path, line, row, is_first=not people)
        if person is None:
            continue
        folded = fold(person.id)
        if folded in people:
            first, other = people[folded]
            what = "is there twice" if other.id == person.id else f"differs from {shown(other.id)} in case only"
            raise UsageError(f"the roster {path}, lines {first} and {line}: id {shown(person.id)} {what}. Keep one.")
        people[folded] = (line, person)
    before: dict[str, str] = {}
    for line, student in people.values():
        for old in student.formerly.split():
            whose = people[fold(old)][1].id if fold(old) in people else before.setdefault(fold(old), student.id)
            if whose != student.id:
                raise UsageError(
                    f"the roster {path}, line {line}: {shown(old)} cannot be {shown(student.id)}'s former id: "
                    f"it is {shown(whose)}'s"
                )
    return sorted((person for _, person in people.values()), key=lambda person: person.id)


def read_table(path: Path, what: str, homework: str = "") -> Iterator[tuple[int, Mapping[str, str]]]:
    """The rows of a CSV file: its line's number, and known column → value without spaces around it."""
    rows = read_sheet(path, what)
    titles = rows[0][1] if rows else []
    columns = columns_of(titles, homework)
    if not columns.keys() & {"id", "email", "login"} and what == "roster":
        raise UsageError(_no_id(path, what, titles))
    for line, row in rows[1:]:
        yield line, {name: _bare(row[place]) if place < len(row) else "" for name, place in columns.items()}


def fold(text: str) -> str:
    """What tells two names or ids apart: not case, not the way an accent is encoded."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFKC", text).casefold())


def identity_of(row: Mapping[str, str]) -> tuple[str, str]:
    """A row's id, and Moodle's number of the participant. Without an id e-mail address or login will do."""
    identity = row.get("id", "")
    numbered = PARTICIPANT.match(identity) if "submitted_at" in row else None
    email = row.get("email", "") if "@" in row.get("email", "") else ""
    if numbered is not None:  # Moodle's grading worksheet: the number is of one homework only
        return row.get("login") or email or identity, numbered["number"]
    return identity or email or row.get("login", ""), ""


def _person(path: Path, line: int, row: Mapping[str, str], *, is_first: bool) -> Person | None:
    name = row.get("name") or " ".join(part for part in (row.get("first", ""), row.get("last", "")) if part)
    if fold(row.get("role", "")).startswith(STAFF):
        return None
    if "sis_id" in row and fold(name) == "student, test":
        return None  # Canvas' own test student
    identity, participant = identity_of(row)
    if not identity:
        is_canvas = "sis_id" in row and not row["sis_id"] and not row.get("sis_login")
        if (is_canvas and (is_first or not name)) or name.strip().lower() == "points possible":
            return None  # Canvas' own table: of its rows between titles and students none has an id
        if "id" not in row:
            raise UsageError(_no_id(path, "roster", row))
        raise UsageError(f"the roster {path}, line {line}: {shown(name) or 'a student'} has no id")
    if len(identity) > 200 or not identity.isprintable():
        raise UsageError(f"the roster {path}, line {line}: {shown(identity)} is no id")
    extension = _days(path, line, row.get("own_extension") or row.get("extension", ""))
    days, percent = _rule(path, line, row.get("rule", ""))
    return Person(
        identity,
        name,
        row.get("email", ""),
        row.get("section", ""),
        row.get("team", ""),
        min(extension + days, MOST_DAYS),
        login=row.get("login", ""),
        sis_login=row.get("sis_login", ""),
        sis_id=row.get("sis_id", ""),
        participant=participant,
        formerly=" ".join(re.split(r"[\s,;]+", row.get("formerly", ""))),
        extra_percent=percent,
    )


def _rule(path: Path, line: int, text: str) -> tuple[float, float]:
    """What holds for a student in every homework: days, and percent of the time."""
    if not text:
        return 0.0, 0.0
    found = RULE.match(text)
    number = float(found["number"].replace(",", ".")) if found is not None else math.inf
    if found is None or number > MOST_DAYS:
        raise UsageError(f'the roster {path}, line {line}: {shown(text)!r} is no rule like "+50 %" or "+2 days"')
    return (0.0, number) if (found["unit"] or "").lower() in ("%", "percent") else (number, 0.0)


def _days(path: Path, line: int, text: str) -> float:
    try:
        days = float(text.replace(",", ".") or 0)
    except ValueError:
        days = math.nan
    if not 0 <= days <= MOST_DAYS:
        raise UsageError(f"the roster {path}, line {line}: {shown(text)!r} is no extension in days (0 to 366)")
    return days


def columns_of(titles: Sequence[str], homework: str = "") -> dict[str, int]:
    """Known column → its place. Of several titles for one thing the one that `TITLES` lists first counts."""
    plain = [_title(title) for title in titles]
    own = [f"{one} {_title(homework)}" for one in TITLES["extension"]] if homework else []
    own += [f"{_title(homework)} {one}" for one in TITLES["extension"]] if homework else []
    columns: dict[str, int] = {}
    for name, known in (*TITLES.items(), ("own_extension", own)):
        places = [plain.index(title) for title in known if title in plain]
        if places:
            columns[name] = places[0]
    if CANVAS_USER in plain:  # Canvas' export of groups: its other ids are the university's
        columns |= {"id": plain.index(CANVAS_USER)}
        columns |= {
            to: plain.index(title) for to, title in (("sis_id", "user id"), ("sis_login", "login id")) if title in plain
        }
    return columns


def _title(text: str) -> str:
    return " ".join(re.sub(r"[-_:]", " ", fold(_bare(text))).split())


def _bare(cell: str) -> str:
    """A cell without blanks around it, and without signs that nobody sees."""
    return INVISIBLE.sub("", cell).strip()


def _no_id(path: Path, what: str, titles: Sequence[str] | Mapping[str, str]) -> str:
    named = ", ".join(map(shown, list(titles)[:8])) or "nothing"
    return (
        f"the {what} {path} has no column `id`; its first line must name the columns: "
        f"id, name, email, section, extension, group. It names {named}"
    )
