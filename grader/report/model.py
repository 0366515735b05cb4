"""`report.json`: the versioned model, and the two views of it, the student's and the staff's.

The file is strict JSON: an infinite error is the string "Infinity".
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from grader.outcome import Diagnosis, Evidence, Provenance, Verdict

SCHEMA_VERSION = 1


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, ser_json_inf_nan="strings")


class PartReport(_Model):
    """One part of the assignment and the points it brought, those of withheld checks included."""

    name: str
    title: str
    score: float | None  # None where the grader failed on one of its checks
    max_score: float


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
    visibility: str = "visible"
    seconds: float = 0.0
    number: str | None = None
    tags: tuple[str, ...] = ()
    hide_errors: str | None = None  # what students read in place of the message; None in their view
    staff_detail: str | None = None  # None in the student's view


class Withheld(_Model):
    """Checks that this view leaves out, as a count, so that nobody reads "all passed" where some failed unseen."""

    checks: int
    max_score: float


class Report(_Model):
    """The grade report of one submission. `score` is None exactly when the grader, not the student, failed."""

    schema_version: int = SCHEMA_VERSION
    assignment: str
    title: str
    submission: str
    score: float | None
    max_score: float
    problem: str = ""
    parts: tuple[PartReport, ...]
    checks: tuple[CheckReport, ...]
    withheld: Withheld | None = None  # None in the staff's view, and only there
    faults: tuple[str, ...] = ()  # why there is no score, for staff; empty in the student's view
    provenance: Provenance
    seed: str | None = None  # None in the student's view
