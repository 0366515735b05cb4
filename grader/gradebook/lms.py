"""The files that learning platforms import. The columns are theirs; docs/gradebook.md says where they are stated."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from grader.gradebook.entry import Entry, Student
from grader.gradebook.frames import by_student, texts
from grader.spec import Assignment

if TYPE_CHECKING:
    import pandas as pd

POINTS_POSSIBLE = "Points Possible"


def canvas(
    entries: Sequence[Entry],
    assignments: Mapping[str, Assignment],
    columns: Mapping[str, str] = MappingProxyType({}),
) -> pd.DataFrame:
    """Canvas' gradebook import: a column per homework under its title, a row of maxima, a row per student.

    Canvas finds a person by `ID` (its own number), else by `SIS User ID`, else by `SIS Login ID`, else by name.
    Scores have two decimals at most, as Canvas keeps them. `columns` are the titles with which Canvas itself has them.
    """
    titles = _titles(assignments) | {name: title for name, title in columns.items() if title}
    who = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
    possible = dict.fromkeys(who, "") | {"Student": POINTS_POSSIBLE}
    has_roster = any(entry.student.on_roster for entry in entries)
    rows = [possible | {titles[name]: decimal(assignment.points) for name, assignment in assignments.items()}]
    for student, own in by_student(entries, assignments):
        number = _canvas_number(student, own.values())
        if not (student.on_roster or number) and has_roster:
            continue  # nobody, or one of several of that name: Canvas would find somebody by the name
        row = {
            "Student": _no_points_row(student.name or student.id),
            "ID": number,
            "SIS User ID": student.sis_id or ("" if number == student.id or "@" in student.id else student.id),
            "SIS Login ID": student.sis_login or student.email,
            "Section": _section(student),
        }
        rows.append(row | {titles[name]: decimal(own[name].score if name in own else None) for name in assignments})
    return texts(rows, [*who, *(titles[name] for name in sorted(assignments))])


def _canvas_number(student: Student, entries: Iterable[Entry]) -> str:
    """Canvas' own number of a person, if it is known.

    Who is on no roster has it for an id, from the download's names: `doejane_12345`. As a `SIS User ID` it might be
    another person's.
    """
    named = student.id.isdigit() and any(entry.attempt.endswith(f"_{student.id}") for entry in entries)
    return student.id if named else student.canvas_id


def gradescope(entries: Sequence[Entry], assignment: Assignment) -> pd.DataFrame:
    """One homework in the layout of Gradescope's own "Download Grades" file, a column per part.

    Parts are before deductions and adjustments, the total after them.
    """
    who = ("First Name", "Last Name", "SID", "Email", "Sections")
    what = (
        *("Total Score", "Max Points", "Status", "Submission ID", "Submission Time", "Lateness (H:M:S)"),
        *("View Count", "Submission Count"),
    )
    questions = [
        f"{number}: {part.title} ({float(part.points)} pts)" for number, part in enumerate(assignment.parts, start=1)
    ]
    columns = [*who, *what, *questions]
    rows = []
    for student, own in by_student(
        [e for e in entries if e.assignment == assignment.name], {assignment.name: assignment}
    ):
        entry = own[assignment.name]
        scores = {part.name: part.score for part in entry.parts}
        values = [*_names(student), student.id, student.email, _section(student), decimal(entry.score)]
        values += [decimal(entry.max_score), _status(entry), entry.attempt, _time(entry), _clock(entry.late_seconds)]
        values += ["", str(entry.attempts) if entry.attempts else ""]
        values += [decimal(scores.get(part.name)) for part in assignment.parts]
        rows.append(dict(zip(columns, values, strict=True)))
    return texts(rows, columns)


def decimal(score: float | None) -> str:
    """Points with two decimals at most and never an exponent; nothing where there are none."""
    if score is None:
        return ""
    return f"{round(score, 2) + 0.0:.2f}".rstrip("0").rstrip(".")


def _titles(assignments: Mapping[str, Assignment]) -> dict[str, str]:
    """Homework → its column: the title, and the name too where titles are the same."""
    alike = Counter(assignment.title for assignment in assignments.values())
    return {name: one.title if alike[one.title] == 1 else f"{one.title} [{name}]" for name, one in assignments.items()}


def _section(student: Student) -> str:
    """The section, which importers ignore: there is room to say that somebody has left."""
    return f"{student.section} (left the course)".strip() if student.has_left else student.section


def _no_points_row(name: str) -> str:
    """Canvas takes any row for that of the maxima whose first cell holds these words, a student's name too."""
    return name.replace(POINTS_POSSIBLE, POINTS_POSSIBLE.replace(" ", "_"))


def _names(student: Student) -> tuple[str, str]:
    """First and last name: split at a comma ("Lovelace, Ada"), else before the last word."""
    if "," in student.name:
        last, _, first = student.name.partition(",")
        return first.strip(), last.strip()
    first, _, last = student.name.strip().rpartition(" ")
    return (first.strip(), last) if first else (last, "")


def _status(entry: Entry) -> str:
    if entry.score is not None:
        return "Graded"
    return "Ungraded" if entry.report or entry.attempt else "Missing"


def _time(entry: Entry) -> Any:
    return f"{entry.submitted_at:%Y-%m-%d %H:%M:%S %z}".strip() if entry.submitted_at else ""


def _clock(seconds: float) -> str:
    minutes, second = divmod(round(max(seconds, 0)), 60)
    return f"{minutes // 60:02}:{minutes % 60:02}:{second:02}"
