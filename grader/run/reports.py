"""A run's reports as files: written from the ledger if they are missing or out of date."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from functools import cache
from pathlib import Path

from grader.collect.store import Store
from grader.errors import GraderError
from grader.gradebook.entry import Adjustment
from grader.judging.late import Lateness
from grader.ledger.ledger import Ledger
from grader.ledger.records import Kept
from grader.report.build import is_shown
from grader.report.marks import marked, parts_by_hand
from grader.report.model import Report
from grader.report.write import STAFF, folder_name, json_text, write_report
from grader.run import changes, standings
from grader.run.standings import Marks, Standings
from grader.spec import Assignment


class Pages:
    """The written reports of one run."""

    def __init__(self, folder: Path, assignment: Assignment, ledger: Ledger) -> None:
        self._folder = folder
        self._assignment = assignment
        self._ledger = ledger
        self._store = Store(folder)

    def refresh(
        self, kept: Sequence[Kept], stand: Standings, now: datetime, superseded: Sequence[Kept] = ()
    ) -> dict[int, Report]:
        """Write the reports that are missing or no longer say the same; return all of them, slim, by hand-in.

        What new attempts are held against may be `superseded`.
        Raises `GraderError` where one cannot be written; those before it are whole.
        """
        graded = by_grade(kept)
        before = changes.previous(kept, superseded)
        earlier = {one.grade for one in before.values() if one.grade is not None}
        passed = {number: changes.passed(report) for number, report in self._ledger.summaries(earlier)}
        slim: dict[int, Report] = {}
        stale: dict[int, list[Kept]] = {}
        pages: dict[int, str] = {}
        for number, report in self._ledger.summaries(graded):
            for one in graded[number]:
                slim[one.id] = self._own(report, one, stand, before.get(one.id), passed)
                content = self.content(
                    one, number, stand.lates[one.id], stand.adjustments[one.id], stand.marks[one.id], now
                )
                content += str(before[one.id].grade) if one.id in before else ""
                if one.page != content or not self._is_there(one):
                    stale.setdefault(number, []).append(one)
                    pages[one.id] = content
        for number, report in self._ledger.reports(stale):
            for one in stale[number]:
                own = self._own(report, one, stand, before.get(one.id), passed)
                self._write(one, self._with_lines(own, one, before.get(one.id)), now)
        if pages:
            self._ledger.note_pages(pages)
        return slim

    def _own(
        self,
        report: Report,
        kept: Kept,
        stand: Standings,
        before: Kept | None,
        passed: Mapping[int, changes.Passed],
    ) -> Report:
        """A grade's report as this hand-in's: equal work has one grade, but a name and a standing of its own."""
        note = (*([kept.hand_in.note] if kept.hand_in.note else []), *(f"From staff: {one}" for one in kept.comments))
        own = report.model_copy(update={"submission": kept.hand_in.name, "notes": (*note, *report.notes)})
        if before is not None and before.grade is not None:
            name = before.hand_in.name if before.hand_in.name != kept.hand_in.name else "the attempt before"
            found = changes.since(own, passed.get(before.grade, {}), name)
            own = own.model_copy(update={"since": found})
        own = marked(own, self._assignment, stand.marks[kept.id])
        return standings.report_with(own, stand.lates[kept.id], stand.adjustments[kept.id])

    def _with_lines(self, report: Report, kept: Kept, before: Kept | None) -> Report:
        """The report with the lines that differ from the attempt before, where both are kept."""
        if before is None or report.since is None:
            return report
        with suppress(GraderError):
            one, other = (
                self._store.get(each.sha256, each.name, each.origin).files for each in (before.hand_in, kept.hand_in)
            )
            since = report.since.model_copy(update={"lines": changes.lines(one, other)})
            return report.model_copy(update={"since": since})
        return report

    def _write(self, kept: Kept, report: Report, now: datetime) -> None:
        try:
            write_report(self._folder, self._assignment, report, now, kept.hand_in.name)
        except OSError as error:
            raise unwritten(kept.hand_in.name, self._folder, error.strerror or str(error)) from error

    def _is_there(self, kept: Kept) -> bool:
        name = folder_name(kept.hand_in.name)
        files = [self._folder / name / file for file in ("report.html", "report.md", "results.json", "report.json")]
        return all(path.exists() for path in [*files, self._folder / STAFF / name / "report.json"])

    def content(
        self,
        kept: Kept,
        grade: int,
        late: Lateness,
        adjustments: Sequence[Adjustment],
        marks: Marks,
        now: datetime,
    ) -> str:
        """Names all that a hand-in's written reports are made from."""
        disclosed = is_shown("after_due_date", self._assignment, now)
        made_from = [
            kept.hand_in.name,
            kept.hand_in.note,
            kept.comments,
            grade,
            late,
            tuple(adjustments),
            disclosed,
            pages_sha256(),
        ]
        title: list[object] = [self._assignment.title, [part.title for part in self._assignment.parts]]
        if self._assignment.parts_by_hand:  # their prices, too, are of now
            title += [parts_by_hand(self._assignment, marks), self._assignment.points]
        return hashlib.sha256(repr([*made_from, title]).encode()).hexdigest()


def by_grade(kept: Sequence[Kept]) -> dict[int, list[Kept]]:
    """Those hand-ins that have a grade, by its number: equal work shares one."""
    found: dict[int, list[Kept]] = {}
    for one in kept:
        if one.grade is not None:
            found.setdefault(one.grade, []).append(one)
    return found


def unwritten(name: str, folder: Path, reason: str) -> GraderError:
    """What is said where the reports of this hand-in cannot be written."""
    return GraderError(
        f"the reports of {name} cannot be written to {folder}: {reason}. Those before it are complete; "
        "run the same command again after fixing that, and only the rest is graded"
    )


@cache
def pages_sha256() -> str:
    """Names the sources that reports are rendered by."""
    folder = Path(json_text.__code__.co_filename).parent
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.iterdir() if path.is_file()):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()
