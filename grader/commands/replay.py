"""`grader replay`: repeat one grading from its staff report, and say whether it comes out the same, bit for bit.

Verdicts, points, messages, evidence and diagnoses are compared; times are not. First the suite, torch and the tier are
compared with the report's: if the result differs, a difference there may be the reason.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pydantic
from rich.console import Console

from grader.collect.collect import collect
from grader.collect.store import Store
from grader.errors import GraderError, UsageError
from grader.homework import Homework, find_course, load_homework
from grader.intake.submission import Rejected, Submission, find_submissions
from grader.judging import session
from grader.judging.scoring import add
from grader.judging.training import Trainings
from grader.outcome import Grading
from grader.report.build import build
from grader.report.model import CheckReport, Report
from grader.report.text import count, plain, points
from grader.report.write import STAFF
from grader.run.folder import read_settings
from grader.sandbox.opening import open_sandbox, open_trainer
from grader.sandbox.tiers import TIERS, offered
from grader.sandbox.where import ANYWHERE, WhereToGrade
from grader.seed import Seed

FINE, FALLS_SHORT = 0, 1
SHOWN = 10  # differences that are spelt out


@dataclass(frozen=True)
class Difference:
    """Something that came out otherwise."""

    where: str
    before: str
    after: str


def run(path: Path, places: Sequence[Path], course: Path | None, where: WhereToGrade) -> int:
    """Repeat the grading of a staff report. Returns 0 if it comes out the same, 1 if not.

    `where` says where, instead of the report, if it names a tier or an engine.
    """
    console = Console()
    report = read_report(path)
    homework = load_homework(course_around(path) if course is None else find_course(course), report.assignment)
    submission = replace(find(report, path, places, homework), whose=report.provenance.whose)
    again = repeat(report, submission, homework, place_of(report, where))
    for note in notes(report, again, homework):
        console.print(note, style="yellow", markup=False, highlight=False)
    if again.score is None:
        raise GraderError("the grader failed while it repeated the grading: " + "; ".join(again.faults))
    found = differences(report, again)
    name = plain(report.submission, one_line=True)
    if not found:
        console.print(
            f"{name}: the same, bit for bit: {points(again.score)} points, {count(len(again.checks), 'check')}.",
            style="green",
            markup=False,
        )
        return FINE
    console.print(f"{name}: not the same; {count(len(found), 'difference')}:", style="red", markup=False)
    for one in found[:SHOWN]:
        console.print(f"  {one.where}: {one.before} → {one.after}", markup=False, highlight=False)
    return FALLS_SHORT


def course_around(report: Path) -> Path:
    """The course that the report's run was graded by; without a run's folder around it, the nearest one."""
    for folder in report.resolve().parents:
        settings = read_settings(folder)
        if settings is not None and Path(settings.course).is_dir():
            return Path(settings.course)
    return find_course(Path())


def read_report(path: Path) -> Report:
    """A staff report. Raises `UsageError` for what is none, or is a student's, which has no seed."""
    try:
        report = Report.model_validate_json(path.read_bytes())
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from error
    except pydantic.ValidationError as error:
        raise UsageError(f"{path} is no report.json of this version of the grader") from error
    if report.seed is None:
        raise UsageError(f"{path} is a student's report; the seed is in the staff's, below {STAFF}/")
    if not report.provenance.submission_sha256:
        raise UsageError(f"{path} is of a submission that could not be read: there is nothing to repeat")
    return report


def find(report: Report, path: Path, places: Sequence[Path], homework: Homework) -> Submission:
    """The submission that was graded, by its hash: at `places`, or in the run's folder around the report."""
    sha256, name = report.provenance.submission_sha256, report.submission
    for submission in find_submissions(places, homework.assignment) if places else ():
        if not isinstance(submission, Rejected) and submission.sha256 == sha256:
            return replace(submission, name=name)
    for folder in path.resolve().parents:
        if (folder / STAFF).is_dir() and Store(folder).has(sha256):
            return Store(folder).get(sha256, name, str(folder))
    if places:  # a platform's download, perhaps
        hand_ins = collect(places, homework.assignment, None, path).hand_ins
        if any(one.sha256 == sha256 for one in hand_ins):
            raise UsageError("the submission is in a platform's download: grade that into a folder first, then replay")
    where = ", ".join(map(str, places)) or "the run's folder"
    raise UsageError(f"the submission that was graded ({sha256[:16]}…) is not in {where}; say where it is")


