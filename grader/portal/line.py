"""What students handed in, as a line: the table `hand_ins` is the queue, and what is in it outlives every process.

A draft becomes an attempt when its student says so. Then it is queued, running, and done; or set aside, where grading
it killed whoever graded it, or failed for a reason of ours.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, and_, delete, func, insert, or_, select, update

from grader.intake.submission import Submission
from grader.portal import tables as t
from grader.portal.book import now_text

DRAFT, QUEUED, RUNNING, DONE, ASIDE = "draft", "queued", "running", "done", "aside"
HAND_IN, REGRADE, RERUN = 0, 1, 2  # the lanes
TRIES = 3
DRAFT_HOURS = 1.0  # that a draft waits to be handed in
DRAFTS = 5  # of one student in one homework
WAITING = 3  # attempts of one student in one homework that are not graded yet
CHECK, STATE = "check", "state"
Rows = Sequence[Row[Any]]


def add_draft(
    connection: Connection, user: int, homework: str, submission: Submission, submitted_at: str, understood: object
) -> int:
    """Keep what was uploaded, before it counts. The student's oldest drafts make room."""
    files = zlib.compress(msgspec.msgpack.encode(dict(submission.files)), 3)
    if connection.scalar(select(t.contents.c.sha256).where(t.contents.c.sha256 == submission.sha256)) is None:
        connection.execute(insert(t.contents).values(sha256=submission.sha256, files=files))
    mine = and_(t.hand_ins.c.user_id == user, t.hand_ins.c.homework == homework, t.hand_ins.c.state == DRAFT)
    drafts = connection.scalars(select(t.hand_ins.c.id).where(mine).order_by(t.hand_ins.c.id.desc())).all()
    connection.execute(delete(t.hand_ins).where(t.hand_ins.c.id.in_(drafts[DRAFTS - 1 :])))
    used = select(t.hand_ins.c.sha256)
    connection.execute(
        delete(t.contents).where(t.contents.c.sha256.not_in(used), t.contents.c.sha256 != submission.sha256)
    )
    values = {
        "homework": homework,
        "user_id": user,
        "attempt": 0,
        "name": "",
        "sha256": submission.sha256,
        "submitted_at": submitted_at,
        "understood": json.dumps(understood),
        "state": DRAFT,
        "lane": HAND_IN,
        "tries": 0,
        "queued_at": "",
        "why": "",
        "token_at": "",
        "score_only": False,
    }
    made = connection.execute(insert(t.hand_ins).values(**values)).inserted_primary_key
    assert made is not None
    return int(made[0])


def is_old(row: Row[Any]) -> bool:
    """Whether a draft has waited too long: its upload's time would count."""
    return datetime.now(UTC) - datetime.fromisoformat(row.submitted_at) > timedelta(hours=DRAFT_HOURS)


def is_outdone(connection: Connection, row: Row[Any], until: datetime) -> bool:
    """Whether its student uploaded something newer for the same homework, up to a moment."""
    mine = and_(t.hand_ins.c.user_id == row.user_id, t.hand_ins.c.homework == row.homework)
    end = until.astimezone(UTC).isoformat(timespec="microseconds")
    newer = and_(mine, t.hand_ins.c.submitted_at > row.submitted_at, t.hand_ins.c.submitted_at <= end)
    return connection.scalar(select(t.hand_ins.c.id).where(newer).limit(1)) is not None


def confirm(
    connection: Connection,
    row: Row[Any],
    student: str,
    lane: int = HAND_IN,
    *,
    takes_token: bool = False,
    score_only: bool = False,
) -> None:
    """Make a draft the student's next attempt, and queue it."""
    mine = and_(t.hand_ins.c.user_id == row.user_id, t.hand_ins.c.homework == row.homework)
    attempt = int(connection.scalar(select(func.max(t.hand_ins.c.attempt)).where(mine)) or 0) + 1
    now = now_text()
    values = {"attempt": attempt, "name": f"{student}_attempt{attempt}", "state": QUEUED, "queued_at": now}
    values |= {"lane": lane, "token_at": now if takes_token else "", "score_only": score_only}
    connection.execute(update(t.hand_ins).where(t.hand_ins.c.id == row.id).values(**values))


def tokens_taken(connection: Connection, user: int, homework: str) -> list[datetime]:
    """When a student's attempts took a token that was not given back, in the order in which they did."""
    mine = and_(t.hand_ins.c.user_id == user, t.hand_ins.c.homework == homework, t.hand_ins.c.token_at != "")
    found = connection.scalars(select(t.hand_ins.c.token_at).where(mine).order_by(t.hand_ins.c.attempt))
    return [datetime.fromisoformat(moment) for moment in found]


