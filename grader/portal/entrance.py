"""Coming in and going out: log-in, invitation, a forgotten password; and the files that every page has."""

from __future__ import annotations

import contextlib
import ipaddress
from collections.abc import AsyncIterator

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from sqlalchemy.exc import SQLAlchemyError
from starlette.background import BackgroundTask
from starlette.exceptions import HTTPException

from grader.collect.roster import fold
from grader.errors import GraderError, UsageError
from grader.portal import people
from grader.portal.people import User
from grader.portal.web import HERE, Form, OpenForm, Ours, Portal, go, not_found, page, said, style

routes = APIRouter()
WRONG = "No account has this name and this password."
SENT = "If there is such an account, a link is on its way to its e-mail address."


@routes.get("/static/{name}")
def static(name: str) -> Response:
    """The style sheet and the script."""
    if name == "portal.css":
        return Response(style(), media_type="text/css")
    if name == "portal.js":
        return Response((HERE / "static" / name).read_text("utf-8"), media_type="text/javascript")
    raise not_found()


@routes.get("/login")
def login_page(request: Request, portal: Ours) -> Response:
    """The entrance."""
    return page(request, "login", fault="", who="", logins=portal.logins)


async def _turn(form: OpenForm) -> AsyncIterator[None]:  # noqa: ARG001 - first all has come: who sends slowly has no turn
    async with people.turn():
        yield


def _address(request: Request) -> str:
    """Where a request comes from. Whoever has an IPv6 address has all 2**64 of its network."""
    address = request.client.host if request.client else ""
    try:
        six = ipaddress.IPv6Address(address)
    except ValueError:
        return address
    return str(six.ipv4_mapped or ipaddress.IPv6Network((int(six), 64), strict=False))


@routes.post("/login", dependencies=[Depends(_turn)])
def login(request: Request, portal: Ours, form: OpenForm) -> Response:
    """Begin a session. Its token is new, whatever the browser brought."""
    who, password = said(form, "who"), str(form.get("password") or "")
    address = _address(request)
    with portal.book.reading() as connection:
        known = people.find(connection, who)
    account = f"#{known.id}" if known else fold(who)[:400]  # an id and an e-mail address may lead to one
    key = f"{account} {address}"
    if not portal.by_address.allows(address) or not portal.by_account.allows(key):
        raise HTTPException(429)
    if not portal.by_account_everywhere.allows(account):
        raise HTTPException(429)
    user = people.check(portal.book, who, password)
    if user is None:
        return page(request, "login", 401, fault=WRONG, who=who[:200], logins=portal.logins)
    portal.by_account.forgive(key)
    portal.by_account_everywhere.forgive(account)
    portal.by_address.forgive(address)  # a class in one room has one
    return _come_in(portal, user, request)


def _come_in(portal: Portal, user: User, request: Request) -> Response:
    with portal.book.writing() as connection:
        people.end(connection, request.cookies.get(portal.cookie, ""))
        token = people.begin(connection, user)
    answer = go("/")
    age = people.SESSION_DAYS * 86_400
    answer.set_cookie(
        portal.cookie, token, max_age=age, httponly=True, samesite="lax", secure=portal.is_https, path="/"
    )
    return answer


@routes.post("/logout")
def logout(request: Request, portal: Ours, form: Form) -> Response:  # noqa: ARG001 - its token is checked
    """End the session, here and in the database."""
    with portal.book.writing() as connection:
        people.end(connection, request.state.token)
    portal.hub.drop(people.digest(request.state.token))
    answer = go("/login")
    answer.delete_cookie(portal.cookie, path="/", secure=portal.is_https)
    return answer


@routes.get("/invitation/{token}")
def invitation_page(request: Request, portal: Ours, token: str) -> Response:
    """Where a password is set."""
    with portal.book.reading() as connection:
        user = people.invited(connection, token)
    if user is None:
        raise not_found()
    return page(request, "invitation", invited=user, fault="")


@routes.post("/invitation/{token}", dependencies=[Depends(_turn)])
def invitation(request: Request, portal: Ours, form: OpenForm, token: str) -> Response:
    """Set a password, and come in."""
    password, again = str(form.get("password") or ""), str(form.get("again") or "")
    with portal.book.reading() as connection:
        invited = people.invited(connection, token)
    if invited is None:
        raise not_found()
    try:
        if password != again:
            raise UsageError("The two passwords differ.")
        user = people.accept(portal.book, token, password)
    except UsageError as error:
        return page(request, "invitation", 400, invited=invited, fault=str(error))
    if user is None:
        raise not_found()
    portal.hub.drop_account(user.id)  # its sessions ended
    return _come_in(portal, user, request)


@routes.get("/forgotten")
def forgotten_page(request: Request, portal: Ours) -> Response:
    """What to do without a password."""
    return page(request, "forgotten", can_mail=portal.mail is not None, told="")


@routes.post("/forgotten")
def forgotten(request: Request, portal: Ours, form: OpenForm) -> Response:
    """Send a link, and say the same whether there is such an account or not."""
    address = _address(request)
    if portal.mail is None:
        raise not_found()
    if not portal.by_address.allows(address) or not portal.writes.allows(f"forgotten {address}"):
        raise HTTPException(429)
    answer = page(request, "forgotten", can_mail=True, told=SENT)
    answer.background = BackgroundTask(_send, portal, said(form, "who"))
    return answer


def _send(portal: Portal, who: str) -> None:
    """After the answer, which says neither by its words nor by its time whether there is such an account."""
    with contextlib.suppress(GraderError, SQLAlchemyError):
        with portal.book.reading() as connection:
            user = people.find(connection, who)
        if user is None or "@" not in user.email or not portal.forgotten.allows(str(user.id)):
            return
        with portal.book.writing() as connection:  # who asks for others does not undo the links that they have
            token = people.invite(connection, user.id, keeps_others=True)
        send_invitation(portal, user, token)


def send_invitation(portal: Portal, user: User, token: str) -> None:
    """Send an account its link. Raises `GraderError` where the mail server does not take it."""
    assert portal.mail is not None
    link = f"{portal.address}/invitation/{token}"
    text = (
        f"Hello {user.name},\n\nwith this link you set your password for {portal.place.course.name}:\n\n  {link}\n\n"
        f"It works once, and for {people.INVITATION_DAYS} days.\n"
    )
    portal.mail(user.email, f"{portal.place.course.name}: your account", text)
