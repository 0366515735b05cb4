"""A submission's reports as files: complete or absent, never partly written."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Mapping
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
# A submission's files in the order in which they are written, the staff's first, with their permissions.
_MODES = {
    f"{STAFF}/report.html": 0o600,
    f"{STAFF}/report.json": 0o600,
    "report.html": 0o644,
    "report.md": 0o644,
    "results.json": 0o600,
    "report.json": 0o644,
}
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
    files = {
        f"{STAFF}/report.html": html.render(staff),
        f"{STAFF}/report.json": json_text(staff),
        "report.html": html.render(student),
        "report.md": markdown.render(student),
        "results.json": gradescope.render(staff),
        "report.json": json_text(student),
    }
    name = staff.submission if submission is None else submission
    put_report(folder, name, {file: text.encode() for file, text in files.items()})


def put_report(folder: Path, submission: str, files: Mapping[str, bytes]) -> None:
    """Write a submission's files, which `write_report` rendered here or `take_report` read on another machine.

    Raises `ValueError` where they are not exactly the files of a report.
    """
    if set(files) != set(_MODES):
        raise ValueError(f"the files of a report are {', '.join(_MODES)}, not {', '.join(files)}")
    (folder / STAFF).mkdir(mode=0o700, parents=True, exist_ok=True)
    for path, (file, mode) in zip(_paths(folder, submission), _MODES.items(), strict=True):
        write_bytes(path, files[file], mode)


def take_report(folder: Path, submission: str) -> dict[str, bytes]:
    """Read what `put_report` has written, and remove it."""
    paths = dict(zip(_MODES, _paths(folder, submission), strict=True))
    files = {file: path.read_bytes() for file, path in paths.items()}
    for path in paths.values():
        path.unlink()
    for parent in {path.parent for path in paths.values()}:
        parent.rmdir()
    return files


def _paths(folder: Path, submission: str) -> list[Path]:
    name = folder_name(submission)
    staffs = {f"{STAFF}/{file}": folder / STAFF / name / file for file in ("report.html", "report.json")}
    return [staffs.get(file, folder / name / file) for file in _MODES]


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
