"""Points that staff give or take by hand, on a submission's page: as `grader adjust` does, and written down."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

from fastapi import APIRouter, Depends
from fastapi.responses import Response
from sqlalchemy import Connection, Row

from grader.errors import UsageError
from grader.gradebook.entry import Adjustment
from grader.ledger.ledger import Ledger
from grader.ledger.records import Note, Run
from grader.portal import line
from grader.portal.book import note
from grader.portal.course import Place, run_folder
from grader.portal.web import Form, Number, Ours, Staff, go, not_found, only_staff, said
from grader.report.text import points
from grader.run import adjusting
from grader.run.folder import ledger_address, read_settings

routes = APIRouter(prefix="/staff", dependencies=[Depends(only_staff)])


@contextlib.contextmanager
def _ledger(place: Place, homework: str) -> Iterator[tuple[Ledger, Run] | None]:
    """The ledger of a homework's run; None where nothing of it was graded yet. Raises `LedgerError`."""
    folder = run_folder(place.state, homework)
    settings = read_settings(folder)
    if settings is None:
        yield None
        return
    with Ledger(ledger_address(folder, settings)) as ledger:
        run = next((one for one in ledger.runs() if one.key == settings.key), None)
        yield None if run is None else (ledger, run)


def standing(place: Place, homework: str, student: str) -> list[Note]:
    """What was given to a student, and taken, and stands. Raises `LedgerError`."""
    with _ledger(place, homework) as found:
        return [] if found is None else _of(*found, student)


def _of(ledger: Ledger, run: Run, student: str) -> list[Note]:
    return [one for one in ledger.adjustments(run) if one.student == student]


@routes.post("/hand-ins/{number}/points")
def give(portal: Ours, user: Staff, form: Form, number: Number) -> Response:
    """Give a student points in a homework, or take some, with a reason that they read."""
    try:
        given = Adjustment(float(said(form, "points") or 0), said(form, "reason")[:500], user.email)
    except ValueError:
        raise UsageError("Say how many points, as a number.") from None
    with portal.book.writing() as connection:
        row = _row(connection, number)
        with _ledger(portal.place, row.homework) as found:
            if found is None or row.student not in {one.id for one in found[0].roster(found[1])}:
                raise UsageError("Nothing of this student was graded yet in this homework.")
            before = _of(*found, row.student)
            if said(form, "seen") != seen(before):
                if before and before[-1].adjustment == given:
                    return go(f"/staff/hand-ins/{number}#points")  # the button was pressed twice
                raise UsageError(
                    "Somebody has given or taken points since. Go back, reload the page, and look at them."
                )
            adjusting.give(*found, row.student, given)
            _note(connection, user.email, row, given.reason, before, _of(*found, row.student))
    return go(f"/staff/hand-ins/{number}#points")


@routes.post("/hand-ins/{number}/points/{adjustment}/withdraw")
def withdraw(portal: Ours, user: Staff, form: Form, number: Number, adjustment: Number) -> Response:
    """Take points back that were given to this student, or taken."""
    with portal.book.writing() as connection:
        row = _row(connection, number)
        with _ledger(portal.place, row.homework) as found:
            before = [] if found is None else _of(*found, row.student)
            if found is None or adjustment not in {one.id for one in before}:
                raise UsageError("These points are withdrawn already, or were never given.")
            reason = said(form, "reason")[:500]
            adjusting.withdraw(*found, adjustment, user.email, reason)
            _note(connection, user.email, row, reason, before, _of(*found, row.student))
    return go(f"/staff/hand-ins/{number}#points")


def seen(notes: Sequence[Note]) -> str:
    """Names the adjustments that a form was made beside: on others nobody has looked."""
    return " ".join(str(one.id) for one in notes)


def _row(connection: Connection, number: int) -> Row[Any]:
    row = line.one(connection, number)
    if row is None or row.state == line.DRAFT:
        raise not_found()
    return row


def _note(
    connection: Connection, by: str, row: Row[Any], reason: str, before: Sequence[Note], after: Sequence[Note]
) -> None:
    """Write down what was done, and have reports and standings say it."""
    sums = [points(sum(one.adjustment.points for one in notes)) for notes in (before, after)]
    note(connection, by, "points", f"{row.student} in {row.homework}: {reason}", *sums)
    line.note_homework(connection, row.homework, stale=True)
