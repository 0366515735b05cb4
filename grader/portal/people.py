"""Who may come in: accounts, invitations, passwords and sessions.

Tokens are random, and the database has their hashes only. At most two passwords are hashed at once, for each takes
64 MB; and whoever guesses is held up by `Limiter`, whether the account exists or not.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import secrets
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection, delete, insert, or_, select, update

from grader.collect.roster import Person, fold
from grader.errors import GraderError, UsageError
from grader.portal import tables as t
from grader.portal.book import Book, now_text

STUDENT, TA, INSTRUCTOR = "student", "TA", "instructor"
ROLES = (STUDENT, TA, INSTRUCTOR)
SESSION_DAYS, INVITATION_DAYS = 14, 14
LEAST, MOST = 10, 200  # characters of a password
AT_ONCE = threading.BoundedSemaphore(2)
IN_HAND = threading.BoundedSemaphore(12)  # those that wait for it included: they hold threads that pages need
WAIT_SECONDS = 5.0  # for one of these: a class logs in at once
_HASHER = PasswordHasher()
# Compared with where there is no account, so that this takes as long. Made at the first use: it takes 50 ms.
_NOBODY: list[str] = []


@dataclass(frozen=True)
class User:
    """An account."""

    id: int
    student: str
    name: str
    email: str
    role: str

    @property
    def is_staff(self) -> bool:
        """Whether they see what others hand in."""
        return self.role in (TA, INSTRUCTOR)


class Busy(GraderError):
    """Many people log in at this moment."""


class Limiter:
    """Counts what may happen only so often within some minutes. Kept in memory: a restart forgets it."""

    def __init__(self, most: int, seconds: float) -> None:
        self._most, self._seconds = most, seconds
        self._seen: dict[str, deque[float]] = {}
        self._lock = threading.Lock()

    def allows(self, key: str) -> bool:
        """Note one more, and say whether it is within the limit."""
        now = time.monotonic()
        with self._lock:
            if len(self._seen) > 10_000:
                self._seen = {one: when for one, when in self._seen.items() if when and when[-1] > now - self._seconds}
            seen = self._seen.setdefault(key, deque())
            while seen and seen[0] <= now - self._seconds:
                seen.popleft()
            if len(seen) >= self._most:
                return False
            seen.append(now)
            return True

    def forgive(self, key: str) -> None:
        """The last one was none after all."""
        with self._lock:
            if self._seen.get(key):
                self._seen[key].pop()


def digest(token: str) -> str:
    """What the database knows a token by."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def form_token(token: str) -> str:
    """What a session's forms carry: it tells nothing about the session's token."""
    return digest(f"form {token}")


# ------------------------------------------------------------------------------------------------------------ accounts


def enrol(connection: Connection, roster: Sequence[Person]) -> list[str]:
    """Make or rename the accounts of a roster's students. Who is gone from it can no longer come in.

    Whose id is another one now keeps the account, with all that was handed in by it. Returns the ids that got no
    account, because they are log-ins of staff.
    """
    there = {row.login: row for row in connection.execute(select(t.users).where(t.users.c.role == STUDENT))}
    listed = {fold(person.id) for person in roster}
    staff = set(connection.scalars(select(t.users.c.login).where(t.users.c.role != STUDENT)))
    skipped = []
    for person in roster:
        login = fold(person.id)
        values: dict[str, object] = {"student": person.id, "login": login, "name": person.name, "is_active": True}
        values["email"] = fold(person.email)
        former = [one for one in map(fold, person.formerly.split()) if one in there and one not in listed]
        old = there.pop(login, None)
        if old is None and former and login not in staff:
            old = there.pop(former[0])
        if old is not None:
            connection.execute(update(t.users).where(t.users.c.id == old.id).values(**values))
        elif login in staff:
            skipped.append(person.id)
        else:
            connection.execute(insert(t.users).values(role=STUDENT, password="", **values))
    for gone in there.values():
        take_out(connection, gone.id)
    return skipped


def add_staff(connection: Connection, email: str, name: str, role: str) -> int:
    """Make an account of staff, or give an account of theirs another role. Raises `UsageError`."""
    email = fold(email.strip())
    if role not in (TA, INSTRUCTOR) or "@" not in email or not email.isprintable() or " " in email or len(email) > 320:
        raise UsageError("an account of staff needs an e-mail address, and is a TA's or an instructor's")
    same = connection.execute(select(t.users).where(t.users.c.login == email)).all()
    if any(row.role == STUDENT for row in same):
        raise UsageError(f"{email} is a student's log-in: staff need another address, or the roster another id")
    for old in same:
        values = {"role": role, "name": name or old.name, "is_active": True}
        connection.execute(update(t.users).where(t.users.c.id == old.id).values(**values))
        return int(old.id)
    values = {"student": email, "login": email, "email": email, "name": name or email, "role": role}
    made = connection.execute(insert(t.users).values(password="", is_active=True, **values)).inserted_primary_key
    assert made is not None
    return int(made[0])


