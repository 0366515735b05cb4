"""Entries → pandas frames. Rows are sorted, so that the order in which entries arrive changes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from grader.errors import GraderError
from grader.gradebook.cells import tidy
from grader.gradebook.entry import Entry, Student
from grader.gradebook.statistics import Analysis, Item
from grader.judging.scoring import add
from grader.outcome import Verdict
from grader.report.bill import NOT_MARKED
from grader.spec import Assignment

if TYPE_CHECKING:
    import pandas as pd

GRADED, NOT_GRADED, NOTHING, NOT_TAKEN = "graded", "not graded", "nothing handed in", "not taken in"
Row = dict[str, Any]


class GradebookError(GraderError):
    """Entries that no gradebook can be made from; the message is a sentence for staff."""


def status(entry: Entry) -> str:
    """What became of an entry, in a gradebook's words."""
    if entry.waits:
        return NOT_MARKED
    if entry.report is not None:
        return NOT_GRADED if entry.score is None else GRADED
    if not entry.attempt:
        return NOTHING
    return NOT_GRADED if entry.score is None else NOT_TAKEN


def by_student(
    entries: Sequence[Entry], assignments: Mapping[str, Assignment]
) -> list[tuple[Student, dict[str, Entry]]]:
    """Every student with their entries by homework, sorted by section, name and id.

    Raises `GradebookError` if a student has two entries in one homework, or one in a homework that is not there.
    """
    found: dict[str, dict[str, Entry]] = {}
    for entry in entries:
        own = found.setdefault(entry.student.id, {})
        if entry.assignment not in assignments:
            raise GradebookError(
                f"an entry of {entry.student.id!r} is of {entry.assignment!r}, which is no homework here"
            )
        if entry.assignment in own:
            raise GradebookError(
                f"student {entry.student.id!r} has two entries in {entry.assignment!r}: one must count"
            )
        own[entry.assignment] = entry
    students = [(own[min(own)].student, own) for own in found.values()]
    return sorted(students, key=lambda pair: (pair[0].section, pair[0].name.casefold(), pair[0].name, pair[0].id))


def boards(entries: Sequence[Entry]) -> dict[str, list[str]]:
    """Homework → the columns of its leaderboard that somebody has a place in, sorted."""
    found: dict[str, set[str]] = {}
    for entry in entries:
        found.setdefault(entry.assignment, set()).update(places(entry))
    return {name: sorted(columns) for name, columns in found.items()}


def places(entry: Entry) -> dict[str, float]:
    """Leaderboard's column → what the attempt that counts put there."""
    checks = entry.report.checks if entry.report else ()
    return {check.place.column: check.place.value for check in checks if check.place is not None}


def grades(entries: Sequence[Entry], assignments: Mapping[str, Assignment]) -> pd.DataFrame:
    """One row per student: who it is, then for each homework score, status, lateness, parts and leaderboard, then the
    total.

    A score that is not there is missing, never 0. The total adds the scores that are there; `without score` counts
    the homeworks that have none.
    """
    rows, columns = [], boards(entries)
    for student, own in by_student(entries, assignments):
        row: Row = {"id": student.id, "name": student.name, "email": student.email, "section": student.section}
        row["left"] = "yes" if student.has_left else ""
        for name, assignment in sorted(assignments.items()):
            row |= _homework(name, assignment, own.get(name))
        scores = [entry.score for entry in own.values() if entry.score is not None]
        row["total"] = add(scores) if scores else None
        row["without score"] = len(assignments) - len(scores)
        rows.append(row)
    return _frame(rows, _grade_columns(assignments, columns))


def _homework(name: str, assignment: Assignment, entry: Entry | None) -> Row:
    if entry is None:
        return {name: None, f"{name} max": assignment.points, f"{name} status": NOTHING}
    adjustment = add(one.points for one in entry.adjustments) if entry.adjustments else None
    row = {
        name: entry.score,
        f"{name} max": entry.max_score,
        f"{name} status": status(entry),
        f"{name} problem": entry.problem,
        f"{name} submitted": entry.submitted_at.isoformat(" ", "seconds") if entry.submitted_at else "",
        f"{name} late hours": round(entry.late_seconds / 3600, 3),
        f"{name} late days used": entry.late_days_used,
        f"{name} late days left": entry.late_days_left,
        f"{name} deduction": entry.deduction,
        f"{name} deduction reason": entry.deduction_reason,
        f"{name} adjustment": adjustment,
        f"{name} adjustment reason": "; ".join(f"{one.reason} ({one.by})" for one in entry.adjustments),
        f"{name} attempts": entry.attempts,
    }
    parts = {part.name: part.score for part in entry.parts}
    row |= {f"{name}: {part.name}": parts.get(part.name) for part in assignment.parts}
    for part in entry.by_hand:
        row[f"{name}: {part.name} items"] = ", ".join(item.name for item in part.items)
        row[f"{name}: {part.name} comment"] = part.comment
        row[f"{name}: {part.name} marked by"] = part.marked_by or NOT_MARKED
    return row | {f"{name} leaderboard: {column}": value for column, value in places(entry).items()}


