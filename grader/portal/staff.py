"""What staff see and do: submissions, requests, people, the class, how grading goes. What they do is written down."""

from __future__ import annotations

import math
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from sqlalchemy import Connection, Row, delete, insert, select, update

from grader.errors import GraderError, UsageError
from grader.portal import adjusting, line, people
from grader.portal import tables as t
from grader.portal.book import Book, note, now_text
from grader.portal.course import LEDGER, ROSTER, ours, run_folder
from grader.portal.course import people as roster_of
from grader.portal.entrance import send_invitation
from grader.portal.making import make
from grader.portal.people import STUDENT, User
from grader.portal.web import (
    Form,
    Instructor,
    Number,
    Ours,
    Portal,
    Staff,
    download,
    go,
    not_found,
    only_staff,
    page,
    said,
    shown,
)
from grader.report.write import folder_name

routes = APIRouter(prefix="/staff", dependencies=[Depends(only_staff)])
SHOWN = 100  # lines of a list
MOST_DAYS = 366.0
PUBLISH_SECONDS = 120.0
STATES = (line.QUEUED, line.RUNNING, line.DONE, line.ASIDE)


@routes.get("/hand-ins")
def hand_ins(
    request: Request,
    portal: Ours,
    homework: str = "",
    state: str = "",
    words: str = "",
    before: str = "",
) -> Response:
    """All attempts, to filter and search."""
    chosen = {"homework": homework[:64], "state": state if state in STATES else "", "words": words.strip()[:200]}
    at = int(before) if before.isascii() and before.isdigit() and len(before) < 18 else 0
    with portal.book.reading() as connection:
        rows = line.search(connection, **chosen, before=at, most=SHOWN)
    reports = {one.id: portal.place.report(one.homework, one.name) for one in rows}
    more = rows[-1].id if len(rows) == SHOWN else 0
    return page(request, "staff_hand_ins", rows=rows, reports=reports, chosen=chosen, states=STATES, more=more)


@routes.get("/hand-ins/{number}")
def hand_in(request: Request, portal: Ours, number: Number) -> Response:
    """One attempt with the staff's report, and the student's others."""
    with portal.book.reading() as connection:
        row = _attempt(line.one(connection, number))
        others = line.of_user(connection, row.user_id, row.homework)
        asked = connection.execute(select(t.requests).where(t.requests.c.hand_in_id == number)).all()
    reports = {one.id: portal.place.report(one.homework, one.name) for one in others}
    notes = adjusting.standing(portal.place, row.homework, row.student)
    values: dict[str, Any] = {"hand_in": row, "others": others, "reports": reports, "asked": asked, "notes": notes}
    return page(request, "staff_hand_in", seen=adjusting.seen(notes), **values)


@routes.get("/hand-ins/{number}/report")
def report(portal: Ours, number: Number) -> Response:
    """The report as `grader grade` writes it for staff."""
    with portal.book.reading() as connection:
        row = _attempt(line.one(connection, number))
    try:
        return shown(portal.place.report_page(row.homework, row.name, for_staff=True).read_bytes())
    except FileNotFoundError:
        raise not_found() from None


@routes.post("/hand-ins/{number}/again")
def again(portal: Ours, user: Staff, form: Form, number: Number) -> Response:  # noqa: ARG001 - its token is checked
    """Grade an attempt again, after what students hand in now."""
    with portal.book.writing() as connection:
        row = _attempt(line.one(connection, number))
        if not line.again(connection, number, line.RERUN):
            raise UsageError("It is being graded, or will be.")
        note(connection, user.email, "grade again", row.name, row.state, line.QUEUED)
    return go(f"/staff/hand-ins/{number}")


@routes.post("/hand-ins/{number}/show")
def show(portal: Ours, user: Staff, form: Form, number: Number) -> Response:  # noqa: ARG001 - as above
    """Show a student all that there is to see of an attempt that was handed in without a token."""
    with portal.book.writing() as connection:
        row = _attempt(line.one(connection, number))
        if row.score_only:
            connection.execute(update(t.hand_ins).where(t.hand_ins.c.id == number).values(score_only=False))
            note(connection, user.email, "show", f"{row.name} in {row.homework}", "the score only", "all of it")
    return go(f"/staff/hand-ins/{number}")


