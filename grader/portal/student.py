"""What students see: homeworks, hand-ins with their checks as they come, reports, and requests to look again."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response, StreamingResponse
from sqlalchemy import Connection, Row, insert, select
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from grader.collect.roster import Person
from grader.errors import UsageError
from grader.homework import Homework
from grader.intake.submission import IntakeError
from grader.judging.late import deadline
from grader.portal import hub, line, people, upload
from grader.portal import tables as t
from grader.portal.book import now_text
from grader.portal.course import Result, ours
from grader.portal.course import people as roster_of
from grader.portal.making import make
from grader.portal.people import User
from grader.portal.understood import understood
from grader.portal.web import (
    Anyone,
    Form,
    Number,
    Ours,
    Portal,
    Student,
    Upload,
    download,
    fragment,
    go,
    not_found,
    page,
    said,
    shown,
)
from grader.report.model import CheckReport
from grader.run.standings import extension

routes = APIRouter()
REQUEST_LENGTH = 4_000
OPEN_REQUESTS = 5  # of one hand-in
RELEASE_SECONDS = 120.0
_starters: dict[Path, tuple[int, bytes]] = {}  # archive → the newest change of what it was made from, and its bytes


def homework_of(portal: Portal, name: str, user: User) -> Homework:
    """A homework that this account may see. Raises 404."""
    homework = portal.place.homeworks.get(name)
    if homework is None or not (user.is_staff or portal.place.is_open(homework.assignment)):
        raise not_found()
    return homework


def own_hand_in(connection: Connection, number: int, user: User) -> Row[Any]:
    """A hand-in of this account. Raises 404, also for another's."""
    row = line.one(connection, number)
    if row is None or row.user_id != user.id:
        raise not_found()
    return row


@routes.get("/")
def home(request: Request, portal: Ours, user: Anyone) -> Response:
    """The homeworks, and how far one is with them."""
    lines = []
    with portal.book.reading() as connection:
        for name, homework in portal.place.homeworks.items():
            if user.is_staff or portal.place.is_open(homework.assignment):
                attempts = line.of_user(connection, user.id, name)
                counting = _counting(connection, portal, name, user, attempts)
                lines.append((homework.assignment, _due(connection, portal, homework, user), attempts, counting))
    return page(request, "home", lines=lines, now=datetime.now(UTC))


@routes.get("/homework/{name}")
def homework_page(request: Request, portal: Ours, user: Anyone, name: str) -> Response:
    """One homework: handout, starter, where to hand in, and one's attempts."""
    homework = homework_of(portal, name, user)
    portal.supervisor.warm(name)
    return _homework_page(request, portal, user, homework)


def _homework_page(
    request: Request, portal: Portal, user: User, homework: Homework, fault: str = "", status: int = 200
) -> Response:
    name = homework.assignment.name
    with portal.book.reading() as connection:
        attempts = line.of_user(connection, user.id, name)
        due = _due(connection, portal, homework, user)
        counting = _counting(connection, portal, name, user, attempts)
        is_paused = bool(line.homework(connection, name).fault)
        late_days = max(portal.place.course.late_days - line.late_days(connection, user.student), 0)
    reports = {one.id: portal.place.report(name, one.name) for one in attempts}
    return page(
        request,
        "homework",
        status,
        homework=homework,
        due=due,
        now=datetime.now(UTC),
        policy=homework.assignment.late or portal.place.course.late,
        attempts=attempts,
        reports=reports,
        counting=counting,
        is_paused=is_paused,
        late_days=late_days,
        fault=fault,
    )


@routes.get("/homework/{name}/handout")
def handout(portal: Ours, user: Anyone, name: str) -> Response:
    """The handout as a page, with its formulas."""
    homework = homework_of(portal, name, user)
    path = homework.public / "README.md"
    try:
        return shown(_handout(path, path.stat().st_mtime_ns))
    except FileNotFoundError:
        raise not_found() from None


@lru_cache(maxsize=32)
def _handout(path: Path, _changed: int) -> str:
    from grader.report.handout import page as handout_page  # what it needs is only loaded for it

    return handout_page(path.read_text("utf-8", "replace"), path.parent)


@routes.get("/homework/{name}/starter")
def starter(portal: Ours, user: Anyone, name: str) -> Response:
    """The archive that `grader release` makes, which refuses to give a secret away."""
    homework = homework_of(portal, name, user)
    newest = max(path.stat().st_mtime_ns for path in homework.public.rglob("*"))
    return download(_starter(portal.place.root, portal.place.state, name, newest), f"{name}.zip", "application/zip")


def _starter(root: Path, state: Path, name: str, changed: int) -> bytes:
    path = state / "starters" / f"{name}.zip"

    def is_made() -> bool:
        return _starters.get(path, (0, b""))[0] == changed

    if not is_made():
        command = ours("grader", "release", name, "--course", root.resolve(), "-o", path.parent)
        try:
            make(command, RELEASE_SECONDS, is_made)
        except UsageError:  # its words are for staff, and name what students may not know
            raise UsageError("There is no starter to download: its staff have to look at `grader release`.") from None
        _starters[path] = changed, path.read_bytes()
    return _starters[path][1]