def lifted_until(connection: Connection, user: int, homework: str) -> datetime | None:
    """Until when a student may hand in without a token, as staff said; None where that is over, or never was."""
    mine = and_(t.lifts.c.user_id == user, t.lifts.c.homework == homework, t.lifts.c.until > now_text())
    until = connection.scalar(select(t.lifts.c.until).where(mine))
    return None if until is None else datetime.fromisoformat(until)


def again(connection: Connection, number: int, lane: int) -> bool:
    """Queue what was graded, or set aside, once more. Returns whether it was."""
    mine = and_(t.hand_ins.c.id == number, t.hand_ins.c.state.in_((DONE, ASIDE)))
    values = {"state": QUEUED, "lane": lane, "tries": 0, "why": "", "queued_at": now_text()}
    if connection.execute(update(t.hand_ins).where(mine).values(**values)).rowcount == 0:
        return False
    connection.execute(delete(t.events).where(t.events.c.hand_in_id == number))
    tell(connection, number, STATE, QUEUED)
    return True


def is_full(connection: Connection, user: int, homework: str) -> bool:
    """Whether so many of a student's attempts wait that a further one would hold others up."""
    is_on = t.hand_ins.c.state.in_((QUEUED, RUNNING))
    mine = and_(t.hand_ins.c.user_id == user, t.hand_ins.c.homework == homework, is_on)
    return int(connection.scalar(select(func.count()).select_from(t.hand_ins).where(mine)) or 0) >= WAITING


def waiting(connection: Connection) -> dict[str, list[int]]:
    """Homework → its queued hand-ins in the order in which they will be graded."""
    query = select(t.hand_ins.c.id, t.hand_ins.c.homework).where(t.hand_ins.c.state == QUEUED)
    found: dict[str, list[int]] = {}
    for row in connection.execute(query.order_by(t.hand_ins.c.lane, t.hand_ins.c.id)):
        found.setdefault(row.homework, []).append(row.id)
    return found


def take(connection: Connection, homework: str) -> Row[Any] | None:
    """The next hand-in of a homework, which is running now; None where none waits."""
    query = select(t.hand_ins, t.users.c.student).join(t.users)
    mine = and_(t.hand_ins.c.homework == homework, t.hand_ins.c.state == QUEUED)
    row = connection.execute(query.where(mine).order_by(t.hand_ins.c.lane, t.hand_ins.c.id).limit(1)).one_or_none()
    if row is not None:
        over = select(t.hand_ins.c.id).where(t.hand_ins.c.state.in_((DONE, ASIDE)))  # their reports say it
        connection.execute(delete(t.events).where(t.events.c.kind == CHECK, t.events.c.hand_in_id.in_(over)))
        begun = {"state": RUNNING, "tries": t.hand_ins.c.tries + 1}
        connection.execute(update(t.hand_ins).where(t.hand_ins.c.id == row.id).values(**begun))
        # what an earlier grading said before it was killed would be said twice
        connection.execute(delete(t.events).where(t.events.c.hand_in_id == row.id))
        tell(connection, row.id, STATE, RUNNING)
    return row


def files_of(connection: Connection, sha256: str) -> Mapping[str, bytes]:
    """The files of this hash, as they were handed in."""
    kept = connection.scalar(select(t.contents.c.files).where(t.contents.c.sha256 == sha256))
    assert kept is not None
    return msgspec.msgpack.decode(zlib.decompress(kept), type=dict[str, bytes])


def finish(connection: Connection, number: int, *, why: str = "") -> None:
    """A hand-in is done; or set aside, where there is a reason. A first grading then gives its token back."""
    state = ASIDE if why else DONE
    connection.execute(update(t.hand_ins).where(t.hand_ins.c.id == number).values(state=state, why=why))
    if why:
        first = and_(t.hand_ins.c.id == number, t.hand_ins.c.lane == HAND_IN)
        connection.execute(update(t.hand_ins).where(first).values(token_at=""))
    tell(connection, number, STATE, state)


def recover(connection: Connection, homework: str, *, is_ours: bool = False) -> None:
    """Queue again what a grading process that is dead had begun. What killed three is set aside.

    `is_ours`: it ended for a reason that it could name, a full disk say; that is not counted.
    """
    mine = and_(t.hand_ins.c.homework == homework, t.hand_ins.c.state == RUNNING)
    if is_ours:
        connection.execute(update(t.hand_ins).where(mine).values(tries=t.hand_ins.c.tries - 1))
    for row in connection.execute(select(t.hand_ins.c.id, t.hand_ins.c.tries).where(mine)).all():
        if row.tries >= TRIES:
            finish(connection, row.id, why=f"grading it ended {row.tries} times before it was done")
        else:
            connection.execute(update(t.hand_ins).where(t.hand_ins.c.id == row.id).values(state=QUEUED))
            tell(connection, row.id, STATE, QUEUED)


