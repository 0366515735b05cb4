"""The web application: its middleware, how a page is made, and who may ask for it.

Every request that changes something has to come from a page of ours, by what the browser says of its origin and by
the session's token in its form; or, below `API`, with a key. What is not there and what is not yours get the same
answer.
"""

from __future__ import annotations

import asyncio
import hmac
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import jinja2
from fastapi import Depends, Request
from fastapi import Path as InPath
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy import func, select
from starlette.datastructures import FormData, Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from grader.judging.late import duration
from grader.portal import people, upload
from grader.portal import tables as t
from grader.portal.book import Book
from grader.portal.course import Place
from grader.portal.hub import Hub
from grader.portal.people import INSTRUCTOR, STUDENT, Limiter, User
from grader.portal.supervisor import Supervisor
from grader.report.looks import LOOK, sheet_of_verdicts
from grader.report.page import sheet
from grader.report.text import count, out_of, plain, points

HERE = Path(__file__).parent
COOKIE = "grader_session"
API = "/api/"  # for programs, which come with a key: no cookie is looked at below it
FORM_BYTES = 100_000
MINUTES, HOUR, DAY = 15 * 60.0, 3_600.0, 86_400.0
WITH_FILES = ("/homework/", f"{API}homeworks/")
FORM_SECONDS = 300.0  # that a form may take to come
UPLOADS, UPLOADS_OF_ONE = 16, 2  # at once: in all, and of one account
OURS = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; frame-src 'self'; frame-ancestors 'none'; base-uri 'none'"
)
# A page that was made from students' work: it may show itself inside ours, and can do nothing else.
SHOWN = (
    "sandbox{allowed}; default-src 'none'; style-src 'unsafe-inline'; {scripts}img-src data:; "
    "frame-ancestors 'self'; base-uri 'none'; form-action 'none'"
)
Mail = Callable[[str, str, str], None]  # to whom, subject, text


@dataclass
class Portal:
    """What all pages need."""

    book: Book
    place: Place
    supervisor: Supervisor
    hub: Hub
    address: str  # as browsers have it: "https://portal.example.edu"
    mail: Mail | None = None
    logins: tuple[tuple[str, str, str], ...] = ()  # of a demo: role, name, password
    by_account: Limiter = field(default_factory=lambda: Limiter(10, MINUTES))
    by_account_everywhere: Limiter = field(default_factory=lambda: Limiter(100, DAY))
    by_address: Limiter = field(default_factory=lambda: Limiter(100, MINUTES))
    forgotten: Limiter = field(default_factory=lambda: Limiter(3, HOUR))
    uploads: Limiter = field(default_factory=lambda: Limiter(60, MINUTES))
    uploading: Counter[int] = field(default_factory=Counter)  # account → its uploads that are under way
    writes: Limiter = field(default_factory=lambda: Limiter(30, MINUTES))

    @property
    def is_https(self) -> bool:
        """Whether browsers come by TLS."""
        return self.address.startswith("https:")

    @property
    def cookie(self) -> str:
        """The session's cookie. With TLS no other host's page, a neighbour's say, can set one of this name."""
        return f"__Host-{COOKIE}" if self.is_https else COOKIE


class NotSignedIn(Exception):
    """Nobody is signed in, or no longer."""


def not_found() -> HTTPException:
    """The one answer for what is not there, and for what is there for others."""
    return HTTPException(404)


# ------------------------------------------------------------------------------------------------------- who is asking


def portal_of(request: Request) -> Portal:
    """The application's own things."""
    portal: Portal = request.app.state.portal
    return portal


Ours = Annotated[Portal, Depends(portal_of)]


def signed_in(request: Request, portal: Ours) -> User:
    """Who is signed in. Raises `NotSignedIn`."""
    token = request.cookies.get(portal.cookie, "")
    with portal.book.reading() as connection:
        user = people.of_session(connection, token) if token else None
        if user is None:
            raise NotSignedIn
        if user.is_staff:
            waits = select(func.count()).select_from(t.requests).where(t.requests.c.answer == "")
            request.state.open_requests = connection.scalar(waits)
    request.state.user, request.state.token = user, token
    return user