def place_of(report: Report, where: WhereToGrade = ANYWHERE) -> WhereToGrade:
    """Where to repeat it: where it is asked for, else where it was graded, else in the best tier that there is.

    Raises `InfraError` with what is missing, `UsageError` where tier and engine do not belong together.
    """
    if not where.tier and not where.engine:
        was = report.provenance.isolation
        there = was in TIERS and not TIERS[was].missing(where)
        where = replace(where, tier=was if there else None)
    device = "cuda" if report.provenance.device.startswith("cuda") else "cpu"
    return replace(where, tier=offered(where).NAME, device=device)


def notes(report: Report, again: Report, homework: Homework) -> list[str]:
    """What was not as it was when the report was made, when it was repeated."""
    was, now = report.provenance, again.provenance
    found = []
    if was.suite_sha256 != homework.suite_sha256:
        found.append("The hidden suite, the reference or assignment.toml was changed since.")
    if was.torch != now.torch:
        found.append(f"It was graded with torch {was.torch}; this is {now.torch}.")
    if was.device != now.device:
        found.append(f"Networks were trained on {was.device}, and now on {now.device}.")
    if was.isolation != now.isolation:
        found.append(f"It was graded in the tier {was.isolation}, and repeated in {now.isolation}.")
    return found


def repeat(report: Report, submission: Submission, homework: Homework, where: WhereToGrade | None = None) -> Report:
    """Grade it once more, with the same inputs. Returns the staff's report."""
    gradings: list[Grading] = []
    where = where or place_of(report)
    seed = Seed(bytes.fromhex(report.seed or ""))
    assignment = homework.assignment
    trainers = open_trainer(assignment, where, seed=seed) if where.trains_apart else contextlib.nullcontext()
    with open_sandbox(assignment, where, seed=seed) as zygote, trainers as trainer:
        trainings = Trainings.calibrated(homework, seed, trainer)
        session.grade(homework, [submission], zygote, on_graded=gradings.append, seed=seed, trainings=trainings)
    return build(homework.assignment, gradings[0])


def differences(one: Report, other: Report) -> list[Difference]:
    """What two reports of one submission do not agree on."""
    was, now = _of_checks(one), _of_checks(other)
    found = [] if was == now else [Difference("score", points(was), points(now))]
    before = {check.name: check for check in one.checks}
    after = {check.name: check for check in other.checks}
    for name in dict.fromkeys([*before, *after]):
        if name not in before or name not in after:
            found.append(Difference(name, *("there" if name in checks else "not there" for checks in (before, after))))
            continue
        for field in ("verdict", "score", "max_score", "message", "evidence", "diagnosis", "staff_detail"):
            was, now = getattr(before[name], field), getattr(after[name], field)
            if _written(before[name], field) != _written(after[name], field):
                found.append(Difference(f"{name}, {field}", _brief(was), _brief(now)))
    return found


def _of_checks(report: Report) -> float | None:
    """The score without the parts that people mark: nothing repeats those."""
    by_hand = [-part.score for part in report.parts if part.by_hand and part.score is not None]
    return report.score if not by_hand or report.score is None else add([report.score, *by_hand])


def _written(check: CheckReport, field: str) -> Any:
    """A field as the file has it, so that a report that was read compares with one that was made."""
    return check.model_dump(mode="json", include={field})


def _brief(value: Any) -> str:
    text = plain(str(value), one_line=True)
    return text if len(text) <= 80 else text[:79] + "…"