def _grade_columns(assignments: Mapping[str, Assignment], boards: Mapping[str, Sequence[str]]) -> dict[str, str]:
    columns = dict.fromkeys(("id", "name", "email", "section", "left"), "str")
    for name, assignment in sorted(assignments.items()):
        columns |= {name: "float64", f"{name} max": "float64", f"{name} status": "str", f"{name} problem": "str"}
        columns |= {f"{name} submitted": "str", f"{name} late hours": "float64"}
        columns |= {
            f"{name} late days used": "Int64",
            f"{name} late days left": "Int64",
            f"{name} deduction": "float64",
        }
        columns |= {f"{name} deduction reason": "str", f"{name} adjustment": "float64"}
        columns |= {f"{name} adjustment reason": "str", f"{name} attempts": "Int64"}
        for part in assignment.parts:
            columns[f"{name}: {part.name}"] = "float64"
            if part.is_by_hand:
                columns |= {f"{name}: {part.name} {what}": "str" for what in ("items", "comment", "marked by")}
        columns |= {f"{name} leaderboard: {column}": "float64" for column in boards.get(name, ())}
    return columns | {"total": "float64", "without score": "Int64"}


def results(entries: Sequence[Entry], assignments: Mapping[str, Assignment]) -> pd.DataFrame:
    """One row per student, homework and check: verdict, points, known mistake. For programs; nothing is escaped."""
    rows = [
        {
            "id": student.id,
            "assignment": name,
            "part": check.part,
            "check": check.name,
            "verdict": check.verdict.value,
            "score": check.score,
            "max_score": check.max_score,
            "mistake": check.diagnosis.mistake if check.diagnosis else "",
        }
        for student, own in by_student(entries, assignments)
        for name, entry in sorted(own.items())
        for check in (entry.report.checks if entry.report else ())
    ]
    columns = dict.fromkeys(("id", "assignment", "part", "check", "verdict"), "str")
    return _frame(rows, columns | {"score": "float64", "max_score": "float64", "mistake": "str"})


def parts(analyses: Sequence[Analysis]) -> pd.DataFrame:
    """The statistics of every part."""
    rows = [_item(analysis, item, "part") for analysis in analyses for item in analysis.parts]
    return _frame(rows, _item_columns("part"))


def checks(analyses: Sequence[Analysis]) -> pd.DataFrame:
    """The statistics of every check."""
    rows = [_item(analysis, item, "check") | {"part": item.part} for analysis in analyses for item in analysis.checks]
    return _frame(rows, _item_columns("check"))


def mistakes(analyses: Sequence[Analysis]) -> pd.DataFrame:
    """The diagnoses, commonest first."""
    rows = [
        {
            "assignment": analysis.assignment,
            "mistake": mistake.name,
            "students": mistake.students,
            "of": mistake.of,
            "parts": ", ".join(mistake.parts),
            "sentence": mistake.sentence,
            "shown to students": "yes" if mistake.shown else "no",
        }
        for analysis in analyses
        for mistake in analysis.mistakes
    ]
    columns = {"assignment": "str", "mistake": "str", "students": "Int64", "of": "Int64"}
    return _frame(rows, columns | dict.fromkeys(("parts", "sentence", "shown to students"), "str"))


def _item(analysis: Analysis, item: Item, what: str) -> Row:
    return {
        "assignment": analysis.assignment,
        what: item.name,
        "sentence": item.sentence,
        "n": item.n,
        "mean": round(item.mean, 6),
        "max": item.max_score,
        "difficulty": None if item.difficulty is None else round(item.difficulty, 6),
        "discrimination": None if item.discrimination is None else round(item.discrimination, 6),
        "undefined because": item.undefined,
        "separates": "yes" if item.separates else "no",
    } | {verdict.value: round(item.verdicts.get(verdict, 0.0), 6) for verdict in Verdict}


def _item_columns(what: str) -> dict[str, str]:
    columns = {"assignment": "str"} | ({"part": "str"} if what == "check" else {}) | {what: "str", "sentence": "str"}
    columns |= {"n": "Int64", "mean": "float64", "max": "float64", "difficulty": "float64", "discrimination": "float64"}
    return columns | {"undefined because": "str", "separates": "str"} | {v.value: "float64" for v in Verdict}


def _frame(rows: Sequence[Row], columns: Mapping[str, str]) -> pd.DataFrame:
    """A frame of exactly these columns and types, also where there is no row; missing text is empty text."""
    import pandas as pd

    series = {}
    for column, kind in columns.items():
        values = [row.get(column) for row in rows]
        if kind == "str":
            known = {value: tidy(value or "") for value in set(values)}
            values = [known[value] for value in values]
        series[column] = pd.Series(values, dtype=kind)
    return pd.DataFrame(series)


def texts(rows: Sequence[Row], columns: Sequence[str]) -> pd.DataFrame:
    """A frame of these columns, all of them text."""
    return _frame(rows, dict.fromkeys(columns, "str"))
