"""`grader feedback`: the students' reports, back to the students, under names that a person recognises.

Only the student's view is in it: report.html and report.md. No results.json, which holds hidden checks, and nothing of
staff's. Canvas and Moodle take the zip archives as they are: what is in them is named like what was handed in there.
"""

from __future__ import annotations

import contextlib
import csv
import io
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from grader.commands.display import named
from grader.errors import GraderError, UsageError
from grader.gradebook.cells import inert
from grader.gradebook.entry import Entry
from grader.intake.submission import unique_names
from grader.ledger.records import Kept
from grader.report.bill import NOT_MARKED
from grader.report.text import count, plain, points
from grader.report.write import folder_name, write, write_bytes
from grader.run.classrun import ClassRun, reopened
from grader.run.folder import settings_of

FINE = 0
REPORTS = ("report.html", "report.md")
INDEX = ("id", "name", "email", "score", "max", "status", "folder")
ONLY_STAFF = 0o600
EPOCH = (1980, 1, 1, 0, 0, 0)  # the same bytes from the same reports
CANVAS = re.compile(r"(?P<prefix>(?:(?:LATE_)?anon_[A-Za-z0-9]{5}|.+?_\d+)_\d+)_")
MOODLE = re.compile(r"(?P<prefix>[^_]+_\d+_assignsubmission)_(?:file(?P<folder>_?$|_)|onlinetext)")


@dataclass(frozen=True)
class Feedback:
    """What one student gets."""

    entry: Entry
    folder: str = ""  # below DIR; empty where there is no report
    kept: Kept | None = None

    @property
    def score(self) -> str:
        """The student's points, in words."""
        entry = self.entry
        if entry.waits:
            return f"{points(entry.so_far)} of {points(entry.max_score)} points so far"
        return "no grade yet" if entry.score is None else f"{points(entry.score)} of {points(entry.max_score)} points"


def run(folder: Path, out: Path, ledger: str | None = None, course: Path | None = None) -> int:
    """Write the reports of the run in `folder` into `out`, with an index. Returns the exit code."""
    console = Console()
    settings = settings_of(folder)
    if out.resolve().is_relative_to(folder.resolve()):
        raise UsageError(f"{out} lies in the run's folder: choose one outside, which can be handed out")
    with reopened(folder, settings, ledger, course) as classrun:
        found = collected(classrun)
    before = _written_before(out)
    try:
        archives, without = _write(found, folder, out)
        outdated = _taken_away(out, before - {one.folder for one in found})
    except OSError as error:
        raise GraderError(f"the feedback cannot be written to {out}: {error.strerror}") from error
    with_report = sum(bool(one.folder) for one in found)
    console.print(
        f"{count(with_report, 'student')} with a report, {len(found) - with_report} without: {out}/index.csv says who",
        markup=False,
        highlight=False,
        soft_wrap=True,
    )
    for archive in archives:
        console.print(f"To upload: {out / archive}", markup=False, highlight=False, soft_wrap=True)
    if outdated:
        without.append(f"Taken away, as this run has no such report any more: {', '.join(outdated)}")
    for line in without:
        console.print(plain(line), markup=False, highlight=False, soft_wrap=True)
    return FINE


def _written_before(out: Path) -> set[str]:
    """The students' folders that an earlier call's index names."""
    try:
        with (out / "index.csv").open(encoding="utf-8-sig", newline="") as file:
            named_there = [str(row.get("folder") or "").removeprefix("'") for row in csv.DictReader(file)]
    except (OSError, ValueError, csv.Error):  # there is none, or it is somebody else's
        return set()
    return {name for name in named_there if name not in ("", ".", "..") and Path(name).name == name}


def _taken_away(out: Path, folders: set[str]) -> list[str]:
    """Remove the reports in these folders, and the folders where nothing else is in them: nobody hands them out."""
    gone = []
    for name in sorted(folders):
        reports = [out / name / one for one in REPORTS if (out / name / one).is_file()]
        for report in reports:
            report.unlink()
        with contextlib.suppress(OSError):  # somebody has put something of theirs there
            (out / name).rmdir()
        gone += [name] if reports else []
    return gone


def collected(classrun: ClassRun) -> list[Feedback]:
    """What each student of a run gets, sorted by name; the written reports are brought up to date."""
    settled = classrun.settle(datetime.now(UTC))
    kept = {one.hand_in.name: one for one in settled.kept}
    entries = sorted(settled.entries, key=lambda one: (one.student.name.casefold(), one.student.id))
    named = unique_names([_called(entry) for entry in entries])
    return [
        Feedback(entry, name, kept.get(entry.attempt)) if entry.page else Feedback(entry, "", kept.get(entry.attempt))
        for entry, name in zip(entries, named, strict=True)
    ]


def _called(entry: Entry) -> str:
    """A folder's name that tells whose it is: family name and id, in any script."""
    student = entry.student
    return f"{student.name}_{student.id}" if student.name not in ("", student.id) else student.id


def _write(found: Sequence[Feedback], run: Path, out: Path) -> tuple[list[str], list[str]]:
    """Write everything. Returns the archives, and sentences about who is in none of them."""
    for one in found:
        for name in REPORTS if one.folder else ():
            write_bytes(out / one.folder / name, (run / one.entry.page).with_name(name).read_bytes())
    write(out / "index.csv", "\ufeff" + _index(found), mode=ONLY_STAFF)
    archives, without = [], []
    for name, form, place in (("canvas.zip", CANVAS, _in_canvas), ("moodle.zip", MOODLE, _in_moodle)):
        content, absent = _zipped(found, run, name.removesuffix(".zip"), form, place)
        if absent:
            said = "; ".join(named(one.entry.student, one.entry.student.id) for one in absent)
            without.append(f"NOT IN {name}, as no file of theirs has a name that the platform takes back: {said}")
        if content is not None:
            write_bytes(out / name, content, ONLY_STAFF)
            archives.append(name)
        else:
            (out / name).unlink(missing_ok=True)
    return archives, without


def _index(found: Sequence[Feedback]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(INDEX)
    for one in found:
        entry, student = one.entry, one.entry.student
        score = "" if entry.score is None else points(entry.score)
        status = entry.problem or (NOT_MARKED if entry.waits else "left the course" if student.has_left else "")
        cells = [student.id, student.name, student.email, score, points(entry.max_score), status, one.folder]
        writer.writerow([inert(cell) for cell in cells])
    return text.getvalue()


def _zipped(
    found: Sequence[Feedback], run: Path, platform: str, form: re.Pattern[str], place: object
) -> tuple[bytes | None, list[Feedback]]:
    """The archive that a platform takes back, and who came from it and is not in it; None where there is nobody."""
    files: dict[str, bytes] = {}
    absent = []
    for one in found:
        if one.kept is None or not one.folder:
            continue
        accounts = [owner.account for owner in one.kept.hand_in.owners]
        if not any(account.startswith(f"{platform} ") for account in accounts):
            continue
        match = form.match(one.kept.hand_in.origin)
        if match is None:
            absent.append(one)
            continue
        assert callable(place)
        files[place(match)] = (run / folder_name(one.kept.hand_in.name) / "report.html").read_bytes()
    if not files:
        return None, absent
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(name, EPOCH), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue(), absent


def _in_canvas(match: re.Match[str]) -> str:
    """Canvas reads the numbers of user and file in the name of what is uploaded again."""
    return f"{match['prefix']}_report.html"


def _in_moodle(match: re.Match[str]) -> str:
    """Moodle reads its number in the name of a file or folder of feedback."""
    end = "" if match["folder"] == "" else "_"
    return f"{match['prefix']}_file{end}/report.html"
