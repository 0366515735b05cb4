"""What students see: homeworks, hand-ins with their checks as they come, reports, and requests to look again."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import Response, StreamingResponse
from sqlalchemy import insert, select
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from grader.errors import UsageError
from grader.homework import Homework
from grader.intake.submission import IntakeError
from grader.portal import handing, hub, line, people
from grader.portal import tables as t
from grader.portal.book import now_text
from grader.portal.course import Result, ours
from grader.portal.handing import (
    allowance,
    counting_of,
    due_of,
    extension_of,
    homework_of,
    is_withheld,
    late_days_left,
    own_hand_in,
    take_in,
)
from grader.portal.making import make
from grader.portal.people import User
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
from grader.report.model import CheckReport, Report

routes = APIRouter()
REQUEST_LENGTH = 4_000
OPEN_REQUESTS = 5  # of one hand-in
RELEASE_SECONDS = 120.0
_starters: dict[Path, tuple[int, bytes]] = {}  # archive → the newest change of what it was made from, and its bytes


@routes.get("/")
def home(request: Request, portal: Ours, user: Anyone) -> Response:
    """The homeworks, and how far one is with them."""
    lines = []
    with portal.book.reading() as connection:
        for name, homework in portal.place.homeworks.items():
            if user.is_staff or portal.place.is_open(homework.assignment):
                attempts = line.of_user(connection, user.id, name)
                counting = counting_of(connection, portal, name, user, attempts)
                lines.append((homework.assignment, due_of(connection, portal, homework, user), attempts, counting))
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
        due = due_of(connection, portal, homework, user)
        counting = counting_of(connection, portal, name, user, attempts)
        is_paused = bool(line.homework(connection, name).fault)
        late_days = late_days_left(connection, portal, user)
        its = allowance(connection, portal, homework, user)
    unseen = {one.name for one in attempts if is_withheld(one, due)}
    reports = {one.id: _seen(portal.place.report(name, one.name), one.name, unseen) for one in attempts}
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
        its=its,
    )


def _seen(report: Result | None, name: str, unseen: set[str]) -> Result | None:
    """A report's result; what changed since the attempt before only where both may be seen."""
    if report is None or report.since is None or not unseen & {name, report.since.attempt}:
        return report
    return replace(report, since=None)


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
        number = take_in(portal, homework, user, files, moment)
    except IntakeError as error:
        return _homework_page(request, portal, user, homework, str(error), 400)
    return go(f"/hand-ins/{number}")


@routes.post("/hand-ins/{number}/confirm")
def confirm(portal: Ours, user: Student, form: Form, number: Number) -> Response:
    """Hand a draft in. It is on the disk and in the line before this is answered."""
    with portal.book.writing() as connection:
        handing.confirm(connection, portal, user, number, said(form, "accepts"))
    return go(f"/hand-ins/{number}")


# ------------------------------------------------------------------------------------------------------- one hand-in


@routes.get("/hand-ins/{number}")
def hand_in_page(request: Request, portal: Ours, user: Anyone, number: Number) -> Response:
    """A draft, or an attempt: its place in the line, its checks as they come, its report."""
    with portal.book.reading() as connection:
        row = own_hand_in(connection, number, user)
        homework = homework_of(portal, row.homework, user)
        due = due_of(connection, portal, homework, user)
        days = extension_of(connection, portal, row.homework, user)
        events = line.events_after(connection, 0, number)
        place = line.waiting(connection).get(row.homework, [])
        asked = connection.execute(select(t.requests).where(t.requests.c.hand_in_id == number)).all()
        attempts = line.of_user(connection, user.id, row.homework)
        fault = line.homework(connection, row.homework).fault
        counting = counting_of(connection, portal, row.homework, user, attempts)
        its = allowance(connection, portal, homework, user)
    late = portal.place.lateness(homework.assignment, row.submitted_at, days)
    if row.state == line.DRAFT:
        portal.supervisor.warm(row.homework)
        told = json.loads(row.understood)
        return page(
            request, "draft", hand_in=row, homework=homework, told=told, late=late, its=its, now=datetime.now(UTC)
        )
    unseen = {one.name for one in attempts if is_withheld(one, due)}
    checks = [one for one in events if one.kind == line.CHECK and row.name not in unseen]
    return page(
        request,
        "hand_in",
        hand_in=row,
        homework=homework,
        late=late,
        due=due,
        now=datetime.now(UTC),
        is_withheld=row.name in unseen,
        checks=[CheckReport.model_validate_json(one.content) for one in checks],
        last=events[-1].id if events else 0,
        place=place.index(number) + 1 if number in place else 0,
        report=_seen(portal.place.report(row.homework, row.name), row.name, unseen),
        asked=asked,
        counts=counting is not None and counting[0].id == number,
        is_paused=bool(fault),
        requests_left=OPEN_REQUESTS - sum(not one.answer for one in asked),
    )


@routes.get("/hand-ins/{number}/events")
async def events(request: Request, portal: Ours, user: Anyone, number: Number) -> Response:
    """What happens to a hand-in, as server-sent events; a browser that reconnects misses none."""

    def own() -> bool:
        with portal.book.reading() as connection:
            row = own_hand_in(connection, number, user)
            return is_withheld(row, due_of(connection, portal, homework_of(portal, row.homework, user), user))

    has_only_score = await run_in_threadpool(own)
    said_last = request.headers.get("last-event-id") or request.query_params.get("after") or "0"
    last = int(said_last) if said_last.isascii() and said_last.isdigit() and len(said_last) < 18 else 0
    try:
        stream = portal.hub.open(number, user.id, people.digest(request.state.token))
    except hub.Full:
        raise HTTPException(429) from None
    return StreamingResponse(
        _stream(portal.hub.messages(stream, last), has_only_score=has_only_score),
        media_type="text/event-stream",
        headers={"X-Accel-Buffering": "no"},  # nginx is not to wait for more
    )


async def _stream(messages: AsyncIterator[tuple[int, str, str]], *, has_only_score: bool) -> AsyncIterator[str]:
    yield f"retry: {hub.AGAIN_MS}\n\n"
    async for number, kind, content in messages:
        if not kind:
            yield ": still here\n\n"
            continue
        if kind == line.CHECK and has_only_score:
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
        due = due_of(connection, portal, homework_of(portal, row.homework, user), user)
        attempts = line.of_user(connection, user.id, row.homework)
    unseen = {one.name for one in attempts if is_withheld(one, due)}
    if row.state == line.DRAFT or row.name in unseen:
        raise not_found()
    path = portal.place.report_page(row.homework, row.name, for_staff=False)
    found = portal.place.report(row.homework, row.name)
    try:
        if found is not None and found.since is not None and found.since.attempt in unseen:
            return shown(_without_since(path.with_name("report.json")))
        return shown(path.read_bytes())
    except FileNotFoundError:
        raise not_found() from None


def _without_since(path: Path) -> str:
    """The report's page without what was won and lost since an attempt of which only the score may be seen."""
    from grader.report import html  # what it needs is only loaded for it

    return html.render(Report.model_validate_json(path.read_bytes()).model_copy(update={"since": None}))


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
