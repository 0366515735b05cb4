"""Points that staff give or take by hand: what makes sense, for the command line and for the portal."""

from __future__ import annotations

import math
from datetime import UTC, datetime

from grader.errors import UsageError
from grader.gradebook.entry import Adjustment
from grader.ledger.ledger import Ledger
from grader.ledger.records import Run

MOST = 10_000  # points


def give(ledger: Ledger, run: Run, student: str, adjustment: Adjustment) -> int:
    """Note points for a student's id. Returns the adjustment's number. Raises `UsageError`, `LedgerError`."""
    amount = adjustment.points
    _need(adjustment.reason)
    if not math.isfinite(amount) or not amount or abs(amount) > MOST:
        raise UsageError("say how many points to give, or, with a minus sign, to take: a number other than 0")
    return ledger.adjust(run, student, adjustment, datetime.now(UTC))


def withdraw(ledger: Ledger, run: Run, number: int, by: str, reason: str) -> None:
    """Take an adjustment back. Raises `UsageError`, `LedgerError`."""
    _need(reason)
    if number not in {one.id for one in ledger.adjustments(run)}:
        raise UsageError(f"there is no adjustment {number} in this run that could be withdrawn")
    ledger.withdraw(run, number, by, reason, datetime.now(UTC))


def _need(reason: str) -> None:
    if not reason.strip():
        raise UsageError("an adjustment needs a reason, which the student reads")
