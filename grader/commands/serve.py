"""`grader serve`: the portal of a course."""

from __future__ import annotations

import csv
import secrets
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from pathlib import Path
from urllib.parse import urlsplit

import click
from sqlalchemy import select

from grader.collect.roster import fold, read_roster
from grader.collect.sheet import decoded
from grader.commands.loopback import is_loopback
from grader.errors import GraderError, UsageError
from grader.gradebook.cells import inert
from grader.homework import find_course
from grader.portal import people, upload
from grader.portal import tables as t
from grader.portal.book import Book
from grader.portal.course import ROSTER, Place
from grader.portal.hub import Hub
from grader.portal.people import INSTRUCTOR, STUDENT, TA, User
from grader.portal.server import bound, serve
from grader.portal.supervisor import Supervisor
from grader.portal.web import Mail, Portal
from grader.report.write import write
from grader.run.folder import alone
from grader.sandbox.where import ANYWHERE, WhereToGrade

FINE = 0
STATE = "portal"
DEFAULT_PORTS = {"http": 80, "https": 443}  # browsers leave them out


@dataclass(frozen=True)
class Options:
    """How a portal is served."""

    state: Path | None = None  # None: COURSE/portal
    host: str = "127.0.0.1"
    port: int = 8000
    url: str | None = None  # as browsers have it, behind a proxy
    roster: Path | None = None
    instructor: tuple[str, ...] = ()
    invite: bool = False
    mail: Path | None = None
    workers: int = 1
    demo: bool = False
    where: WhereToGrade = ANYWHERE


def run(course: Path, options: Options) -> int:
    """Serve a course until SIGTERM or Ctrl-C. Returns the exit code."""
    is_proxied = options.url is not None and not _address(options, options.port).startswith("http:")
    if options.demo and (is_proxied or not is_loopback(options.host)):
        raise UsageError("the demo shows its passwords to whoever comes: it is for this machine only")
    if options.demo:
        from grader.commands.serve_demo import prepared

        course = prepared(course, options.state)
    root = find_course(course)
    state = (options.state if options.state and not options.demo else None) or root / STATE
    if options.url is None and not is_loopback(options.host):
        raise UsageError("beyond this machine a portal needs --url, the https:// address that browsers have of it")
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    write(state / ".gitignore", "*\n")  # it lies in the course by default, and holds what nobody may publish
    with alone(state), bound(options.host, options.port) as listening:
        address = _address(options, listening.getsockname()[1])
        upload.sweep(state)
        place, book = Place.of(root, state), Book(state)
        try:
            portal = Portal(
                book, place, Supervisor(book, place, options.workers, options.where), Hub(book), address, _mail(options)
            )
            _settle(portal, options)
            if options.demo:
                portal.logins = _demo_logins(book)
            for role, name, password in portal.logins:
                click.echo(f"{role}: {name}, password {password}")
            serve(portal, listening, lambda: click.echo(f"The portal: {address}"))
        finally:
            book.close()
    return FINE


def _address(options: Options, port: int) -> str:
    """As browsers have it: pages and forms of any other address are refused. Raises `UsageError`."""
    if options.url is None:
        return _origin("http", options.host, port)
    try:
        parts = urlsplit(options.url)
        own_port = parts.port
    except ValueError:
        parts, own_port = urlsplit(""), None
    named = parts.scheme in ("http", "https") and parts.hostname and own_port != 0 and "@" not in parts.netloc
    if not named or parts.path.strip("/") or parts.query:
        raise UsageError(f"--url is an address without a path, https://portal.uni.example; {options.url!r} is none")
    host = parts.hostname or ""
    if parts.scheme == "http" and not is_loopback(host):
        raise UsageError(
            f"passwords and grades would go to {host} for all to read: --url has to be an https:// address"
        )
    return _origin(parts.scheme, host, own_port)


def _origin(scheme: str, host: str, port: int | None) -> str:
    host = f"[{host}]" if ":" in host else host
    return f"{scheme}://{host}" if port in (None, DEFAULT_PORTS[scheme]) else f"{scheme}://{host}:{port}"


def _settle(portal: Portal, options: Options) -> None:
    """Make accounts of the roster and of instructors, and give out invitations. Raises `UsageError`."""
    roster = portal.place.state / ROSTER
    if options.roster is not None:
        read_roster(options.roster)  # it is not kept if it cannot be read
        write(roster, decoded(options.roster, "roster"), mode=0o600)
    with portal.book.writing() as connection:
        for email in options.instructor:  # first: who is on the roster by that address too has one account
            people.add_staff(connection, email, "", INSTRUCTOR)
        for name in people.enrol(connection, read_roster(roster)) if roster.exists() else ():
            click.secho(f"{name} is on the roster, and is staff's log-in: no account was made", err=True, fg="yellow")
        waits = select(t.users).where(t.users.c.password == "", t.users.c.is_active)
        rows = connection.execute(waits.order_by(t.users.c.student)).all()
        named = {fold(email) for email in options.instructor}
        new = [
            (people.user_of(row), people.invite(connection, row.id))
            for row in rows
            if options.invite or row.student in named
        ]
    _give_out(portal, new)


def _give_out(portal: Portal, new: Sequence[tuple[User, str]]) -> None:
    """Send invitations, and print those that cannot be sent, as CSV."""
    from grader.portal.entrance import send_invitation

    rows = []
    for user, token in new:
        if portal.mail is not None and "@" in user.email:
            try:
                send_invitation(portal, user, token)
                continue
            except GraderError as error:
                click.secho(f"{user.email}: {error}", err=True, fg="red")
        rows.append([inert(user.name), inert(user.email), user.role, f"{portal.address}/invitation/{token}"])
    if rows:
        csv.writer(sys.stdout, lineterminator="\n").writerows([["name", "email", "role", "link"], *rows])
        sys.stdout.flush()


def _mail(options: Options) -> Mail | None:
    if options.mail is None:
        return None
    from grader.commands.mail import connected, read_config

    config = read_config(options.mail)

    def send(to: str, subject: str, text: str) -> None:
        message = EmailMessage()
        try:
            message["Subject"], message["From"], message["To"] = subject, config.sender, to
        except ValueError as error:
            raise GraderError(f"{to!r} is no address: {error}") from error
        message["Date"], message["Message-ID"] = formatdate(localtime=True), make_msgid()
        message.set_content(text)
        with connected(config) as server:
            try:
                server.send_message(message)
            except OSError as error:  # smtplib's own are
                raise GraderError(f"the mail server {config.host} refused it: {error}") from error

    return send


def _demo_logins(book: Book) -> tuple[tuple[str, str, str], ...]:
    """Passwords for a student, a TA and an instructor of the demo; new ones at each start."""
    logins = []
    for role, name in ((STUDENT, "ada@example.edu"), (TA, "ta@example.edu"), (INSTRUCTOR, "instructor@example.edu")):
        password = f"demo-{secrets.token_hex(4)}"
        with book.writing() as connection:
            user = people.find(connection, name)
            number = user.id if user else people.add_staff(connection, name, f"Demo {role}", role)
            token = people.invite(connection, number)
        people.accept(book, token, password)
        logins.append((role, name, password))
    return tuple(logins)
