"""Everything of a homework whose grade is known: the reference, alternatives, the starter, mistakes."""

from __future__ import annotations

import hashlib
from typing import NamedTuple

from grader.homework import Homework, Mistake
from grader.intake.submission import Submission


class Solution(NamedTuple):
    """One solution of known worth."""

    kind: str  # "reference", "alternative", "starter" or "mistake"
    name: str
    mistake: Mistake | None
    source: str


def solutions(homework: Homework) -> list[Solution]:
    """All of a homework's, in the order of the matrix."""
    return [
        Solution("reference", "reference", None, homework.reference_source),
        *(Solution("alternative", name, None, source) for name, source in homework.alternatives.items()),
        Solution("starter", "starter", None, homework.starter_source),
        *(Solution("mistake", one.name, one, homework.wrong_source([one])) for one in homework.mistakes),
    ]


def submission_of(homework: Homework, name: str, source: str) -> Submission:
    """A solution of staff's, as if it had been handed in."""
    content = source.encode()
    return Submission(name, {homework.assignment.files[0]: content}, hashlib.sha256(content).hexdigest(), name)