def take_out(connection: Connection, user: int) -> None:
    """Somebody has left: the account, what they did and what they handed in stay, and nobody comes in by it."""
    connection.execute(update(t.users).where(t.users.c.id == user).values(is_active=False))
    for table in (t.sessions, t.invitations, t.keys):
        connection.execute(delete(table).where(table.c.user_id == user))


def user_of(row: object) -> User:
    """The account of a row."""
    return User(*(getattr(row, name) for name in User.__dataclass_fields__))


def find(connection: Connection, who: str) -> User | None:
    """The active account of this id, or of this e-mail address; None where none or several have it."""
    who = fold(who.strip())
    for column in (t.users.c.login, t.users.c.email):
        rows = connection.execute(select(t.users).where(column == who, t.users.c.is_active)).all()
        if who and len(rows) == 1:
            return user_of(rows[0])
    return None


# ----------------------------------------------------------------------------------------------- invitations, passwords


def invite(connection: Connection, user: int, *, keeps_others: bool = False) -> str:
    """A new token to set a password with; unless said otherwise, earlier ones of this account no longer work."""
    token = secrets.token_urlsafe(32)
    over = t.invitations.c.until <= now_text()
    mine = t.invitations.c.user_id == user
    connection.execute(delete(t.invitations).where(over if keeps_others else or_(mine, over)))
    values = {"token_sha256": digest(token), "user_id": user, "until": _in_days(INVITATION_DAYS)}
    connection.execute(insert(t.invitations).values(**values))
    return token


def invited(connection: Connection, token: str) -> User | None:
    """Whose invitation this is, while it holds."""
    query = (
        select(t.users)
        .join(t.invitations)
        .where(t.invitations.c.token_sha256 == digest(token), t.invitations.c.until > now_text(), t.users.c.is_active)
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else user_of(row)


@contextlib.asynccontextmanager
async def turn() -> AsyncIterator[None]:
    """Wait, without a thread, until a password may be looked at. Raises `Busy` where that takes too long."""
    until = time.monotonic() + WAIT_SECONDS
    while not IN_HAND.acquire(blocking=False):
        if time.monotonic() > until:
            raise Busy
        await asyncio.sleep(0.05)
    try:
        yield
    finally:
        IN_HAND.release()


def hashed(password: str) -> str:
    """A password as it is kept. Raises `UsageError` for one that is too short or too long."""
    if not LEAST <= len(password) <= MOST:
        raise UsageError(f"A password has {LEAST} to {MOST} characters.")
    with AT_ONCE:
        return _HASHER.hash(password)


def accept(book: Book, token: str, password: str) -> User | None:
    """Set a password by invitation, once: sessions and keys of the account end. Raises `UsageError` for a bad one."""
    with book.reading() as connection:
        if invited(connection, token) is None:
            return None
    kept = hashed(password)
    with book.writing() as connection:
        user = invited(connection, token)
        if user is None:
            return None
        for table in (t.invitations, t.sessions, t.keys):
            connection.execute(delete(table).where(table.c.user_id == user.id))
        connection.execute(update(t.users).where(t.users.c.id == user.id).values(password=kept))
    return user


def check(book: Book, who: str, password: str) -> User | None:
    """Whose name and password these are. It takes as long where there is no such account."""
    with book.reading() as connection:
        user = find(connection, who)
        known = connection.scalar(select(t.users.c.password).where(t.users.c.id == user.id)) if user else ""
    with AT_ONCE:
        if not _NOBODY:
            _NOBODY.append(_HASHER.hash(secrets.token_hex()))
        try:
            _HASHER.verify(known or _NOBODY[0], password[: MOST + 1])
        except (VerificationError, InvalidHashError):
            return None
    return user if known else None


# ------------------------------------------------------------------------------------------------------------ sessions


def begin(connection: Connection, user: User) -> str:
    """A new session's token; sessions that ended are forgotten."""
    token = secrets.token_urlsafe(32)
    connection.execute(delete(t.sessions).where(t.sessions.c.until <= now_text()))
    values = {"token_sha256": digest(token), "user_id": user.id, "until": _in_days(SESSION_DAYS)}
    connection.execute(insert(t.sessions).values(**values))
    return token


def of_session(connection: Connection, token: str) -> User | None:
    """Whose session this is, while it holds."""
    return of_digest(connection, digest(token))


def of_digest(connection: Connection, known: str) -> User | None:
    """Whose session this is, by what the database knows its token by."""
    query = (
        select(t.users)
        .join(t.sessions)
        .where(t.sessions.c.token_sha256 == known, t.sessions.c.until > now_text(), t.users.c.is_active)
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else user_of(row)


def end(connection: Connection, token: str) -> None:
    """End a session."""
    connection.execute(delete(t.sessions).where(t.sessions.c.token_sha256 == digest(token)))


def _in_days(days: int) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).isoformat(timespec="microseconds")
