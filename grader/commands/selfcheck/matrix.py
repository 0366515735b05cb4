"""What a self-check found: solutions of known worth against checks."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from enum import StrEnum

from grader.outcome import Check, Verdict


class Cell(StrEnum):
    """What one check says of one solution of known worth."""

    PASSED = "passed"
    DIAGNOSED = "lost and diagnosed"
    LOST = "lost"
    ASTRAY = "not as declared"  # lost, passed or diagnosed where it should not be
    BLOCKED = "not asked: a part that it uses is wrong"
    UNREACHED = "not asked: it uses nothing of the mistake"
    UNJUDGED = "not judged"


@dataclass(frozen=True)
class Row:
    """One graded solution of known worth: a row of the matrix."""

    kind: str  # "reference", "alternative", "starter" or "mistake"
    name: str
    score: float
    verdicts: tuple[Verdict, ...]  # one per check
    diagnoses: tuple[str, ...]  # one per check, "" where there is none
    parts: tuple[str, ...] = ()  # where it is declared to lose points
    family: str = ""  # the name that a mistake may be diagnosed by
    unreached: tuple[str, ...] = ()  # parts that a mistake cannot change: they come out as for the reference


@dataclass
class Matrix:
    """What the self-check of one homework found."""

    homework: str
    title: str
    points: float
    checks: tuple[Check, ...]
    rows: list[Row] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    seconds: float = 0.0
    notes: list[str] = field(default_factory=list)  # what nothing shows to work; no fault
    unexplained: frozenset[str] = frozenset()  # parts whose trainings are too long to be repeated on each mistake


def cells(matrix: Matrix, row: Row) -> tuple[Cell, ...]:
    """What each check says of a row, in the order of the checks."""
    return tuple(
        _cell(row, check.part, verdict, diagnosis)
        for check, verdict, diagnosis in zip(matrix.checks, row.verdicts, row.diagnoses, strict=True)
    )


def _cell(row: Row, part: str, verdict: Verdict, diagnosis: str) -> Cell:
    if verdict is Verdict.INFRA:
        return Cell.UNJUDGED
    if part in row.unreached:
        return Cell.UNREACHED
    if verdict is Verdict.PASSED:
        return Cell.ASTRAY if row.kind == "starter" else Cell.PASSED
    if verdict is Verdict.BLOCKED and row.kind == "mistake":
        return Cell.BLOCKED
    if part not in row.parts or (row.kind == "mistake" and diagnosis not in ("", row.family)):
        return Cell.ASTRAY
    return Cell.DIAGNOSED if diagnosis else Cell.LOST


def as_json(matrix: Matrix) -> dict[str, object]:
    """The matrix as plain data."""
    return {
        "homework": matrix.homework,
        "points": matrix.points,
        "seconds": round(matrix.seconds, 3),
        "checks": [{"name": c.name, "part": c.part, "points": c.points} for c in matrix.checks],
        "rows": [asdict(row) for row in matrix.rows],
        "faults": matrix.faults,
        "notes": matrix.notes,
    }