def _attempt(row: Row[Any] | None) -> Row[Any]:
    if row is None or row.state == line.DRAFT:
        raise not_found()
    return row


# ----------------------------------------------------------------------------------------------------------- requests


@routes.get("/requests")
def requests(request: Request, portal: Ours) -> Response:
    """What students ask to look at again: open ones first, the oldest on top."""
    query = select(t.requests, t.hand_ins.c.name, t.hand_ins.c.homework, t.users.c.name.label("person"))
    query = query.select_from(t.requests).join(t.hand_ins).join(t.users)
    with portal.book.reading() as connection:
        waits = connection.execute(query.where(t.requests.c.answer == "").order_by(t.requests.c.id)).all()
        answered = query.where(t.requests.c.answer != "").order_by(t.requests.c.id.desc()).limit(SHOWN)
        done = connection.execute(answered).all()
    return page(request, "staff_requests", waits=waits, done=done)


@routes.post("/requests/{number}")
def answer(portal: Ours, user: Staff, form: Form, number: Number) -> Response:
    """Answer a request; with `again`, the attempt is graded again, before other reruns."""
    text, wants_again = said(form, "answer")[:4000], bool(said(form, "again"))
    with portal.book.writing() as connection:
        row = connection.execute(select(t.requests).where(t.requests.c.id == number)).one_or_none()
        if row is None:
            raise not_found()
        if not text:
            raise UsageError("Say something to the student.")
        if (row.answer, row.answered_by) == (text, user.name):
            return go("/staff/requests")  # the button was pressed twice
        if row.answer:
            raise UsageError(f"{row.answered_by} has answered this already. That answer stays as it is.")
        is_again = wants_again and line.again(connection, row.hand_in_id, line.REGRADE)
        values = {"answer": text, "answered_by": user.name}
        connection.execute(update(t.requests).where(t.requests.c.id == number).values(**values))
        about = f"request {number}" + (", graded again" if is_again else "")
        note(connection, user.email, "answer", about, "", text)
    return go("/staff/requests")


# ------------------------------------------------------------------------------------------------------------- people


@routes.get("/people")
def everybody(request: Request, portal: Ours, words: str = "") -> Response:
    """All accounts; those of staff first."""
    return _people(request, portal, words)


def _people(request: Request, portal: Portal, words: str = "", link: str = "", whose: str = "") -> Response:
    query = select(t.users).order_by(t.users.c.role == STUDENT, t.users.c.student)
    given = select(t.extensions, t.users.c.student).select_from(t.extensions).join(t.users)
    lifted = select(t.lifts).where(t.lifts.c.until > now_text())
    if words:
        columns = (t.users.c.student, t.users.c.name, t.users.c.email)
        query = query.where(columns[0].icontains(words, autoescape=True) | columns[1].icontains(words, autoescape=True))
    with portal.book.reading() as connection:
        rows = connection.execute(query).all()
        extensions = connection.execute(given).all()
        lifts = connection.execute(lifted).all()
    told = {"link": link, "whose": whose}
    values: dict[str, Any] = {"rows": rows, "extensions": extensions, "lifts": lifts, "words": words, "told": told}
    return page(request, "staff_people", can_mail=portal.mail is not None, **values)


@routes.post("/people")
def add(request: Request, portal: Ours, user: Instructor, form: Form) -> Response:
    """Make an account of staff, or change its role, and show its invitation."""
    email, name, role = said(form, "email"), said(form, "name")[:200], said(form, "role")
    with portal.book.writing() as connection:
        before = people.find(connection, email)
        number = people.add_staff(connection, email, name, role)
        made = people.user_of(connection.execute(select(t.users).where(t.users.c.id == number)).one())
        note(connection, user.email, "account", made.email, before.role if before else "", role)
        token = people.invite(connection, number)
    return _invitation(request, portal, made, token)