# -------------------------------------------------------------------------------------------------------- handing in


@routes.post("/homework/{name}/hand-ins")
def hand_in(request: Request, portal: Ours, user: Student, form: Upload, name: str) -> Response:
    """Take files in as a draft: what was understood of it is shown, and then it is handed in."""
    moment = now_text()  # its last byte has come
    homework = homework_of(portal, name, user)
    files = [one for one in form.getlist("files") if isinstance(one, UploadFile)]
    try:
        submission = upload.taken_in(files, homework.assignment, portal.place.state)
    except IntakeError as error:
        return _homework_page(request, portal, user, homework, str(error), 400)
    starters = {homework.assignment.files[0]: homework.starter_source, **homework.starter_others}
    told = understood(submission.files, starters) | {"note": submission.renamed, "ignored": list(submission.ignored)}
    with portal.book.writing() as connection:
        number = line.add_draft(connection, user.id, name, submission, moment, told)
    portal.supervisor.warm(name)
    return go(f"/hand-ins/{number}")


@routes.post("/hand-ins/{number}/confirm")
def confirm(portal: Ours, user: Student, form: Form, number: Number) -> Response:  # noqa: ARG001 - its token is checked
    """Hand a draft in. It is on the disk and in the line before this is answered."""
    with portal.book.writing() as connection:
        row = _own_upload(connection, number, user)
        if row.state == line.DRAFT:  # else the button was pressed twice
            if line.is_old(row):
                raise UsageError("This upload has waited for more than an hour. Upload it again.")
            if line.is_full(connection, user.id, row.homework):
                raise UsageError("Three of your attempts wait already. Hand this one in when one of them is graded.")
            _refuse_choice(connection, portal, user, row)
            line.confirm(connection, row, user.student)
    return go(f"/hand-ins/{number}")


def _own_upload(connection: Connection, number: int, user: User) -> Row[Any]:
    try:
        return own_hand_in(connection, number, user)
    except HTTPException:
        raise HTTPException(
            404,
            f"It is not here, or no longer: {line.DRAFTS} uploads are kept that were not handed in. Upload it again.",
        ) from None


def _refuse_choice(connection: Connection, portal: Portal, user: User, row: Row[Any]) -> None:
    """Once reports say what waited for the due date, nobody chooses among uploads of before. Raises `UsageError`."""
    homework = homework_of(portal, row.homework, user)
    due = _due(connection, portal, homework, user)
    if due is None or datetime.now(UTC) <= due:
        return
    policy = homework.assignment.late or portal.place.course.late
    end = due + timedelta(minutes=policy.grace_minutes)
    if datetime.fromisoformat(row.submitted_at) <= end and line.is_outdone(connection, row, end):
        raise UsageError("It was due since: of your uploads before that only the newest one can be handed in now.")


# ------------------------------------------------------------------------------------------------------- one hand-in


@routes.get("/hand-ins/{number}")
def hand_in_page(request: Request, portal: Ours, user: Anyone, number: Number) -> Response:
    """A draft, or an attempt: its place in the line, its checks as they come, its report."""
    with portal.book.reading() as connection:
        row = own_hand_in(connection, number, user)
        homework = homework_of(portal, row.homework, user)
        due = _due(connection, portal, homework, user)
        days = _extension(connection, portal, row.homework, user)
        events = line.events_after(connection, 0, number)
        place = line.waiting(connection).get(row.homework, [])
        asked = connection.execute(select(t.requests).where(t.requests.c.hand_in_id == number)).all()
        attempts = line.of_user(connection, user.id, row.homework)
        fault = line.homework(connection, row.homework).fault
        counting = _counting(connection, portal, row.homework, user, attempts)
    late = portal.place.lateness(homework.assignment, row.submitted_at, days)
    if row.state == line.DRAFT:
        portal.supervisor.warm(row.homework)
        told = json.loads(row.understood)
        return page(request, "draft", hand_in=row, homework=homework, told=told, due=due, late=late)
    return page(
        request,
        "hand_in",
        hand_in=row,
        homework=homework,
        late=late,
        checks=[CheckReport.model_validate_json(one.content) for one in events if one.kind == line.CHECK],
        last=events[-1].id if events else 0,
        place=place.index(number) + 1 if number in place else 0,
        report=portal.place.report(row.homework, row.name),
        asked=asked,
        counts=counting is not None and counting[0].id == number,
        is_paused=bool(fault),
        requests_left=OPEN_REQUESTS - sum(not one.answer for one in asked),
    )


