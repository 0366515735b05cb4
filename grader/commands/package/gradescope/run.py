"""One submission under Gradescope's contract: `/autograder` in, `results/results.json` out.

results.json is written first with every check pending, and again as checks finish: if anything ends this run, for
example Gradescope's time limit, the points earned until then stay. The final version is written when every process of
the submission has been ended.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from grader.commands.package.gradescope.settings import Metadata, Settings, last_graded, read_metadata, refusal
from grader.errors import GraderError, UsageError
from grader.homework import Homework, load_homework
from grader.intake.submission import IntakeError, Rejected, Submission, read_submission
from grader.judging import session
from grader.judging.late import Lateness, lateness
from grader.outcome import Check, Grading, Outcome, Provenance, Verdict
from grader.report import gradescope
from grader.report.build import build, with_standing
from grader.report.model import Report
from grader.report.write import write
from grader.sandbox.opening import open_sandbox
from grader.sandbox.zygote import Zygote
from grader.seed import Seed
from grader.spec import Course, load_course

FINE, GRADER_FAILED = 0, 3
EVERY_SECONDS = 1.0  # results are written anew no more often
PENDING = "Not checked yet. If this does not change, the time for the whole submission ran out before this check."


def run(autograder: Path) -> int:
    """Grade `autograder/submission` and write its results. Returns the exit code."""
    results = autograder / "results" / "results.json"
    settings = Settings.read(autograder / "source" / "settings.json")
    metadata, fault = read_metadata(autograder / "submission_metadata.json")
    if fault:
        print(f"{fault}. No points were taken for lateness, and no limit of submissions was checked.")
    try:
        homework = load_homework(autograder / "source" / "course", settings.homework)
        refused = refusal(settings, metadata)
        if refused:
            before = last_graded(metadata)
            write(results, gradescope.refused(refused, before.score or 0.0, before.leaderboard))
            return FINE
        return _Run(homework, metadata, results, fault).grade(_submission(autograder / "submission", homework))
    except (GraderError, UsageError) as error:
        print(f"error: {error}", file=sys.stderr)
        write(results, gradescope.failed())
    except OSError as error:
        print(f"error: {results} cannot be written: {error.strerror}", file=sys.stderr)
    return GRADER_FAILED


def _submission(folder: Path, homework: Homework) -> Submission | Rejected:
    try:
        return replace(read_submission(folder, homework.assignment), name="submission")
    except IntakeError as error:
        return Rejected("submission", str(folder), str(error))


def late(homework: Homework, metadata: Metadata) -> Lateness:
    """What lateness takes, by Gradescope's due date for this student, and by the assignment's own where it has none."""
    folder = homework.public.parent
    course = load_course(folder) if (folder / "course.toml").is_file() else Course(name="course")
    assignment = homework.assignment
    due = metadata.assignment.due_date
    if due is None or due.tzinfo is None:
        due = assignment.due
    return lateness(assignment.late or course.late, due, metadata.created_at, ZoneInfo(course.time_zone))


class _Run:
    """One submission's way from every check pending to a grade."""

    def __init__(self, homework: Homework, metadata: Metadata, results: Path, fault: str) -> None:
        self._homework = homework
        self._metadata = metadata
        self._results = results
        self._fault = fault
        self._checks: Sequence[Check] = ()
        self._written = float("-inf")
        self._started = time.monotonic()
        self._late = late(homework, metadata)

    def grade(self, submission: Submission | Rejected) -> int:
        gradings: list[Grading] = []
        seed = Seed.fresh()
        zygote = open_sandbox(self._homework.assignment, seed=seed)

        def submissions() -> Iterator[Submission | Rejected]:
            if isinstance(submission, Submission):
                zygote.__enter__()  # not before the suite is collected, and all its checks are pending
            yield submission

        try:
            session.grade(
                self._homework,
                submissions(),
                zygote,
                on_graded=gradings.append,
                seed=seed,
                on_collected=lambda checks: self._note(zygote, checks, ()),
                on_check=lambda outcomes: self._note(zygote, self._checks, outcomes),
            )
        finally:
            zygote.close()
        (grading,) = gradings
        report = build(self._homework.assignment, grading)
        self._write(report, pending=False)
        for one in report.faults:
            print(one, file=sys.stderr)
        return GRADER_FAILED if report.score is None else FINE

    def _note(self, zygote: Zygote, checks: Sequence[Check], outcomes: Sequence[Outcome]) -> None:
        """Write what is known so far. A disk that a submission has filled is empty again in the end."""
        self._checks = checks
        if time.monotonic() < self._written + EVERY_SECONDS:
            return
        pending = [Outcome(check, Verdict.BLOCKED, 0.0, PENDING) for check in checks[len(outcomes) :]]
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        provenance = Provenance(
            "", self._homework.suite_sha256, "", zygote.tier, zygote.protections, "cpu", "", "", now, self._seconds()
        )
        grading = Grading("submission", (*outcomes, *pending), provenance)
        try:
            self._write(build(self._homework.assignment, grading), pending=True)
        except OSError as error:
            print(f"{self._results} cannot be written yet: {error.strerror}", file=sys.stderr)
        self._written = time.monotonic()

    def _write(self, report: Report, *, pending: bool) -> None:
        extra = {"pending": pending, "metadata": self._fault} if pending or self._fault else {}
        write(self._results, gradescope.render(with_standing(report, self._late), extra))

    def _seconds(self) -> float:
        return time.monotonic() - self._started