@routes.post("/people/{number}/invitation")
def invitation(request: Request, portal: Ours, user: Staff, form: Form, number: Number) -> Response:  # noqa: ARG001 - as above
    """A new link to set a password. Only instructors make one for staff: who has it is them."""
    with portal.book.writing() as connection:
        row = _account(connection.execute(select(t.users).where(t.users.c.id == number)).one_or_none(), user)
        note(connection, user.email, "invitation", row.student)
        token = people.invite(connection, number)
    return _invitation(request, portal, people.user_of(row), token)


def _account(row: Row[Any] | None, user: User) -> Row[Any]:
    if row is None or not row.is_active or (row.role != STUDENT and user.role != people.INSTRUCTOR):
        raise not_found()
    return row


def _invitation(request: Request, portal: Portal, user: User, token: str) -> Response:
    link = f"{portal.address}/invitation/{token}"
    if portal.mail is not None and "@" in user.email:
        try:
            send_invitation(portal, user, token)
            link = ""
        except GraderError:
            pass  # the mail server is away: staff hand the link over themselves
    return _people(request, portal, "", link, user.name or user.student)


@routes.post("/people/{number}/leave")
def leave(portal: Ours, user: Instructor, form: Form, number: Number) -> Response:  # noqa: ARG001 - as above
    """A TA or an instructor has left. *Add staff* takes them in again."""
    with portal.book.writing() as connection:
        row = connection.execute(select(t.users).where(t.users.c.id == number)).one_or_none()
        if row is None or row.role == STUDENT:
            raise not_found()
        if row.id == user.id:
            raise UsageError("Another instructor has to take you out.")
        if row.is_active:
            people.take_out(connection, row.id)
            note(connection, user.email, "account", row.email, row.role, "has left")
    portal.hub.drop_account(number)
    return go("/staff/people")


@routes.post("/people/{number}/extension")
def extend(portal: Ours, user: Staff, form: Form, number: Number) -> Response:
    """Give a student more days for a homework; 0 takes them back."""
    name, reason, days = said(form, "homework"), said(form, "reason")[:500], _number(said(form, "days"))
    if name not in portal.place.homeworks or not 0 <= days <= MOST_DAYS or not reason:
        raise UsageError(f"An extension names a homework, a number of days (0 to {MOST_DAYS:g}), and a reason.")

    with portal.book.writing() as connection:
        row = _student(connection, number)
        mine = (t.extensions.c.homework == name, t.extensions.c.user_id == number)
        before = connection.scalar(select(t.extensions.c.days).where(*mine)) or 0.0
        connection.execute(delete(t.extensions).where(*mine))
        if days:
            values = {"homework": name, "user_id": number, "days": days, "reason": reason}
            connection.execute(insert(t.extensions).values(**values))
        line.note_homework(connection, name, stale=True)
        about = f"{row.student} in {name}: {reason}"
        note(connection, user.email, "extension", about, f"{before:g} days", f"{days:g} days")
    return go("/staff/people")


def _student(connection: Connection, number: int) -> Row[Any]:
    row = connection.execute(select(t.users).where(t.users.c.id == number)).one_or_none()
    if row is None or row.role != STUDENT:
        raise not_found()
    return row


@routes.post("/people/{number}/tokens")
def lift(portal: Ours, user: Staff, form: Form, number: Number) -> Response:
    """Let a student hand in without tokens for some hours; 0 ends that."""
    name, reason, hours = said(form, "homework"), said(form, "reason")[:500], _number(said(form, "hours"))
    homework = portal.place.homeworks.get(name)
    if homework is None or homework.assignment.portal.tokens is None:
        raise UsageError("Choose a homework that has tokens.")
    if not 0 <= hours <= MOST_DAYS * 24 or not reason:
        raise UsageError(f"Say for how many hours (0 to {MOST_DAYS * 24:g}), and a reason.")
    until = (datetime.now(UTC) + timedelta(hours=hours)).isoformat(timespec="microseconds")
    with portal.book.writing() as connection:
        row = _student(connection, number)
        before = line.lifted_until(connection, number, name)
        connection.execute(delete(t.lifts).where(t.lifts.c.homework == name, t.lifts.c.user_id == number))
        values = {"homework": name, "user_id": number, "until": until, "reason": reason}
        connection.execute(insert(t.lifts).values(**values))
        about = f"{row.student} in {name}: {reason}"
        note(connection, user.email, "no tokens", about, f"until {before}" if before else "", f"until {until}")
    return go("/staff/people")


