"""A course as the portal shows it, and where its grades and reports lie: a run's folder for each homework.

STATE/portal.sqlite        accounts, the queue, requests, the audit log
STATE/ledger.sqlite        every grade, of all homeworks
STATE/roster.csv           as it was given last
STATE/runs/<homework>/     as `grader grade -o` writes it
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

import grader
from grader.collect.roster import Person, read_roster
from grader.homework import Homework, homework_names, load_homework
from grader.judging.late import Lateness, lateness
from grader.report.model import Report, Since
from grader.report.text import out_of
from grader.report.write import STAFF, folder_name
from grader.run.folder import course_of
from grader.spec import Assignment, Course

CODE = (
    "import runpy, sys; sys.path[:0] = [{engine!r}]; runpy.run_module({module!r}, run_name='__main__', alter_sys=True)"
)
LEDGER, ROSTER, RUNS = "ledger.sqlite", "roster.csv", "runs"


def ours(module: str, *arguments: object) -> list[str]:
    """The command that runs a module of ours in a process of its own, wherever this one was started."""
    code = CODE.format(engine=str(Path(grader.__file__).resolve().parent.parent), module=module)
    return [sys.executable, "-c", code, *map(str, arguments)]


def run_folder(state: Path, homework: str) -> Path:
    """Where a homework's reports are."""
    return state / RUNS / homework


def people(state: Path, homework: str = "") -> list[Person]:
    """The roster that was given last, with its extensions for this homework; empty where there is none."""
    path = state / ROSTER
    try:
        return list(_people(path, homework, path.stat().st_mtime_ns))
    except FileNotFoundError:
        return []


@lru_cache(maxsize=32)
def _people(path: Path, homework: str, _changed: int) -> tuple[Person, ...]:
    return tuple(read_roster(path, homework))


@dataclass(frozen=True)
class Result:
    """What lists say of a report, which is itself too large to be kept."""

    score: float | None  # so far; None where there is no grade
    max_score: float
    since: Since | None
    is_so_far: bool = False  # a part is not marked yet

    @property
    def shown(self) -> str:
        """The points in words; nothing where there is no grade."""
        return "" if self.score is None else out_of(self.score, self.max_score) + " so far" * self.is_so_far


@dataclass(frozen=True)
class Place:
    """A course's files, and the portal's."""

    root: Path
    state: Path
    course: Course
    homeworks: Mapping[str, Homework]

    @classmethod
    def of(cls, root: Path, state: Path) -> Place:
        """Read a course. Raises `SpecError`."""
        found = [load_homework(root, name) for name in homework_names(root)]
        found.sort(key=lambda one: (one.assignment.due is None, one.assignment.due, one.assignment.name))
        course = course_of(found[0]) if found else Course(name="A course")
        return cls(root, state, course, {one.assignment.name: one for one in found})

    @property
    def zone(self) -> ZoneInfo:
        """In which due dates are said."""
        return ZoneInfo(self.course.time_zone)

    def report_page(self, homework: str, name: str, *, for_staff: bool) -> Path:
        """Where a hand-in's report.html lies."""
        run = run_folder(self.state, homework)
        return (run / STAFF if for_staff else run) / folder_name(name) / "report.html"

    def report(self, homework: str, name: str) -> Result | None:
        """What a hand-in's report says, as its student may see it; None where there is none yet."""
        path = self.report_page(homework, name, for_staff=False).with_name("report.json")
        try:
            return _read(path, path.stat().st_mtime_ns)
        except FileNotFoundError:
            return None

    def is_open(self, assignment: Assignment) -> bool:
        """Whether the class has it by now."""
        return assignment.opens is None or assignment.opens <= datetime.now(UTC)

    def lateness(self, assignment: Assignment, moment: str, extension: float) -> Lateness:
        """How late a hand-in of this moment is, before late days: those are counted when it is graded."""
        policy = assignment.late or self.course.late
        return lateness(policy, assignment.due, datetime.fromisoformat(moment), self.zone, extension=extension)


@lru_cache(maxsize=10_000)
def _read(path: Path, _changed: int) -> Result:
    report = Report.model_validate_json(path.read_bytes())
    return Result(report.so_far, report.max_score, report.since, bool(report.unmarked))