Anyone = Annotated[User, Depends(signed_in)]


def only_student(user: Anyone) -> User:
    """A student: staff hand nothing in."""
    if user.role != STUDENT:
        raise not_found()
    return user


def only_staff(user: Anyone) -> User:
    """A TA or an instructor."""
    if not user.is_staff:
        raise not_found()
    return user


def only_instructor(user: Anyone) -> User:
    """An instructor."""
    if user.role != INSTRUCTOR:
        raise not_found()
    return user


Student = Annotated[User, Depends(only_student)]
Staff = Annotated[User, Depends(only_staff)]
Instructor = Annotated[User, Depends(only_instructor)]


@asynccontextmanager
async def parsed(request: Request, files: int, fields: int) -> AsyncIterator[FormData]:
    """What a form says. Raises 408 for one that does not end."""
    try:
        async with asyncio.timeout(FORM_SECONDS):
            form = await request.form(max_files=files, max_fields=fields)
    except TimeoutError:
        raise HTTPException(408, "That took too long to arrive. Send it again over a faster connection.") from None
    try:
        yield form
    finally:
        await form.close()


async def _open_form(request: Request) -> AsyncIterator[FormData]:
    """A form of who is not signed in: it has no files."""
    async with parsed(request, 0, 10) as form:
        yield form


@asynccontextmanager
async def _own(request: Request, files: int) -> AsyncIterator[FormData]:
    """A form that was made for this session. Raises 403 for any other."""
    async with parsed(request, files, 50) as form:
        if not hmac.compare_digest(said(form, "token").encode(), people.form_token(request.state.token).encode()):
            raise HTTPException(403)
        yield form


async def _form(request: Request, user: Anyone) -> AsyncIterator[FormData]:  # noqa: ARG001 - first who, then what
    async with _own(request, 0) as form:
        yield form


@asynccontextmanager
async def room(portal: Portal, user: User) -> AsyncIterator[None]:
    """Whether files may come is asked before they are read. Raises 429."""
    if not portal.uploads.allows(str(user.id)):
        raise HTTPException(429)
    if portal.uploading[user.id] >= UPLOADS_OF_ONE or portal.uploading.total() >= UPLOADS:
        raise HTTPException(429, "Other uploads are under way. Send it again when they have ended.")
    portal.uploading[user.id] += 1
    try:
        yield
    finally:
        portal.uploading[user.id] -= 1


async def _upload(request: Request, portal: Ours, user: Student) -> AsyncIterator[FormData]:
    """A form with files."""
    async with room(portal, user), _own(request, upload.MOST_FILES) as form:
        yield form


OpenForm = Annotated[FormData, Depends(_open_form)]
Form = Annotated[FormData, Depends(_form)]
Upload = Annotated[FormData, Depends(_upload)]


Number = Annotated[int, InPath(ge=0, lt=2**63)]  # of a row: more the database does not count


def said(form: FormData, name: str) -> str:
    """A field's text; "" where there is none."""
    value = form.get(name)
    return value.strip() if isinstance(value, str) else ""


# --------------------------------------------------------------------------------------------------------------- pages


@cache
def _environment() -> jinja2.Environment:
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE / "templates"),
        autoescape=True,
        finalize=lambda value: plain(value) if type(value) is str else value,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals |= {"look": LOOK, "points": points, "out_of": out_of, "count": count, "duration": duration}
    return made


def fragment(name: str, **values: Any) -> str:
    """A piece of a page."""
    return _environment().get_template(name).render(**values)


def page(request: Request, name: str, status: int = 200, **values: Any) -> HTMLResponse:
    """A page of this template."""
    portal = portal_of(request)
    user = getattr(request.state, "user", None)
    token = getattr(request.state, "token", "")
    zone = portal.place.zone

    def when(moment: datetime | str) -> str:
        moment = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
        return f"{moment.astimezone(zone):%a %d %b %Y, %H:%M}"

    text = fragment(
        f"{name}.html.j2",
        course=portal.place.course,
        homeworks=portal.place.homeworks,
        user=user,
        token=people.form_token(token) if token else "",
        open_requests=getattr(request.state, "open_requests", 0),
        zone=portal.place.course.time_zone,
        when=when,
        **values,
    )
    return HTMLResponse(text, status)


