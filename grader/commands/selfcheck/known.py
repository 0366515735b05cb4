"""Everything of a homework whose grade is known: the reference, alternatives, the starter, mistakes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import NamedTuple

from grader.homework import Homework, Mistake
from grader.intake.submission import Submission


class Solution(NamedTuple):
    """One solution of known worth."""

    kind: str  # "reference", "alternative", "starter" or "mistake"
    name: str
    mistake: Mistake | None
    source: str
    others: Mapping[str, str]  # sources of its other modules, by their files' names


def solutions(homework: Homework) -> list[Solution]:
    """All of a homework's, in the order of the matrix."""
    return [
        Solution("reference", "reference", None, homework.reference_source, homework.other_sources),
        *(
            Solution("alternative", name, None, source, homework.alternative_others(name))
            for name, source in homework.alternatives.items()
        ),
        Solution("starter", "starter", None, homework.starter_source, homework.starter_others),
        *(
            Solution("mistake", one.name, one, homework.wrong_source([one]), homework.wrong_others([one]))
            for one in homework.mistakes
        ),
    ]


def submission_of(homework: Homework, name: str, source: str, others: Mapping[str, str] | None = None) -> Submission:
    """A solution of staff's, as if it had been handed in. Modules that are not given are the reference's."""
    sources = {homework.assignment.files[0]: source, **homework.other_sources, **(others or {})}
    files = {file: text.encode() for file, text in sorted(sources.items())}
    return Submission(name, files, hashlib.sha256(b"\0".join(files.values())).hexdigest(), name)
