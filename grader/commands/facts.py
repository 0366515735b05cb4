"""`grader facts`: what assignment.toml and course.toml say to students, as a table in the handout.

The table stands in README.md between two comments, so that the handout never says something else than the grading does.
"""

from __future__ import annotations

import re
from datetime import datetime
from importlib.metadata import metadata
from pathlib import Path
from zoneinfo import ZoneInfo

from packaging.requirements import Requirement
from rich.console import Console

from grader.errors import GraderError, UsageError
from grader.homework import find_course, homework_names, load_homework
from grader.judging.bridge.examination import Overtime
from grader.judging.late import duration
from grader.run.folder import course_of
from grader.spec import Assignment, Course, LatePolicy, OnPortal

FINE, FALLS_SHORT = 0, 1
BEGIN, END = "<!-- facts: written by `grader facts` -->", "<!-- end of facts -->"
_BLOCK = re.compile(rf"{re.escape(BEGIN)}.*?{re.escape(END)}", re.DOTALL)


def run(course: Path, name: str | None, *, check: bool) -> int:
    """Write the facts into the handouts, or with `check` only say which are out of date. Returns the exit code."""
    root = find_course(course)
    console, stale = Console(), 0
    for each in [name] if name else homework_names(root):
        homework = load_homework(root, each)
        path = homework.public / "README.md"
        try:
            text = path.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"{path} cannot be read: {error}") from error
        new = with_facts(text, facts(homework.assignment, course_of(homework)))
        if new is None:
            raise UsageError(f"{path} has no place for the facts: put the lines {BEGIN} and {END} where they belong")
        if new == text:
            continue
        stale += 1
        if check:
            console.print(f"{path} is out of date: grader facts {each}", markup=False, highlight=False, soft_wrap=True)
            continue
        try:
            path.write_text(new, "utf-8")
        except OSError as error:
            raise GraderError(f"{path} cannot be written: {error.strerror}") from error
        console.print(f"{path}: written", markup=False, highlight=False, soft_wrap=True)
    return FALLS_SHORT if check and stale else FINE


def with_facts(text: str, table: str) -> str | None:
    """The handout with this table; None where it has no place for one."""
    if not _BLOCK.search(text):
        return None
    return _BLOCK.sub(lambda _: f"{BEGIN}\n\n{table}\n{END}", text, count=1)


def facts(assignment: Assignment, course: Course) -> str:
    """A Markdown table: due date, lateness, attempts, time to expect, versions, limits."""
    limits = assignment.limits
    rows = [
        ("due", _moment(assignment.due, course.time_zone) if assignment.due else "no due date"),
        ("late work", _late(assignment.late or course.late, course)),
        ("several attempts", {"latest": "the latest one counts", "best": "the best one counts"}[assignment.attempts]),
        ("tokens on the portal", _tokens(assignment.portal)),
        ("hours to expect", assignment.hours),
        ("at home", f"{_version('python')} with {_version('torch')} and pytest"),
        ("when graded", "torch, numpy and Python's own library; no network, no matplotlib, no scipy"),
        ("limit of the import", f"{limits.import_seconds:g} s"),
        ("limit of a call", _calls(limits.call_seconds)),
        ("memory", f"{limits.memory_mb:,} MB beside the loaded torch"),
    ]
    for seconds in sorted({one.seconds for one in assignment.training.values()}):
        rows.insert(-1, ("limit of a training", f"{seconds:g} s"))
    lines = [f"| {key} | {value} |" for key, value in rows if value]
    return "\n".join(["| | |", "|---|---|", *lines, ""])


def _tokens(rules: OnPortal) -> str:
    if rules.tokens is None or rules.one_every is None:
        return ""
    beyond = "without one only the score is shown" if rules.beyond == "score only" else "without one nothing is taken"
    every = duration(rules.one_every.total_seconds())
    return f"{rules.tokens} at most, and one comes back every {every}; an attempt takes one, and {beyond}"


def _calls(seconds: float) -> str:
    together = Overtime(seconds).left
    return (
        f"{seconds:g} s. Calls that take longer may cost {together:g} s together; after that, a function that was too "
        "slow is not called again"
    )


def _moment(due: datetime, zone: str) -> str:
    local = due.astimezone(ZoneInfo(zone))
    return f"{local:%A}, {local.day} {local:%B %Y, %H:%M} ({zone})"


def _late(policy: LatePolicy, course: Course) -> str:
    days = f"{course.late_days} late days" if course.late_days != 1 else "one late day"
    own = f" Each student has {days} for all homeworks of the term." if course.late_days else ""
    grace = f" The first {policy.grace_minutes:g} minutes are not late." if policy.grace_minutes else ""
    if not policy.accepted:
        return f"is not accepted{', unless late days cover it' if own else ''}.{own}{grace}"
    last = f" Nothing is accepted after {policy.last_day} days." if policy.last_day else ""
    if not policy.percent_per_day:
        return f"costs no points.{last}{own}{grace}"
    most = f", at most {policy.at_most_percent:g} %" if policy.at_most_percent < 100 else ""
    return f"costs {policy.percent_per_day:g} % of the points for each day that has begun{most}.{last}{own}{grace}"


def _version(package: str) -> str:
    """What the grader itself asks for: "Python 3.11 or later", "torch 2.11 or later"."""
    known = metadata("grader")
    if package == "python":
        return f"Python {known['Requires-Python'].removeprefix('>=')} or later"
    wanted = next(one for one in map(Requirement, known.get_all("Requires-Dist") or []) if one.name == package)
    return f"{package} {str(wanted.specifier).removeprefix('>=')} or later"
