"""`report.json`: the versioned model, and the two views of it, the student's and the staff's.

The file is strict JSON: an infinite error is the string "Infinity".
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from grader.outcome import Asked, Diagnosis, Evidence, Example, Line, Measurement, Place, Provenance, Verdict

SCHEMA_VERSION = 1


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, ser_json_inf_nan="strings")


class ItemReport(_Model):
    """What a person found in a part by hand, and what it gives or, with a minus sign, costs."""

    name: str
    points: float
    text: str


class PartReport(_Model):
    """One part of the assignment and the points it brought, those of withheld checks included."""

    name: str
    title: str
    score: float | None  # None where the grader failed on one of its checks, or where nobody has marked it yet
    max_score: float
    section: str = ""  # its heading in the handout
    withheld: float = 0.0  # points of its checks that this view leaves out
    by_hand: bool = False  # people mark it
    items: tuple[ItemReport, ...] = ()  # that it has
    comment: str = ""  # of who marked it
    marked_by: str = ""  # staff's view only

    @property
    def is_unmarked(self) -> bool:
        """Whether people are to mark it, and have not."""
        return self.by_hand and self.score is None


class CheckReport(_Model):
    """One check as its reader may see it."""

    name: str
    part: str
    sentence: str
    verdict: Verdict
    score: float | None  # None where the grader failed
    max_score: float
    message: str = ""
    evidence: Evidence | None = None
    diagnosis: Diagnosis | None = None
    measurement: Measurement | None = None  # of a check that trained a network
    visibility: str = "visible"
    seconds: float = 0.0
    number: str | None = None
    tags: tuple[str, ...] = ()
    hide_errors: str | None = None  # what students read in place of the message; None in their view
    staff_detail: str | None = None  # None in the student's view
    place: Place | None = None  # on Gradescope's leaderboard; None in the student's view
    asked: Asked | None = None  # how the student's code was called; None where the check passed
    line: Line | None = None  # of the student's file
    example: Example | None = None  # the smallest one that was found for its cause


class AdjustmentReport(_Model):
    """Points that staff gave or took by hand."""

    points: float
    reason: str
    by: str = ""  # staff's view only


class Standing(_Model):
    """What becomes of the checks' points: lateness first, then what staff gave or took by hand."""

    score: float | None  # what counts in the end, without parts that nobody has marked; None where there is no grade
    deduction: float = 0.0  # points taken for lateness, not negative
    late_seconds: float = 0.0
    reason: str = ""  # how late, and what is taken for it; empty where the work was on time
    adjustments: tuple[AdjustmentReport, ...] = ()


class Withheld(_Model):
    """Checks that this view leaves out, as a count, so that nobody reads "all passed" where some failed unseen."""

    checks: int
    max_score: float
    until: str = ""  # ISO 8601: when those are shown that wait for the due date; empty where none does


class Since(_Model):
    """What an attempt won and lost beside the one before, names of checks, and the lines that differ."""

    attempt: str  # the name of the one before
    won: tuple[str, ...]
    lost: tuple[str, ...]
    lines: tuple[str, ...] = ()  # that were changed, as a unified diff


class Report(_Model):
    """The grade report of one submission. `score` is None exactly when the grader, not the student, failed."""

    schema_version: int = SCHEMA_VERSION
    assignment: str
    title: str
    submission: str
    score: float | None  # of the checks, and of the parts by hand that are marked; see `final`
    max_score: float
    problem: str = ""
    notes: tuple[str, ...] = ()  # what the reader should know of the submission: a file's name, a line that failed
    handout: str = ""  # its address, where the assignment names one
    since: Since | None = None  # None of a first attempt
    standing: Standing | None = None  # None where the checks' points are what counts
    parts: tuple[PartReport, ...]
    checks: tuple[CheckReport, ...]
    withheld: Withheld | None = None  # None in the staff's view, and only there
    faults: tuple[str, ...] = ()  # why there is no score, for staff; empty in the student's view
    provenance: Provenance
    seed: str | None = None  # None in the student's view

    @property
    def unmarked(self) -> tuple[PartReport, ...]:
        """The parts that people are to mark, and have not. Until then there is no final score."""
        return tuple(part for part in self.parts if part.is_unmarked)

    @property
    def so_far(self) -> float | None:
        """The points without unmarked parts, less what lateness took, and what staff gave by hand."""
        return self.standing.score if self.standing else self.score

    @property
    def final(self) -> float | None:
        """What counts in the end; None where the grader failed, or where a part is not marked yet."""
        return None if self.unmarked else self.so_far
