"""One student's standing in one homework: all that gradebook and class page are made from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from grader.report.model import PartReport, Report


@dataclass(frozen=True)
class Student:
    """A person on the roster, or one made up from a submission's name where there is no roster."""

    id: str  # the course's own: a matriculation or LMS number
    name: str = ""
    email: str = ""
    section: str = ""
    canvas_id: str = ""  # Canvas' own number of the person, which the names in its download zips hold
    sis_id: str = ""  # the university's, where a roster of Canvas' has both
    sis_login: str = ""  # what Canvas calls SIS Login ID
    on_roster: bool = True
    has_left: bool = False  # was on an earlier roster
    participant: str = ""  # Moodle's number of the student in this homework


@dataclass(frozen=True)
class Adjustment:
    """Points that a TA added or took by hand; it survives regrades."""

    points: float
    reason: str
    by: str


@dataclass(frozen=True)
class Entry:
    """The attempt of one student that counts in one homework. `score` is what the student gets in the end."""

    student: Student
    assignment: str
    max_score: float
    report: Report | None = None  # the staff's view; None where nothing was handed in, or it could not be taken in
    problem: str = ""  # why there is no report: "nothing handed in"
    attempt: str = ""  # the submission's name, as the ledger has it
    attempts: int = 0
    submitted_at: datetime | None = None
    late_seconds: float = 0.0
    deduction: float = 0.0  # points taken for lateness, not negative
    deduction_reason: str = ""
    adjustments: tuple[Adjustment, ...] = ()
    score: float | None = None  # None where there is no grade: the grader failed, nothing was handed in, or see below
    so_far: float | None = None  # the same, also while a part is not marked yet
    by_hand: tuple[PartReport, ...] = ()  # the parts that people mark, also of who handed nothing in
    is_earlier: bool = False  # the grader failed when it last graded this, and an earlier grade stands
    late_days_used: int = 0  # of the term's budget, on this homework
    late_days_left: int = 0  # after it
    extension: float = 0.0  # days after the due date
    page: str = ""  # the student's report.html, relative to the run's folder; empty where there is none

    @property
    def parts(self) -> tuple[PartReport, ...]:
        """The parts that have points, or wait to be marked."""
        return self.report.parts if self.report is not None else self.by_hand

    @property
    def waits(self) -> bool:
        """Whether there is no score only because a part is not marked yet."""
        return self.score is None and self.so_far is not None
