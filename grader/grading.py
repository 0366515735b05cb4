"""`grader grade`: submissions in, reports out, with a live display."""

from __future__ import annotations

import contextlib
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from grader import session
from grader.errors import GraderError, UsageError
from grader.homework import Homework
from grader.intake import Rejected, Submission, find_submissions
from grader.outcome import Grading
from grader.report.model import Report
from grader.report.table import summary
from grader.report.text import count, plain
from grader.report.write import STAFF, folder_name, write_reports
from grader.sandbox.tiers import open_sandbox

FINE, GRADER_FAILED, INTERRUPTED = 0, 3, 130


def run(
    homework: Homework, paths: Sequence[Path], out: Path, seed: str | None, tier: str | None, *, strict: bool = False
) -> int:
    """Grade and report everything at `paths`. Returns the exit code."""
    submissions = [one for one in find_submissions(paths, homework.assignment) if not _is_ours(one, out)]
    if not submissions:
        raise UsageError(f"there is nothing to grade at {', '.join(map(str, paths))}")
    _make(out)
    return grade_all(homework, submissions, out, parse_seed(seed), tier, strict=strict)


def _is_ours(submission: Submission | Rejected, out: Path) -> bool:
    """Whether it is no submission but an earlier run's reports, where OUT lies among the submissions."""
    found, out = Path(submission.origin).resolve(), out.resolve()
    return isinstance(submission, Rejected) and found in (out, out / STAFF)


def grade_all(
    homework: Homework,
    submissions: Sequence[Submission | Rejected],
    out: Path,
    seed: session.Seed,
    tier: str | None,
    *,
    strict: bool = False,
) -> int:
    """Grade the submissions, write each one's reports as soon as it is graded, print the table."""
    console = Console()
    reports: list[Report] = []
    interrupted = False
    try:
        with (
            open_sandbox(homework.assignment, tier, strict=strict) as zygote,
            _progress(console, len(submissions)) as step,
        ):

            def report(grading: Grading) -> None:
                try:
                    reports.append(write_reports(out, homework.assignment, grading, datetime.now(UTC)))
                except OSError as error:
                    raise _unwritten(grading, out, error) from error
                step(grading)

            session.grade(homework, submissions, zygote, on_graded=report, seed=seed)
    except KeyboardInterrupt:
        interrupted = True
    except GraderError:
        _conclude(console, reports, submissions[: len(reports)], out)
        raise
    _conclude(console, reports, submissions, out)
    if interrupted:
        console.print(f"[yellow]Interrupted: {len(reports)} of {len(submissions)} are graded; their reports are whole.")
        return INTERRUPTED
    return GRADER_FAILED if any(report.score is None for report in reports) else FINE


def parse_seed(text: str | None) -> session.Seed:
    """The seed that staff reports show as hexadecimal digits; a fresh one where none is given."""
    if text is None:
        return session.Seed.fresh()
    try:
        secret = bytes.fromhex(text)
    except ValueError:
        secret = b""
    if len(secret) < 8:
        raise UsageError(f"--seed takes the hexadecimal digits of a staff report's seed, 16 at least; {text!r} is none")
    return session.Seed(secret)


def _make(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{out} cannot be made: {error.strerror}") from error
    try:
        tempfile.TemporaryFile(dir=out).close()
    except OSError as error:
        raise UsageError(f"reports cannot be written to {out}: {error.strerror}") from error


def _unwritten(grading: Grading, out: Path, error: OSError) -> GraderError:
    name = plain(grading.submission, one_line=True)
    return GraderError(
        f"the reports of {name} cannot be written to {out}: {error.strerror}. Those before it are whole; "
        "grade the rest into the same folder once that is mended"
    )


@contextlib.contextmanager
def _progress(console: Console, total: int) -> Iterator[Callable[[Grading], None]]:
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left:"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("grading", total=total)

        def step(grading: Grading) -> None:
            name = plain(grading.submission, one_line=True)[:24]
            progress.update(task, advance=1, description=f"graded {name.replace('[', '(')}")

        yield step


def _conclude(
    console: Console, reports: Sequence[Report], submissions: Sequence[Submission | Rejected], out: Path
) -> None:
    if not reports:
        return
    console.print(summary(reports, console.width))
    rejected = [submission for submission in submissions if isinstance(submission, Rejected)]
    if rejected:
        console.print(f"\n{count(len(rejected), 'submission')} could not be taken in:", style="yellow")
        for one in rejected:
            console.print(f"  {plain(one.name)}: {plain(one.reason)}", style="yellow", markup=False, highlight=False)
    failed = [report for report in reports if report.score is None]
    for report in failed:
        faults = "; ".join(report.faults) or report.problem
        console.print(f"NOT GRADED {plain(report.submission)}: {plain(faults)}", style="bold red", markup=False)
    first = min(reports, key=lambda report: (report.score is None, report.score == report.max_score))
    closing = _closing(reports, out / folder_name(first.submission) / "report.html")
    console.print(closing, markup=False, highlight=False, soft_wrap=True)  # a path that wraps cannot be copied


def _closing(reports: Sequence[Report], page: Path) -> str:
    counts = Counter("not graded" if report.score is None else "graded" for report in reports)
    said = ", ".join(f"{number} {word}" for word, number in counts.items())
    mean = sum(report.provenance.seconds for report in reports) / len(reports)
    return f"\n{said}; {mean:.2f} s each, isolated by {reports[0].provenance.isolation}.\nA report: {page}"
