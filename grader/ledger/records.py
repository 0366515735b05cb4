"""What a ledger holds, as the program knows it, and how that becomes columns."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from grader.collect.handin import HandIn, Owner
from grader.gradebook.entry import Adjustment
from grader.report.marks import Mark
from grader.seed import Seed


@dataclass(frozen=True)
class Run:
    """One homework's run over one class."""

    id: int
    key: str
    assignment: str
    seed: Seed


@dataclass(frozen=True)
class Key:
    """What a grade depends on beside the submission."""

    judge: str
    environment: str
    seed_id: str


@dataclass(frozen=True)
class Kept:
    """A hand-in as the ledger has it, with its current grade."""

    id: int
    hand_in: HandIn
    students: tuple[str, ...]
    grade: int | None = None  # None where it was never graded
    page: str = ""  # names what its written report was made from
    given_at: str = ""  # when it was given its grade
    comments: tuple[str, ...] = ()  # what staff said about it


@dataclass(frozen=True)
class Given:
    """One line of the history: a hand-in got a grade."""

    name: str
    score: float | None
    max_score: float
    why: str
    given_at: str
    judge: str
    submission: str  # the SHA-256 of what was graded


@dataclass(frozen=True)
class Note:
    """An adjustment with its number in the ledger."""

    id: int
    student: str
    adjustment: Adjustment


@dataclass(frozen=True)
class Marked:
    """One line of the history of a student's part by hand."""

    id: int
    student: str
    part: str
    mark: Mark | None  # None where it was taken back
    by: str
    made_at: str


def values_of(hand_in: HandIn) -> dict[str, Any]:
    """The columns of a hand-in."""
    return {
        "name": hand_in.name,
        "sha256": hand_in.sha256,
        "problem": hand_in.problem,
        "origin": hand_in.origin,
        "owners": json.dumps([asdict(owner) for owner in hand_in.owners], ensure_ascii=False),
        "attempt": hand_in.attempt,
        "submitted_at": text(hand_in.submitted_at),
        "is_fault": hand_in.is_fault,
        "late": hand_in.late,
        "note": hand_in.note,
    }


def hand_in_of(row: Any) -> HandIn:
    """The hand-in of these columns."""
    return HandIn(
        row.name,
        row.sha256,
        row.origin,
        row.problem,
        tuple(Owner(**owner) for owner in json.loads(row.owners)),
        row.attempt,
        datetime.fromisoformat(row.submitted_at) if row.submitted_at else None,
        late=row.late,
        note=row.note,
        is_fault=row.is_fault,
    )


def text(moment: datetime | None) -> str | None:
    """A moment as the ledger has it: texts of UTC sort as the moments do."""
    return None if moment is None else moment.astimezone(UTC).isoformat(timespec="microseconds")
