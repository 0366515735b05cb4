"""What `grader grade` is about to take back: grades of another suite that `grader regrade` gave."""

from __future__ import annotations

from collections.abc import Sequence

from grader.ledger.records import Kept
from grader.report.text import count
from grader.run.classrun import ClassRun


def undoes(classrun: ClassRun, kept: Sequence[Kept]) -> list[str]:
    """A sentence where grades that a regrade gave would be replaced by those of the course's suite."""
    names = {one.hand_in.name for one in kept}
    newest = {given.name: given for given in classrun.ledger.history(classrun.run)}
    regraded = [
        one
        for name, one in newest.items()
        if name in names and one.why == "regrade" and one.judge != classrun.key.judge
    ]
    if not regraded:
        return []
    said = (
        f"{count(len(regraded), 'hand-in')} had a grade of another suite, from `grader regrade` at "
        f"{max(one.given_at for one in regraded)[:16]}: this gives them the grade of the course's suite again. "
        "`grader regrade` with --suite brings the other ones back."
    )
    return [said]
