"""How many students have what, so that the numbers add up to the class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from grader.gradebook.entry import Entry
from grader.gradebook.frames import GRADED, NOT_GRADED, NOT_TAKEN, NOTHING, status
from grader.report.bill import NOT_MARKED
from grader.report.text import count
from grader.spec import Assignment, Part

WORDS = {
    GRADED: "graded",
    NOT_TAKEN: "unreadable",
    NOT_MARKED: "not fully marked",
    NOT_GRADED: "not graded",
    NOTHING: "handed in nothing",
}
LEFT = "left the course"


def counts(entries: Sequence[Entry]) -> dict[str, int]:
    """What became of each student → how many; each counts once."""
    found = dict.fromkeys((*WORDS.values(), LEFT), 0)
    for entry in entries:
        found[LEFT if entry.student.has_left else WORDS[status(entry)]] += 1
    return found


@dataclass(frozen=True)
class Marking:
    """How far marking a part by hand is, among the students who have not left."""

    part: Part
    students: int
    scores: tuple[float, ...]  # of those who are marked
    having: tuple[int, ...]  # students who have an item, in the rubric's order


def markings(entries: Sequence[Entry], assignment: Assignment) -> list[Marking]:
    """The parts by hand of one homework, by its entries."""
    found = []
    for part in assignment.parts_by_hand:
        own = [one for entry in entries if not entry.student.has_left for one in entry.by_hand if one.name == part.name]
        given = [item.name for one in own for item in one.items]
        scores = tuple(one.score for one in own if one.score is not None)
        found.append(Marking(part, len(own), scores, tuple(given.count(item.name) for item in part.items)))
    return found


def standing_counts(entries: Sequence[Entry]) -> str:
    """The same in words: "300 students: 253 graded, 23 unreadable, 24 handed in nothing"."""
    said = ", ".join(f"{number:,} {word}" for word, number in counts(entries).items() if number)
    return f"{count(len(entries), 'student')}: {said}."
