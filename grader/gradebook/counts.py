"""How many students have what, so that the numbers add up to the class."""

from __future__ import annotations

from collections.abc import Sequence

from grader.gradebook.entry import Entry
from grader.gradebook.frames import GRADED, NOT_GRADED, NOT_TAKEN, NOTHING, status
from grader.report.bill import NOT_MARKED
from grader.report.text import count

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


def standing_counts(entries: Sequence[Entry]) -> str:
    """The same in words: "300 students: 253 graded, 23 unreadable, 24 handed in nothing"."""
    said = ", ".join(f"{number:,} {word}" for word, number in counts(entries).items() if number)
    return f"{count(len(entries), 'student')}: {said}."
