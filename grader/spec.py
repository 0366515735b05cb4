"""What staff write: `course.toml` and `assignment.toml`, read into validated models.

An assignment.toml is public (students receive it): put nothing secret in it.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Literal, Self, TypeVar
from zoneinfo import ZoneInfo

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    ValidationError,
    field_validator,
    model_validator,
)

from grader.errors import UsageError

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
SHEET_COLUMNS = frozenset({"id", "name", "section", "team", "hand_in", "comment", "marked_by", "mark"})
DATA_BYTES = 64_000_000  # of all data files of a homework: each fork writes them to its own folder
M = TypeVar("M", bound=BaseModel)
Points = Annotated[float, Field(gt=0, le=10_000)]


_UNITS = {"min": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
_MOST_TIME = timedelta(days=366)


def _duration(said: object) -> timedelta:
    found = re.fullmatch(r"([0-9]{1,6}) ?(min|h|d)", said) if isinstance(said, str) else None
    time = int(found[1]) * _UNITS[found[2]] if found else timedelta()
    if not timedelta() < time <= _MOST_TIME:
        raise ValueError(f'{said!r} is no time up to {_MOST_TIME.days} days: write "30min", "12h" or "2d"')
    return time


Duration = Annotated[timedelta, BeforeValidator(_duration)]


class SpecError(UsageError):
    """An assignment or course file that cannot be used; the message is a sentence for its author."""


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Limits(_Model):
    """What one submission may use. Seconds are wall clock, held by the judge."""

    import_seconds: float = Field(10, gt=0, le=600)
    call_seconds: float = Field(10, gt=0, le=3600)
    submission_seconds: float = Field(120, gt=0, le=86_400)
    memory_mb: int = Field(1024, ge=64, le=1_000_000)
    processes: int = Field(32, ge=1, le=4096)
    reply_mb: int = Field(64, ge=1, le=1024)
    files_mb: int = Field(64, ge=1, le=10_000)  # what the submission may write to its own /tmp


class LatePolicy(_Model):
    """What becomes of work that is handed in after it was due. Days are counted by the clock on the course's wall."""

    accepted: bool = True  # false: only what late days of the term's budget cover
    grace_minutes: float = Field(0, ge=0, le=1440)  # after the due date; within them nothing is late
    percent_per_day: float = Field(0, ge=0, le=100)  # of the assignment's points, for each started day
    at_most_percent: float = Field(100, ge=0, le=100)
    last_day: int | None = Field(None, ge=1, le=366)  # later than so many days after the due date: not accepted


class Training(_Model):
    """What one training of a network works with. The judge holds the seconds; the epochs are for the student."""

    data: Name = "digits"  # a profile of `grader/data/`
    seconds: float = Field(60, gt=0, le=86_400)  # wall clock, of one training
    epochs: int = Field(10, ge=1, le=10_000)  # what the student's function is told


