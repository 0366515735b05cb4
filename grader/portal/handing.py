"""What handing in goes by, for the pages and for the command line: due dates, tokens, and what a student may see.

A student's bucket of tokens is reckoned anew from when their attempts took one (`bucket`), in the transaction that
hands in: no two attempts take the same one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, select
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from grader.collect.roster import Person
from grader.errors import UsageError
from grader.homework import Homework
from grader.judging.late import deadline
from grader.portal import line, upload
from grader.portal import tables as t
from grader.portal.bucket import Tokens, tokens
from grader.portal.course import Result
from grader.portal.course import people as roster_of
from grader.portal.people import User
from grader.portal.understood import understood
from grader.portal.web import Portal, not_found
from grader.run.standings import extension

SCORE_ONLY = "score only"


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


# ------------------------------------------------------------------------------------------------------------ tokens


@dataclass(frozen=True)
class Allowance:
    """Whether a student may hand in now, and what that takes."""

    most: int  # tokens of a full bucket; 0: they may hand in as often as they like
    period: timedelta  # in which one comes back
    tokens: Tokens
    lifted_until: datetime | None  # staff let them hand in without until then
    is_last: bool  # these are the last hours, in which nobody lacks one
    can_go_beyond: bool

    @property
    def takes_token(self) -> bool:
        """Whether an attempt takes a token."""
        return self.most > 0 and self.tokens.left > 0 and self.lifted_until is None

    @property
    def is_whole(self) -> bool:
        """Whether all that there is to see of an attempt will be shown."""
        return self.most == 0 or self.tokens.left > 0 or self.lifted_until is not None or self.is_last


def allowance(connection: Connection, portal: Portal, homework: Homework, user: User) -> Allowance:
    """What a student may do now."""
    assignment, now = homework.assignment, datetime.now(UTC)
    rules, period = assignment.portal, assignment.portal.one_every or timedelta()
    if rules.tokens is None:
        return Allowance(0, period, Tokens(0, None), None, is_last=False, can_go_beyond=False)
    due = due_of(connection, portal, homework, user)
    taken = line.tokens_taken(connection, user.id, assignment.name)
    return Allowance(
        rules.tokens,
        period,
        tokens(rules.tokens, period, taken, now),
        line.lifted_until(connection, user.id, assignment.name),
        is_last=due is not None and rules.never_empty is not None and due - rules.never_empty <= now <= due,
        can_go_beyond=rules.beyond == SCORE_ONLY,
    )


def is_withheld(row: Row[Any], due: datetime | None) -> bool:
    """Whether a student sees of an attempt its score and no more. What was handed in by their due date waits for it."""
    if not row.score_only:
        return False
    return due is None or datetime.now(UTC) <= due or datetime.fromisoformat(row.submitted_at) > due


# -------------------------------------------------------------------------------------------------------- handing in


def take_in(portal: Portal, homework: Homework, user: User, files: Sequence[UploadFile], moment: str) -> int:
    """Keep files as a draft. Returns its number. Raises `IntakeError` with a sentence for the student, `OSError`."""
    submission = upload.taken_in(files, homework.assignment, portal.place.state)
    starters = {homework.assignment.files[0]: homework.starter_source, **homework.starter_others}
    told = understood(submission.files, starters) | {"note": submission.renamed, "ignored": list(submission.ignored)}
    with portal.book.writing() as connection:
        number = line.add_draft(connection, user.id, homework.assignment.name, submission, moment, told)
    portal.supervisor.warm(homework.assignment.name)
    return number


def confirm(connection: Connection, portal: Portal, user: User, number: int, accepts: str) -> None:
    """Hand a draft in, and take its token. `accepts`: `SCORE_ONLY` where its student knows that there is none left.

    Raises `UsageError`, 404.
    """
    row = _own_upload(connection, number, user)
    if row.state != line.DRAFT:
        return  # the button was pressed twice
    if line.is_old(row):
        raise UsageError("This upload has waited for more than an hour. Upload it again.")
    if line.is_full(connection, user.id, row.homework):
        raise UsageError("Three of your attempts wait already. Hand this one in when one of them is graded.")
    _refuse_choice(connection, portal, user, row)
    its = allowance(connection, portal, homework_of(portal, row.homework, user), user)
    if not its.is_whole and not its.can_go_beyond:
        raise UsageError("You have no token left. The homework's page says when the next one comes.")
    if not its.is_whole and accepts != SCORE_ONLY:
        raise UsageError(
            "You have no token left by now. Go back and reload the page to hand it in all the same: you will then see "
            "its score and no more."
        )
    line.confirm(connection, row, user.student, takes_token=its.takes_token, score_only=not its.is_whole)


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
    due = due_of(connection, portal, homework, user)
    if due is None or datetime.now(UTC) <= due:
        return
    policy = homework.assignment.late or portal.place.course.late
    end = due + timedelta(minutes=policy.grace_minutes)
    if datetime.fromisoformat(row.submitted_at) <= end and line.is_outdone(connection, row, end):
        raise UsageError("It was due since: of your uploads before that only the newest one can be handed in now.")


# ---------------------------------------------------------------------------------------------------------- standings


def extension_of(connection: Connection, portal: Portal, name: str, user: User) -> float:
    """The days that a student has after the due date, as the ledger reckons them."""
    query = select(t.extensions.c.days).where(t.extensions.c.homework == name, t.extensions.c.user_id == user.id)
    given = float(connection.scalar(query) or 0.0)
    listed = next((one for one in roster_of(portal.place.state, name) if one.id == user.student), Person(user.student))
    person = replace(listed, extension=max(given, listed.extension))
    try:
        return extension(portal.place.homeworks[name].assignment, person)
    except UsageError:  # nobody knows of what their percentage is: grading says so to staff
        return person.extension


def late_days_left(connection: Connection, portal: Portal, user: User) -> int:
    """The late days of the term's budget that a student has left, as far as it was graded."""
    return max(portal.place.course.late_days - line.late_days(connection, user.student), 0)


def due_of(connection: Connection, portal: Portal, homework: Homework, user: User) -> datetime | None:
    """When a homework is due for this student."""
    if homework.assignment.due is None:
        return None
    days = extension_of(connection, portal, homework.assignment.name, user)
    return deadline(homework.assignment.due, portal.place.zone, days) if days else homework.assignment.due


def counting_of(
    connection: Connection, portal: Portal, name: str, user: User, attempts: line.Rows
) -> tuple[Row[Any], Result] | None:
    """The attempt that counts so far, with its report: the ledger's word where it has one, else the latest."""
    graded = [(one, portal.place.report(name, one.name)) for one in attempts]
    found = [(one, its) for one, its in graded if its is not None and its.score is not None]
    if said_last := line.counting(connection, name, user.student):
        found = [(one, its) for one, its in found if one.name == said_last]
    return max(found, key=lambda pair: (pair[0].submitted_at, pair[0].attempt), default=None)