@routes.get("/hand-ins/{number}/events")
async def events(request: Request, portal: Ours, user: Anyone, number: Number) -> Response:
    """What happens to a hand-in, as server-sent events; a browser that reconnects misses none."""

    def own() -> None:
        with portal.book.reading() as connection:
            own_hand_in(connection, number, user)

    await run_in_threadpool(own)
    said_last = request.headers.get("last-event-id") or request.query_params.get("after") or "0"
    last = int(said_last) if said_last.isascii() and said_last.isdigit() and len(said_last) < 18 else 0
    try:
        stream = portal.hub.open(number, user.id, people.digest(request.state.token))
    except hub.Full:
        raise HTTPException(429) from None
    return StreamingResponse(
        _stream(portal.hub.messages(stream, last)),
        media_type="text/event-stream",
        headers={"X-Accel-Buffering": "no"},  # nginx is not to wait for more
    )


async def _stream(messages: AsyncIterator[tuple[int, str, str]]) -> AsyncIterator[str]:
    yield f"retry: {hub.AGAIN_MS}\n\n"
    async for number, kind, content in messages:
        if not kind:
            yield ": still here\n\n"
            continue
        text = content
        if kind == line.CHECK:
            text = fragment("check.html.j2", check=CheckReport.model_validate_json(content))
        elif kind == hub.PLACE:
            text = f"Number {content} in the line"
        lines = "".join(f"data: {one}\n" for one in text.splitlines() if one.strip())
        yield f"{f'id: {number}' if number else ': no number'}\nevent: {kind}\n{lines}\n"
        if kind == line.STATE and content in (line.DONE, line.ASIDE):
            await asyncio.sleep(0)
            return


@routes.get("/hand-ins/{number}/report")
def report(portal: Ours, user: Anyone, number: Number) -> Response:
    """The report as `grader grade` writes it for the student."""
    with portal.book.reading() as connection:
        row = own_hand_in(connection, number, user)
    if row.state == line.DRAFT:
        raise not_found()
    try:
        return shown(portal.place.report_page(row.homework, row.name, for_staff=False).read_bytes())
    except FileNotFoundError:
        raise not_found() from None


@routes.post("/hand-ins/{number}/requests")
def ask(portal: Ours, user: Student, form: Form, number: Number) -> Response:
    """Ask a person to look at a part again."""
    part, text = said(form, "part"), said(form, "text")[:REQUEST_LENGTH]
    with portal.book.writing() as connection:
        row = own_hand_in(connection, number, user)
        homework = homework_of(portal, row.homework, user)
        if row.state not in (line.DONE, line.ASIDE):
            raise UsageError("Only what was graded can be looked at again.")
        if part not in {one.name for one in homework.assignment.parts} or not text:
            raise UsageError("A request names a part, and says what to look at.")
        mine = select(t.requests).where(t.requests.c.hand_in_id == number, t.requests.c.answer == "")
        waits = connection.execute(mine).all()
        if any((one.part, one.text) == (part, text) for one in waits):
            return go(f"/hand-ins/{number}#requests")  # the button was pressed twice
        if len(waits) >= OPEN_REQUESTS:
            raise HTTPException(429, "Five requests of yours wait for an answer here. Ask more when one is answered.")
        if not portal.writes.allows(f"ask {user.id}"):
            raise HTTPException(429)
        values = {"hand_in_id": number, "part": part, "text": text, "made_at": now_text()}
        connection.execute(insert(t.requests).values(answer="", answered_by="", **values))
    return go(f"/hand-ins/{number}#requests")


# ---------------------------------------------------------------------------------------------------------- standings


def _extension(connection: Connection, portal: Portal, name: str, user: User) -> float:
    """The days that a student has after the due date, as the ledger reckons them."""
    query = select(t.extensions.c.days).where(t.extensions.c.homework == name, t.extensions.c.user_id == user.id)
    given = float(connection.scalar(query) or 0.0)
    listed = next((one for one in roster_of(portal.place.state, name) if one.id == user.student), Person(user.student))
    person = replace(listed, extension=max(given, listed.extension))
    try:
        return extension(portal.place.homeworks[name].assignment, person)
    except UsageError:  # nobody knows of what their percentage is: grading says so to staff
        return person.extension


def _due(connection: Connection, portal: Portal, homework: Homework, user: User) -> datetime | None:
    """When a homework is due for this student."""
    if homework.assignment.due is None:
        return None
    days = _extension(connection, portal, homework.assignment.name, user)
    return deadline(homework.assignment.due, portal.place.zone, days) if days else homework.assignment.due


def _counting(
    connection: Connection, portal: Portal, name: str, user: User, attempts: line.Rows
) -> tuple[Row[Any], Result] | None:
    """The attempt that counts so far, with its report: the ledger's word where it has one, else the latest."""
    graded = [(one, portal.place.report(name, one.name)) for one in attempts]
    found = [(one, its) for one, its in graded if its is not None and its.final is not None]
    if said_last := line.counting(connection, name, user.student):
        found = [(one, its) for one, its in found if one.name == said_last]
    return max(found, key=lambda pair: (pair[0].submitted_at, pair[0].attempt), default=None)
