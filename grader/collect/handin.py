"""One hand-in, and its owner as far as its source says."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class Owner:
    """A person, or a team, as a learning platform names them. Any of it may be empty."""

    id: str = ""
    name: str = ""
    email: str = ""
    account: str = ""  # platform and its own number for them, as "moodle 12": tells apart people of one name


@dataclass(frozen=True)
class HandIn:
    """What one student or team handed in at one time."""

    name: str  # safe as a folder name; unique within a run
    sha256: str  # of its files, which the run keeps; of `problem` where it could not be taken in
    origin: str
    problem: str = ""  # why it could not be taken in, a sentence for the student
    owners: tuple[Owner, ...] = ()
    attempt: int = 1
    submitted_at: datetime | None = None
    ignored: tuple[str, ...] = field(default=(), compare=False)
    late: bool = field(default=False, compare=False)  # its platform says so, whatever it says of when
    note: str = field(default="", compare=False)  # what its reports say of it: that a file stands for another
    is_fault: bool = False  # `problem` is the grader's: it has no grade, which is not 0
