"""What staff decide when they make the archive, and what Gradescope says of a submission."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

METADATA_BYTES = 50_000_000  # every earlier submission's results are in it


@dataclass(frozen=True)
class Settings:
    """`settings.json` of the archive. `at_most` submissions are graded in any `hours`; 0 sets no limit."""

    homework: str
    at_most: int = 0
    hours: float = 24.0
    torch_index: str = ""

    @classmethod
    def read(cls, path: Path) -> Settings:
        """The settings in a file that `grader package gradescope` wrote."""
        return TypeAdapter(cls).validate_json(path.read_bytes())


class _Model(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Due(_Model):
    """The assignment, as Gradescope knows it: `due_date` is this student's, with an extension in it."""

    due_date: datetime | None = None


class Previous(_Model):
    """An earlier submission of this student's."""

    submission_time: datetime | None = None
    score: float | None = None
    autograder_error: bool = False
    results: dict[str, object] | None = None

    @property
    def leaderboard(self) -> list[object]:
        """Its places on the leaderboard, as results.json has them."""
        places = (self.results or {}).get("leaderboard")
        return [one for one in places if _is_place(one)] if isinstance(places, list) else []

    @property
    def was_graded(self) -> bool:
        """Whether it used up one of the submissions that a limit allows."""
        extra = (self.results or {}).get("extra_data")
        return not self.autograder_error and not (isinstance(extra, dict) and extra.get("refused"))


class Metadata(_Model):
    """`submission_metadata.json`. What it lacks, or has in a form that cannot be read, is None."""

    created_at: datetime | None = None
    assignment: Due = Due()
    previous_submissions: tuple[Previous, ...] = ()


def read_metadata(path: Path) -> tuple[Metadata, str]:
    """The metadata, and for staff what is wrong with them. What cannot be read costs a student nothing."""
    try:
        if path.stat().st_size > METADATA_BYTES:
            return Metadata(), f"{path.name} is larger than {METADATA_BYTES} bytes"
        metadata = Metadata.model_validate_json(path.read_bytes())
    except OSError as error:
        return Metadata(), f"{path.name} cannot be read: {error.strerror}"
    except ValidationError as error:
        return Metadata(), f"{path.name}: " + "; ".join(_faults(error))
    if metadata.created_at is None or metadata.created_at.tzinfo is None:
        return Metadata(), f"{path.name}: created_at is no time with a time zone"
    return metadata, ""


def _is_place(place: object) -> bool:
    value = place.get("value") if isinstance(place, dict) else None
    return isinstance(value, int | float) and math.isfinite(value)


def _faults(error: ValidationError) -> Iterator[str]:
    for one in error.errors(include_input=False, include_url=False):
        yield f"{'.'.join(map(str, one['loc']))}: {one['msg']}"


def refusal(settings: Settings, metadata: Metadata) -> str:
    """Why this submission is not graded, for the student; empty where it is. Only earlier graded ones count."""
    if not settings.at_most or metadata.created_at is None:
        return ""
    start = metadata.created_at - timedelta(hours=settings.hours)
    times = sorted(
        one.submission_time
        for one in metadata.previous_submissions
        if one.was_graded and one.submission_time is not None and one.submission_time.tzinfo is not None
    )
    recent = [time for time in times if start < time <= metadata.created_at]
    if len(recent) < settings.at_most:
        return ""
    again = recent[-settings.at_most] + timedelta(hours=settings.hours)
    return (
        f"Not graded: {len(recent)} submissions were graded in the last {settings.hours:g} hours, and the limit is "
        f"{settings.at_most}. The next one can be graded from {again:%a %d %b %Y %H:%M %Z} on. Your score stays."
    )


def last_graded(metadata: Metadata) -> Previous:
    """The last submission that was graded; one without a score where there was none."""
    graded = [
        one
        for one in metadata.previous_submissions
        if one.was_graded and one.score is not None and math.isfinite(one.score)
    ]
    dated = [one for one in graded if one.submission_time is not None and one.submission_time.tzinfo is not None]
    if len(dated) < len(graded):  # then the order that they are listed in has to do
        dated = graded
    else:
        dated.sort(key=lambda one: one.submission_time.timestamp() if one.submission_time else 0.0)
    return dated[-1] if dated else Previous()
