"""A run's folder: its settings, where its ledger is, and a lock so that only one grader works in it.

RUN/<name>/                 reports for the student
RUN/_staff/<name>/          reports for staff
RUN/_staff/.handed_in/      the submissions' files, by hash
RUN/_staff/run.json         which homework, course and ledger, and where it is graded
RUN/_staff/waits.log        waits that timed out, if any: they explain why a machine is slow
RUN/ledger.sqlite           every grade ever given, unless the ledger is elsewhere
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import uuid
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

from grader.errors import GraderError, UsageError
from grader.homework import Homework
from grader.ledger.database import shown
from grader.report.write import STAFF, write
from grader.sandbox.where import WhereToGrade
from grader.spec import Course, load_course

LEDGER = "ledger.sqlite"
SETTINGS = "run.json"
ROSTER = "roster.csv"  # as it was given last: what a platform gave, it gets back


@dataclass(frozen=True)
class Settings:
    """What a run's folder says of the run."""

    key: str
    homework: str
    course: str
    ledger: str  # a path within the folder, or an address
    where: WhereToGrade = field(default_factory=WhereToGrade)  # as it was asked for last


def course_of(homework: Homework) -> Course:
    """The homework's `course.toml`; a course without one has every default."""
    folder = homework.public.parent
    return load_course(folder) if (folder / "course.toml").is_file() else Course(name="A course")


def read_settings(folder: Path) -> Settings | None:
    """What a run's folder says; None where it is no run's. Raises `GraderError` for what cannot be read."""
    path = folder / STAFF / SETTINGS
    try:
        said = json.loads(path.read_text("utf-8"))
        return Settings(**{**said, "where": WhereToGrade(**said.get("where", {}))})
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise GraderError(f"{path} cannot be read: {error}") from error


def settings_of(folder: Path) -> Settings:
    """What a run's folder says. Raises `UsageError` where it is no run's, `GraderError` for what cannot be read."""
    settings = read_settings(folder)
    if settings is None:
        raise UsageError(f"{folder} is no run's folder: `grader grade … -o {folder}` makes one")
    return settings


def kept_roster(folder: Path) -> str:
    """The text of the roster that was given last; "" where there is none."""
    try:
        return (folder / STAFF / ROSTER).read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


def settle_settings(folder: Path, homework: Homework, where: WhereToGrade, ledger: str | None) -> Settings:
    """The folder's settings, made where it has none yet. Raises `UsageError` if it is another homework's."""
    course = str(homework.public.parent.parent.resolve())
    before = read_settings(folder)
    if before is not None and before.homework != homework.assignment.name:
        raise UsageError(f"{folder} holds a run of {before.homework}: choose another folder with -o")
    key = before.key if before else uuid.uuid4().hex
    # The password, if any, is not kept: libpq finds it in ~/.pgpass or PGPASSWORD.
    chosen = shown(ledger) if ledger is not None else before.ledger if before else LEDGER
    if ledger is not None and "://" not in ledger:
        chosen = str(Path(ledger).resolve())
    settings = Settings(key, homework.assignment.name, course, chosen.replace(":***@", "@"), where)
    if settings != before:
        (folder / STAFF).mkdir(mode=0o700, parents=True, exist_ok=True)
        write(folder / STAFF / SETTINGS, json.dumps(asdict(settings), indent=2) + "\n", mode=0o600)
    return settings


def ledger_address(folder: Path, settings: Settings, given: str | None = None) -> str | Path:
    """Where the run's ledger is."""
    if given is not None and "://" in given:
        return given  # with its password
    return settings.ledger if "://" in settings.ledger else folder / settings.ledger


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Keep other graders out of a run's folder. Raises `GraderError` where one is at work."""
    (folder / STAFF).mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / STAFF / ".lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.seek(0)
            raise GraderError(
                f"another grader (process {lock.read().strip() or 'unknown'}) is at work in {folder}. Wait for it."
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def sweep(folder: Path) -> None:
    """Remove what a run that was killed left half-written."""
    for pattern in ("*/.*.tmp", f"{STAFF}/*/.*.tmp", f"{STAFF}/.*.tmp"):
        for path in folder.glob(pattern):
            path.unlink(missing_ok=True)