def _number(text: str) -> float:
    """A number that somebody typed; -1 for what is none."""
    try:
        number = float(text)
    except ValueError:
        return -1.0
    return number if math.isfinite(number) else -1.0


# --------------------------------------------------------------------------------------------------- class and grading


@routes.get("/class/{name}")
def class_page(portal: Ours, name: str) -> Response:
    """The class page, as `grader grade` writes it."""
    return shown((_published(portal, name) / "class.html").read_bytes(), with_script=True)


@routes.get("/class/{name}/{hand_in}/report.html")
def class_report(portal: Ours, name: str, hand_in: str) -> Response:
    """Where the class page's links lead."""
    query = select(t.hand_ins.c.id, t.hand_ins.c.name).where(t.hand_ins.c.homework == name, t.hand_ins.c.name != "")
    with portal.book.reading() as connection:
        found = [row.id for row in connection.execute(query) if folder_name(row.name) == hand_in]
    if not found:
        raise not_found()
    return go(f"/staff/hand-ins/{found[0]}")


@routes.get("/gradebook/{name}")
def gradebook(portal: Ours, name: str) -> Response:
    """The gradebook's files as an archive."""
    return download(
        (_published(portal, name) / "gradebook.zip").read_bytes(), f"gradebook-{name}.zip", "application/zip"
    )


def _published(portal: Portal, name: str) -> Path:
    """Make the class page and the gradebook in a process of its own, which may load pandas."""
    if name not in portal.place.homeworks or not (run_folder(portal.place.state, name) / "_staff").is_dir():
        raise not_found()
    state, root = portal.place.state, portal.place.root.resolve()
    out = state / "published" / name
    made_from = [state / LEDGER, state / f"{LEDGER}-wal", state / ROSTER, *(root / "assignments").rglob("*.toml")]

    def is_made() -> bool:
        return _time(out / "gradebook.zip") > max(map(_time, made_from))

    if not is_made():
        make(ours("grader.portal.publish", state, root, name), PUBLISH_SECONDS, is_made)
    return out


def _time(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return 0.0


@routes.get("/health")
def health(request: Request, portal: Ours) -> Response:
    """How grading goes: the line, the grading processes, the disk, the last fault."""
    with portal.book.reading() as connection:
        counts = line.counts(connection)
        known = [line.homework(connection, name) for name in portal.place.homeworks]
        aside = connection.execute(select(t.hand_ins).where(t.hand_ins.c.state == line.ASIDE)).all()
    disk = shutil.disk_usage(portal.place.state)
    return page(
        request,
        "staff_health",
        streams=portal.hub.count,
        unknown=_unknown(portal.book, portal),
        states=STATES,
        counts=counts,
        known=known,
        aside=aside,
        alive=portal.supervisor.alive(),
        disk=disk,
    )


def _unknown(book: Book, portal: Portal) -> list[str]:
    """Students with hand-ins who are on the roster no longer."""
    listed = {one.id for one in roster_of(portal.place.state)}
    query = select(t.users.c.student).join(t.hand_ins).where(t.users.c.role == STUDENT).distinct()
    with book.reading() as connection:
        return sorted(set(connection.scalars(query)) - listed)


@routes.get("/audit")
def audit(request: Request, portal: Ours, user: Instructor) -> Response:  # noqa: ARG001 - only they
    """What staff did, the newest first."""
    with portal.book.reading() as connection:
        rows = connection.execute(select(t.audit).order_by(t.audit.c.id.desc()).limit(SHOWN * 5)).all()
    return page(request, "staff_audit", rows=rows)
