"""What the portal says to programs, as JSON: `grader submit` and `grader status` read it by the same models."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from grader.outcome import Verdict


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True)  # a newer portal may say more than a reader knows


class Tokens(_Model):
    """What handing in takes."""

    left: int
    most: int
    next: datetime | None  # when one more comes
    lifted_until: datetime | None  # until then none is taken
    is_whole: bool  # an attempt now would show all that there is to see
    can_go_beyond: bool  # otherwise it may be handed in for its score only


class Homework(_Model):
    """A homework, and how far its student is."""

    name: str
    title: str
    due: datetime | None  # the student's own
    closed: str  # why an attempt now would count nothing; "" where it would
    attempts: int
    tokens: Tokens | None  # None: as many attempts as one likes
    score: float | None  # so far
    max_score: float


class Homeworks(_Model):
    """All that are open."""

    course: str
    time_zone: str
    late_days: int  # of the term's, that are left
    homeworks: tuple[Homework, ...]


class Draft(_Model):
    """An upload, before it counts."""

    number: int
    files: tuple[tuple[str, int], ...]  # name and bytes
    ignored: tuple[str, ...]
    missing: dict[str, tuple[str, ...]]  # the starter's functions that are not there, by file
    wanted: int  # how many the starter has
    fault: str  # where the syntax is wrong
    note: str
    late: str  # how late it is, and what that takes; "" where it is on time
    tokens: Tokens | None


class Check(_Model):
    """A check as the student's report has it."""

    name: str
    part: str
    sentence: str
    verdict: Verdict
    score: float | None
    max_score: float
    message: str


class HandIn(_Model):
    """An attempt, and what is known of it by now."""

    number: int
    homework: str
    attempt: int
    state: str
    place: int  # in the line; 0 where it is not in it
    is_paused: bool  # staff have to look at grading first
    is_score_only: bool
    checks: tuple[Check, ...]  # so far
    score: float | None  # without parts that nobody has marked; None where there is none yet
    max_score: float
    page: str  # its address