class Sandbox(_Model):
    """What a submission finds beside Python, torch and numpy."""

    # Distributions ("scikit-learn"), or modules of theirs ("scipy.stats"), of the judge's own environment.
    packages: tuple[Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")], ...] = ()
    # Files of the public folder, which lie beside the submission; it cannot change anybody else's.
    data: tuple[Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_-]*[\w./-]*$", max_length=200)], ...] = Field(
        (), max_length=16
    )

    @field_validator("data")
    @classmethod
    def _are_data(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        for name in names:
            if ".." in name or name.endswith((".py", "/")):
                raise ValueError(f"{name!r} is no data file: it is a module, a folder, or leads out of the homework's")
        return names


class RubricItem(_Model):
    """What a person may find in a part that is graded by hand, at a fixed price."""

    name: Name
    points: float = Field(ge=-10_000, le=10_000)  # given, or with a minus sign taken; 0 for a remark
    text: str = Field(min_length=1, max_length=300)  # what the student reads


class OnPortal(_Model):
    """How often a student may hand in on the portal: an attempt takes a token, and tokens come back with time."""

    tokens: int | None = Field(None, ge=1, le=1000)  # that a student has at most; None: as many attempts as they like
    one_every: Duration | None = None  # the time in which one token comes back
    never_empty: Duration | None = None  # before the student's due date: who has no token may hand in all the same
    beyond: Literal["refused", "score only"] = "refused"  # what becomes of an attempt without a token

    @model_validator(mode="after")
    def _make_sense(self) -> Self:
        if self.tokens is None and self.model_fields_set:
            raise ValueError(f"{min(self.model_fields_set)} needs tokens: say how many a student has")
        if self.tokens is not None and self.one_every is None:
            raise ValueError('tokens needs one_every: say in what time one comes back, as in one_every = "12h"')
        return self


class Part(_Model):
    """One graded part: its checks' weights add up to its points, or people mark it by its items."""

    name: Name
    title: str = Field(min_length=1, max_length=120)
    points: Points
    extra: bool = False  # extra credit: its points come on top of the assignment's
    needs: tuple[Name, ...] = ()  # parts before it: if nothing in one of them is right, this one is not asked
    examples: Literal["always", "after_due_date", "never"] = "always"  # whether reports show where it is wrong
    graded: Literal["by checks", "by hand"] = "by checks"
    items: tuple[RubricItem, ...] = Field((), max_length=100)  # of a part by hand
    section: str | None = Field(None, max_length=200)  # the handout's heading; found in README.md where it is not given

    @property
    def shown_title(self) -> str:
        """The title as reports have it."""
        return f"{self.title} (extra credit)" if self.extra else self.title

    @property
    def is_by_hand(self) -> bool:
        """Whether people mark it, and no check asks about it."""
        return self.graded == "by hand"

    @property
    def starts_at(self) -> float:
        """The points of a part by hand without any item: none if an item gives some, else all."""
        return 0.0 if any(item.points > 0 for item in self.items) else self.points

    @model_validator(mode="after")
    def _items_fit(self) -> Self:
        if not self.is_by_hand:
            if self.items:
                raise ValueError(f'part {self.name!r} has items: only a part that is graded = "by hand" does')
            return self
        if not self.items:
            raise ValueError(f"part {self.name!r} is graded by hand: list its [[parts.items]]")
        if self.needs:
            raise ValueError(f"part {self.name!r} is graded by hand: it cannot need other parts")
        repeated = [name for name, n in Counter(item.name for item in self.items).items() if n > 1]
        if repeated:
            raise ValueError(f"item {repeated[0]!r} of part {self.name!r} is listed twice")
        if taken := {item.name for item in self.items} & SHEET_COLUMNS:
            raise ValueError(f"an item cannot be called {min(taken)!r}: a column of the rubric's sheet is")
        most = self.starts_at + sum(item.points for item in self.items if item.points > 0)
        if most < self.points - 1e-9:
            raise ValueError(f"the items of part {self.name!r} give {most:g} points at most, of its {self.points:g}")
        return self


class Assignment(_Model):
    """One homework, as `assignments/<name>/assignment.toml` states it."""

    schema_version: int = Field(1, ge=1, le=1)
    name: Name
    title: str = Field(min_length=1, max_length=120)
    points: Points
    opens: AwareDatetime | None = None  # when the class gets it: "+50 %" of its time is counted from here
    due: AwareDatetime | None = None
    late: LatePolicy | None = None  # None: the course's
    attempts: Literal["latest", "best"] = "latest"  # which of a student's several attempts counts
    # its address: reports link to its sections
    handout: str | None = Field(None, pattern=r"^https?://[^\s\"'<>]+$")
    hours: str = Field("", max_length=40)  # that students should expect to need, in words: "8 to 12"
    files: tuple[Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*\.py$")], ...] = Field(min_length=1)
    mutation_floor: float = Field(0, ge=0, le=1)  # share of the reference's mutants that the hidden suite must notice
    whole_module: bool = False  # a module that fails anywhere when it is loaded is not graded at all
    # Operators of torch ("*conv2d*"), or functions of Python's libraries by a dotted name ("numpy.argmax").
    banned: tuple[Annotated[str, Field(pattern=r"^([a-z0-9_*:]+|[A-Za-z_]\w*(\.[\w*]+)+)$")], ...] = ()
    limits: Limits = Limits()
    sandbox: Sandbox = Sandbox()
    training: dict[Name, Training] = Field(default_factory=dict)
    portal: OnPortal = OnPortal()
    parts: tuple[Part, ...] = Field(min_length=1)
    _folder: Path = PrivateAttr(Path())

    @property
    def data_files(self) -> dict[str, Path]:
        """The data files of the sandbox, by the name that submissions open them by."""
        return {name: self._folder / name for name in self.sandbox.data}

    @property
    def checked_parts(self) -> tuple[Part, ...]:
        """The parts that the hidden suite grades."""
        return tuple(part for part in self.parts if not part.is_by_hand)

    @property
    def parts_by_hand(self) -> tuple[Part, ...]:
        """The parts that people mark."""
        return tuple(part for part in self.parts if part.is_by_hand)

    @property
    def module(self) -> str:
        """The module that the suite's `student` fixture stands for: the first file's name without `.py`."""
        return self.files[0].removesuffix(".py")

    def is_past_due(self, now: datetime) -> bool:
        """Whether `now` lies after the due date; an assignment without one is never past due."""
        return self.due is not None and now > self.due

    @model_validator(mode="after")
    def _portal_fits(self) -> Self:
        if self.portal.never_empty is not None and self.due is None:
            raise ValueError("portal.never_empty is counted back from the due date, and there is none: give it, or due")
        return self

    @model_validator(mode="after")
    def _trainings_fit(self) -> Self:
        for name, one in self.training.items():
            if one.seconds > self.limits.submission_seconds:
                raise ValueError(f"training.{name}: {one.seconds:g} s are more than limits.submission_seconds")
        if len({one.data for one in self.training.values()}) > 1:
            raise ValueError("training: all trainings of an assignment use the same data")
        return self

    @model_validator(mode="after")
    def _parts_add_up(self) -> Self:
        repeated = [name for name, n in Counter(part.name for part in self.parts).items() if n > 1]
        if repeated:
            raise ValueError(f"part {repeated[0]!r} is listed twice")
        before: set[str] = set()
        for part in self.parts:
            if unknown := [name for name in part.needs if name not in before]:
                raise ValueError(f"part {part.name!r} needs {unknown[0]!r}, which is no part before it with checks")
            if not part.is_by_hand:
                before.add(part.name)
        if not before:
            raise ValueError("every part is graded by hand; at least one needs checks")
        total = sum(part.points for part in self.parts if not part.extra)
        if abs(total - self.points) > 1e-9:
            more = "; those of extra parts do not count" if any(part.extra for part in self.parts) else ""
            raise ValueError(f"the parts' points add up to {total:g}, but the assignment has {self.points:g}{more}")
        return self


class Course(_Model):
    """`assignments/course.toml`."""

    name: str = Field(min_length=1, max_length=120)
    time_zone: str = "UTC"
    grader: str | None = Field(None, pattern=r"^\d+(\.\d+)*$")  # the version of the grader that the course is made for
    late: LatePolicy = LatePolicy()
    late_days: int = Field(0, ge=0, le=366)  # per student, for all homeworks of the term together

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError(f"{zone!r} is no IANA time zone") from error
        return zone


def _read(model: type[M], path: Path) -> M:
    try:
        return model.model_validate(tomllib.loads(path.read_text("utf-8")))
    except FileNotFoundError:
        raise SpecError(f"{path} does not exist") from None
    except (OSError, UnicodeDecodeError) as error:
        raise SpecError(f"{path} cannot be read: {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise SpecError(f"{path} is not valid TOML: {error}") from error
    except ValidationError as error:
        faults = "; ".join(_fault(e["loc"], e["msg"]) for e in error.errors())
        raise SpecError(f"{path}: {faults}") from error


def _fault(where: tuple[int | str, ...], message: str) -> str:
    message = message.removeprefix("Value error, ")
    if message == "Extra inputs are not permitted":
        message = "unknown key"
    place = ".".join(map(str, where))
    return f"{place}: {message}" if place else message


def load_assignment(folder: Path) -> Assignment:
    """Read `folder/assignment.toml`. Raises `SpecError` with a sentence for the author."""
    path = folder / "assignment.toml"
    assignment = _read(Assignment, path)
    if assignment.name != folder.resolve().name:
        raise SpecError(f"{path}: name is {assignment.name!r}, but the folder is {folder.resolve().name!r}")
    assignment._folder = folder.resolve()  # noqa: SLF001 - one file's friends
    size = 0
    for name, file in assignment.data_files.items():
        if not file.is_file() or not (bytes_ := file.stat().st_size):
            raise SpecError(f"{path}: sandbox.data: {name} is no file of {folder}, or is empty")
        size += bytes_
    if size > DATA_BYTES:
        raise SpecError(f"{path}: sandbox.data: the files have {size:,} bytes; {DATA_BYTES:,} are allowed")
    return assignment.model_copy(update={"parts": _with_sections(assignment.parts, folder / "README.md")})


def _with_sections(parts: tuple[Part, ...], handout: Path) -> tuple[Part, ...]:
    """The parts with their headings in the handout: by title, else the numbered heading of the part's place."""
    try:
        headings = re.findall(r"^##+ +(.+?) *$", handout.read_text("utf-8"), re.MULTILINE)
    except (OSError, UnicodeDecodeError):
        return parts
    by_title = {re.sub(r"^\d+\. ", "", heading): heading for heading in headings}
    by_number = {heading.partition(".")[0]: heading for heading in headings if re.match(r"\d+\. ", heading)}
    return tuple(
        part.model_copy(update={"section": part.section or by_title.get(part.title) or by_number.get(str(i))})
        for i, part in enumerate(parts, 1)
    )


def load_course(folder: Path) -> Course:
    """Read `folder/course.toml`. Raises `SpecError` with a sentence for the author."""
    return _read(Course, folder / "course.toml")
