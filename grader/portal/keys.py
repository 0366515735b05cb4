"""Keys, which students make for their command line: the database has their hashes only, and they are shown once."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy import Connection, delete, func, insert, select

from grader.errors import UsageError
from grader.portal import tables as t
from grader.portal.book import note, now_text
from grader.portal.people import STUDENT, User, digest, user_of
from grader.portal.web import Form, Number, Ours, Portal, Student, go, not_found, page, said

routes = APIRouter()
PREFIX = "grader_"  # so that those who look for secrets in public repositories know what they found
MOST = 10  # of one account


def make(connection: Connection, user: User, name: str) -> str:
    """A new key. Raises `UsageError`."""
    mine = select(func.count()).select_from(t.keys).where(t.keys.c.user_id == user.id)
    if not name:
        raise UsageError("Give the key a name: it tells you later which one to revoke.")
    if int(connection.scalar(mine) or 0) >= MOST:
        raise UsageError(f"You have {MOST} keys. Revoke one first.")
    key = PREFIX + secrets.token_urlsafe(32)
    values = {"key_sha256": digest(key), "user_id": user.id, "name": name, "made_at": now_text()}
    connection.execute(insert(t.keys).values(**values))
    note(connection, user.student, "key", name, "", "made")
    return key


def of_key(connection: Connection, key: str) -> User | None:
    """Whose key this is, while it holds."""
    mine = (t.keys.c.key_sha256 == digest(key), t.users.c.is_active, t.users.c.role == STUDENT)
    row = connection.execute(select(t.users).join(t.keys).where(*mine)).one_or_none()
    return None if row is None else user_of(row)


@routes.get("/keys")
def keys(request: Request, portal: Ours, user: Student) -> Response:
    """One's own keys, by name."""
    return _page(request, portal, user)


def _page(request: Request, portal: Portal, user: User, made: Mapping[str, Any] | None = None) -> Response:
    with portal.book.reading() as connection:
        rows = connection.execute(select(t.keys).where(t.keys.c.user_id == user.id).order_by(t.keys.c.id)).all()
    return page(request, "keys", rows=rows, made=made)


@routes.post("/keys")
def add(request: Request, portal: Ours, user: Student, form: Form) -> Response:
    """Make a key, and show it: once."""
    name = said(form, "name")[:100]
    with portal.book.writing() as connection:
        key = make(connection, user, name)
    return _page(request, portal, user, {"name": name, "key": key})


@routes.post("/keys/{number}/revoke")
def revoke(portal: Ours, user: Student, form: Form, number: Number) -> Response:  # noqa: ARG001 - its token is checked
    """Nobody comes in by this key any more."""
    mine = (t.keys.c.id == number, t.keys.c.user_id == user.id)
    with portal.book.writing() as connection:
        row = connection.execute(select(t.keys).where(*mine)).one_or_none()
        if row is None:
            raise not_found()
        connection.execute(delete(t.keys).where(*mine))
        note(connection, user.student, "key", row.name, "made", "revoked")
    return go("/keys")
