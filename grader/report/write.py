"""A submission's reports as files: complete or absent, never partly written."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from datetime import datetime
from pathlib import Path

from grader.outcome import Grading
from grader.report import gradescope, html, markdown
from grader.report.build import build, student_view
from grader.report.model import Report
from grader.spec import Assignment

STAFF = "_staff"  # no submission's folder starts with an underscore
# What else lies in a run's folder: no submission's reports may be in its place.
TAKEN = frozenset({"class.html", "gradebook", "ledger.sqlite", "similar.html"})
_MADE = re.compile(r"-[0-9a-f]{16}$")  # a name that already looks made could be chosen to overwrite another's folder


def write_reports(folder: Path, assignment: Assignment, grading: Grading, now: datetime) -> Report:
    """Write a grading's reports, see `write_report`; return the staff's report."""
    staff = build(assignment, grading)
    write_report(folder, assignment, staff, now, grading.submission)
    return staff


def write_report(
    folder: Path, assignment: Assignment, staff: Report, now: datetime, submission: str | None = None
) -> None:
    """Write the student's files and the staff's, from the staff's report. `submission` names them, if not the report.

    `folder/<name>/` holds report.json, report.html, report.md and results.json, `folder/_staff/<name>/` report.json
    and report.html, which only the user who grades can read. results.json is meant for Gradescope, not for students:
    it holds hidden checks. Everything is rendered before anything is written; the student's report.json comes last.
    """
    student = student_view(staff, assignment, now)
    name = folder_name(staff.submission if submission is None else submission)
    secret = {"report.html": html.render(staff), "report.json": json_text(staff)}
    files = {
        "report.html": html.render(student),
        "report.md": markdown.render(student),
        "results.json": gradescope.render(staff),
        "report.json": json_text(student),
    }
    (folder / STAFF).mkdir(mode=0o700, parents=True, exist_ok=True)
    for file, text in secret.items():
        write(folder / STAFF / name / file, text, mode=0o600)
    for file, text in files.items():
        write(folder / name / file, text, mode=0o600 if file == "results.json" else 0o644)


def json_text(report: Report) -> str:
    """The report as strict JSON, ending in a newline."""
    return report.model_dump_json(indent=2) + "\n"


def write(path: Path, text: str, mode: int = 0o644) -> None:
    """Put `text` (UTF-8) at `path` in one step: a reader finds the old file or the new one, at any time."""
    write_bytes(path, text.encode(), mode)


def write_bytes(path: Path, content: bytes, mode: int = 0o644) -> None:
    """Put `content` at `path`, as `write` does."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            os.fchmod(file.fileno(), mode)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def folder_name(submission: str) -> str:
    """A folder's name for a submission's: the same where it is harmless, else made so and told apart by a hash."""
    name = re.sub(r"[^A-Za-z0-9._@+=-]", "_", submission).lstrip("._-")[:100].rstrip(".")
    is_taken = name.casefold().startswith(tuple(TAKEN))
    if name and name == submission and not is_taken and not _MADE.search(name):
        return name
    digest = hashlib.sha256(submission.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{name or 'submission'}-{digest[:16]}"
