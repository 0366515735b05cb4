"""What programs ask, with a key: homeworks, handing in as the pages do it, and what became of an attempt.

No cookie is looked at here, so no page of others can ask anything in a student's name.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from sqlalchemy import Connection
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException

from grader.homework import Homework
from grader.judging.late import lateness
from grader.portal import handing, keys, line, upload, wire
from grader.portal.book import now_text
from grader.portal.people import User
from grader.portal.web import API, Number, Ours, Portal, parsed, room, said
from grader.report.model import CheckReport, Report

routes = APIRouter(prefix=API.rstrip("/"))
NO_KEY = "No key, or none that holds: make one on the portal's page Keys."


def by_key(request: Request, portal: Ours) -> User:
    """Whose key came along. Raises 401."""
    kind, _, key = request.headers.get("authorization", "").partition(" ")
    with portal.book.reading() as connection:
        user = keys.of_key(connection, key.strip()) if kind.lower() == "bearer" else None
    if user is None:
        raise HTTPException(401, NO_KEY, {"WWW-Authenticate": "Bearer"})
    return user


Keyed = Annotated[User, Depends(by_key)]


async def _files(request: Request, portal: Ours, user: Keyed) -> AsyncIterator[FormData]:
    async with room(portal, user), parsed(request, upload.MOST_FILES, 10) as form:
        yield form


async def _fields(request: Request, user: Keyed) -> AsyncIterator[FormData]:  # noqa: ARG001 - first who, then what
    async with parsed(request, 0, 10) as form:
        yield form


@routes.get("/homeworks")
def homeworks(portal: Ours, user: Keyed) -> wire.Homeworks:
    """The homeworks that are open, and how far one is with them."""
    with portal.book.reading() as connection:
        left = handing.late_days_left(connection, portal, user)
        found = [
            _homework(connection, portal, homework, user, left)
            for homework in portal.place.homeworks.values()
            if portal.place.is_open(homework.assignment)
        ]
    course = portal.place.course
    return wire.Homeworks(course=course.name, time_zone=course.time_zone, late_days=left, homeworks=tuple(found))


def _homework(connection: Connection, portal: Portal, homework: Homework, user: User, late_days: int) -> wire.Homework:
    assignment = homework.assignment
    attempts = line.of_user(connection, user.id, assignment.name)
    counting = handing.counting_of(connection, portal, assignment.name, user, attempts)
    late = lateness(
        assignment.late or portal.place.course.late,
        assignment.due,
        datetime.now(UTC),
        portal.place.zone,
        extension=handing.extension_of(connection, portal, assignment.name, user),
        late_days=late_days,
    )
    return wire.Homework(
        name=assignment.name,
        title=assignment.title,
        due=handing.due_of(connection, portal, homework, user),
        closed=late.reason if late.refused else "",
        attempts=len(attempts),
        tokens=_tokens(handing.allowance(connection, portal, homework, user)),
        score=counting[1].score if counting else None,
        max_score=assignment.points,
    )


def _tokens(its: handing.Allowance) -> wire.Tokens | None:
    if not its.most:
        return None
    return wire.Tokens(
        left=its.tokens.left,
        most=its.most,
        next=its.tokens.next,
        lifted_until=its.lifted_until,
        is_whole=its.is_whole,
        can_go_beyond=its.can_go_beyond,
    )


@routes.post("/homeworks/{name}/hand-ins", status_code=201)
def hand_in(portal: Ours, user: Keyed, form: Annotated[FormData, Depends(_files)], name: str) -> wire.Draft:
    """Take files in as a draft, and say what was understood of it."""
    moment = now_text()  # its last byte has come
    homework = handing.homework_of(portal, name, user)
    files = [one for one in form.getlist("files") if isinstance(one, UploadFile)]
    number = handing.take_in(portal, homework, user, files, moment)
    with portal.book.reading() as connection:
        row = handing.own_hand_in(connection, number, user)
        its = handing.allowance(connection, portal, homework, user)
        days = handing.extension_of(connection, portal, name, user)
    late = portal.place.lateness(homework.assignment, moment, days)
    return wire.Draft(number=number, late=late.reason, tokens=_tokens(its), **json.loads(row.understood))


@routes.post("/hand-ins/{number}/confirm")
def confirm(portal: Ours, user: Keyed, form: Annotated[FormData, Depends(_fields)], number: Number) -> wire.HandIn:
    """Hand a draft in. It is on the disk and in the line before this is answered."""
    with portal.book.writing() as connection:
        handing.confirm(connection, portal, user, number, said(form, "accepts"))
    return state(portal, user, number)


@routes.get("/hand-ins/{number}")
def state(portal: Ours, user: Keyed, number: Number) -> wire.HandIn:
    """What became of an attempt, with its checks so far: to be asked again until its state is "done" or "aside"."""
    with portal.book.reading() as connection:
        row = handing.own_hand_in(connection, number, user)
        homework = handing.homework_of(portal, row.homework, user)
        is_withheld = handing.is_withheld(row, handing.due_of(connection, portal, homework, user))
        events = line.events_after(connection, 0, number)
        queue = line.waiting(connection).get(row.homework, [])
        is_paused = bool(line.homework(connection, row.homework).fault)
    report = _report(portal, row.homework, row.name) if row.state in (line.DONE, line.ASIDE) else None
    checks = [CheckReport.model_validate_json(one.content) for one in events if one.kind == line.CHECK]
    shown = () if is_withheld else report.checks if report is not None else checks
    return wire.HandIn(
        number=number,
        homework=row.homework,
        attempt=row.attempt,
        state=row.state,
        place=queue.index(number) + 1 if number in queue else 0,
        is_paused=is_paused,
        is_score_only=is_withheld,
        checks=tuple(wire.Check(**{name: getattr(one, name) for name in wire.Check.model_fields}) for one in shown),
        score=report.so_far if report is not None else None,
        max_score=homework.assignment.points,
        page=f"{portal.address}/hand-ins/{number}",
    )


def _report(portal: Portal, homework: str, name: str) -> Report | None:
    """The student's report, whole; None where there is none."""
    path = portal.place.report_page(homework, name, for_staff=False).with_name("report.json")
    try:
        return Report.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
