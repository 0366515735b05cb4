"""A run's folder with a ledger, hand-ins and grades in it, without anything being graded: a moment instead of seconds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from grader.collect.handin import HandIn
from grader.collect.roster import Person
from grader.homework import load_homework
from grader.judging.environment import Environment
from grader.ledger.ledger import Ledger
from grader.outcome import Check, Grading, Outcome, Verdict
from grader.report.build import build
from grader.report.model import Report
from grader.run.classrun import ClassRun, open_run
from grader.run.enter import Said, enter
from grader.run.folder import ledger_address, settle_settings
from grader.sandbox.where import ANYWHERE
from tests.grader.course import write_course
from tests.grader.report import samples

NOW = datetime(2027, 3, 21, tzinfo=UTC)
HERE = Environment({}, ANYWHERE)


@contextmanager
def opened(folder: Path) -> Iterator[ClassRun]:
    """The run in `folder`, made with its course if it is not there."""
    course = folder.parent / "course"
    if not course.exists():
        write_course(course)
    homework = load_homework(course, "hw0")
    folder.mkdir(exist_ok=True)
    settings = settle_settings(folder, homework, ANYWHERE, None)
    with Ledger(ledger_address(folder, settings)) as ledger:
        yield open_run(folder, homework, ledger, settings, HERE, None)


def report(classrun: ClassRun, name: str, score: float | None) -> Report:
    """A report in which both parts have so many points, at most 3 and 2; None: the grader failed."""
    outcomes = []
    left = score or 0.0
    for part in classrun.homework.assignment.checked_parts:
        earned = min(left, part.points)
        left -= earned
        verdict = Verdict.INFRA if score is None else Verdict.PASSED if earned == part.points else Verdict.FAILED
        check = Check(f"test_{part.name}", part.name, part.title, part.points)
        outcomes.append(Outcome(check, verdict, earned))
    grading = Grading(name, tuple(outcomes), samples.provenance(), seed="ab")
    return build(classrun.homework.assignment, grading)


def give(classrun: ClassRun, scores: Mapping[str, float | None], now: datetime = NOW) -> None:
    """Grade hand-ins, by their names."""
    classrun.ledger.note_key(classrun.manifest, classrun.homework.suite_sha256, classrun.environment)
    for one in classrun.ledger.hand_ins(classrun.run):
        if one.hand_in.name in scores:
            made = report(classrun, one.hand_in.name, scores[one.hand_in.name])
            late = classrun._lates([one])[one.id]
            classrun._note(one, made, late, now, preview=False, page=False)


def made(
    folder: Path, hand_ins: Sequence[HandIn], roster: Sequence[Person], scores: Mapping[str, float | None]
) -> Path:
    """A run with these hand-ins, students and points."""
    with opened(folder) as classrun:
        named = [replace(one, sha256=f"{number:064}") for number, one in enumerate(hand_ins)]
        enter(classrun, named, Said(list(roster)))
        give(classrun, scores)
        classrun.settle(NOW)
    return folder