def shown(content: str | bytes, *, with_script: bool = False, media: str = "text/html; charset=utf-8") -> Response:
    """A page that was made from students' work, under a policy of its own."""
    allowed = " allow-scripts allow-top-navigation-by-user-activation" if with_script else ""
    policy = SHOWN.format(allowed=allowed, scripts="script-src 'unsafe-inline'; " if with_script else "")
    return Response(content, media_type=media, headers={"Content-Security-Policy": policy})


def download(content: bytes, name: str, media: str) -> Response:
    """A file to keep. `name` is ours, and ASCII."""
    return Response(content, media_type=media, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def go(path: str) -> RedirectResponse:
    """To another page of ours, after a form."""
    return RedirectResponse(path, 303)


# ---------------------------------------------------------------------------------------------------------- middleware


class TooLarge(Exception):
    """More came than may. Read from the network it is, so nothing of it lies anywhere yet but in a temporary file."""


class Guard:
    """Looks at each request before anything reads it, and adds to each answer what browsers are to hold to."""

    def __init__(self, app: ASGIApp, address: str) -> None:
        self._app, self._address = app, address

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As ASGI has it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._add(MutableHeaders(scope=message), scope["path"])
            await send(message)

        headers = Headers(scope=scope)
        if headers.get("host", "") != urlsplit(self._address).netloc:
            await Response(f"This portal's address is {self._address}", 421)(scope, receive, answer)
        elif not (self._is_harmless(scope) or self._is_from_here(headers)):
            await Response("This form was not sent from a page of this portal.", 403)(scope, receive, answer)
        elif _names_a_charset(headers.get("content-type", "").lower()):
            await Response("A form of this portal is UTF-8, and names no charset.", 415)(scope, receive, answer)
        else:
            most = upload.MOST_BYTES if scope["path"].startswith(WITH_FILES) else FORM_BYTES
            if int(headers.get("content-length") or 0) > most:
                await Response(f"That is more than {most:,} bytes.", 413)(scope, receive, answer)
                return
            await self._app(scope, _counted(receive, most), answer)

    def _is_harmless(self, scope: Scope) -> bool:
        """Whether it does not matter what page a request is from: no page of others has a key to send along."""
        return scope["method"] in ("GET", "HEAD") or scope["path"].startswith(API)

    def _is_from_here(self, headers: Headers) -> bool:
        site, origin = headers.get("sec-fetch-site"), headers.get("origin")
        return (
            (site is not None or origin is not None)
            and site in (None, "same-origin")
            and origin in (None, self._address)
        )

    def _add(self, headers: MutableHeaders, path: str) -> None:
        headers.setdefault("Content-Security-Policy", OURS)
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Referrer-Policy"] = "same-origin"
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        headers["Cross-Origin-Resource-Policy"] = "same-origin"
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
        headers["Cache-Control"] = "public, max-age=3600" if path.startswith("/static/") else "no-store"
        if self._address.startswith("https:"):
            headers["Strict-Transport-Security"] = "max-age=31536000"


def _names_a_charset(kind: str) -> bool:
    """Whether a form would be decoded by a codec of its sender's choice; some take hours. Browsers name none."""
    return "multipart" in kind and "charset" in kind


def _counted(receive: Receive, most: int) -> Receive:
    """`receive`, up to so many bytes."""
    came = 0

    async def counted() -> Message:
        nonlocal came
        message = await receive()
        came += len(message.get("body", b""))
        if came > most:
            raise TooLarge
        return message

    return counted


@cache
def style() -> str:
    """The portal's style sheet: the reports' colours and words, and what pages need beside them."""
    own = (HERE / "static" / "portal.css").read_text("utf-8")
    return f"{sheet('report.css')}\n{sheet_of_verdicts()}\n{own}"