def tell(connection: Connection, number: int, kind: str, content: str) -> None:
    """Say something to whoever watches a hand-in."""
    connection.execute(insert(t.events).values(hand_in_id=number, kind=kind, content=content))


def events_after(connection: Connection, last: int, number: int | None = None) -> Rows:
    """What was said since: about this hand-in, or about all."""
    mine = t.events.c.id > last if number is None else and_(t.events.c.id > last, t.events.c.hand_in_id == number)
    return connection.execute(select(t.events).where(mine).order_by(t.events.c.id)).all()


def last_event(connection: Connection) -> int:
    """The number of what was said last."""
    return int(connection.scalar(select(func.max(t.events.c.id))) or 0)


def of_user(connection: Connection, user: int, homework: str) -> Rows:
    """A student's attempts in a homework, the newest first."""
    mine = and_(t.hand_ins.c.user_id == user, t.hand_ins.c.homework == homework, t.hand_ins.c.state != DRAFT)
    return connection.execute(select(t.hand_ins).where(mine).order_by(t.hand_ins.c.attempt.desc())).all()


def one(connection: Connection, number: int) -> Row[Any] | None:
    """A hand-in with its student."""
    query = select(t.hand_ins, t.users.c.student, t.users.c.name.label("person"), t.users.c.email).join(t.users)
    return connection.execute(query.where(t.hand_ins.c.id == number)).one_or_none()


def search(connection: Connection, *, homework: str, state: str, words: str, before: int, most: int) -> Rows:
    """Attempts for staff, the newest first; empty words leave nothing out."""
    query = select(t.hand_ins, t.users.c.student, t.users.c.name.label("person")).join(t.users)
    query = query.where(t.hand_ins.c.state != DRAFT)
    if homework:
        query = query.where(t.hand_ins.c.homework == homework)
    if state:
        query = query.where(t.hand_ins.c.state == state)
    if words:
        named = (t.users.c.student, t.users.c.name, t.users.c.email, t.hand_ins.c.name)
        query = query.where(or_(*(column.icontains(words, autoescape=True) for column in named)))
    if before:
        query = query.where(t.hand_ins.c.id < before)
    return connection.execute(query.order_by(t.hand_ins.c.id.desc()).limit(most)).all()


def counts(connection: Connection) -> dict[tuple[str, str], int]:
    """Homework and state → how many hand-ins."""
    query = select(t.hand_ins.c.homework, t.hand_ins.c.state, func.count()).group_by(
        t.hand_ins.c.homework, t.hand_ins.c.state
    )
    return {(row[0], row[1]): row[2] for row in connection.execute(query)}


# ----------------------------------------------------------------------------------------------------------- homeworks


def know(connection: Connection, names: Sequence[str]) -> None:
    """Make a row for each homework that has none, and look at all of them once."""
    there = set(connection.scalars(select(t.homeworks.c.name)))
    for name in names:
        if name not in there:
            values = {"stale": True, "tier": "", "fault": "", "fault_at": "", "disclosed": False}
            connection.execute(insert(t.homeworks).values(name=name, late_days="{}", counting="{}", **values))


def homework(connection: Connection, name: str) -> Row[Any]:
    """What is known of a homework's grading."""
    return connection.execute(select(t.homeworks).where(t.homeworks.c.name == name)).one()


def note_homework(connection: Connection, name: str, **values: object) -> None:
    """Change what is known of a homework's grading."""
    connection.execute(update(t.homeworks).where(t.homeworks.c.name == name).values(**values))


def late_days(connection: Connection, student: str) -> int:
    """The late days of the term's budget that a student has spent, as far as it was graded."""
    return sum(json.loads(spent).get(student, 0) for spent in connection.scalars(select(t.homeworks.c.late_days)))


def counting(connection: Connection, homework: str, student: str) -> str:
    """Which hand-in of a student counts, as far as it was graded; "" where none was."""
    kept = connection.scalar(select(t.homeworks.c.counting).where(t.homeworks.c.name == homework))
    return str(json.loads(kept or "{}").get(student, ""))


def extensions(connection: Connection, homework: str) -> dict[str, float]:
    """Student's id → days after the due date that staff gave here."""
    query = select(t.users.c.student, t.extensions.c.days).select_from(t.extensions).join(t.users)
    return {row[0]: row[1] for row in connection.execute(query.where(t.extensions.c.homework == homework))}
