"""Whose is it? What a platform says of a hand-in's owners, held against the roster. Pure.

An owner is recognised by id, then e-mail address, then name, in any order of its words and with or without spaces
between them (Canvas writes "doejane"), then as a team. A word of a file's name may be an id as well: "hw1_s1001". What
fits two people fits nobody: it is listed, and graded all the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations

from grader.collect.handin import HandIn, Owner
from grader.collect.roster import Person, fold

WORDS = 5  # of a name that is tried in every order


@dataclass(frozen=True)
class Matched:
    """Hand-ins with their students, and what did not go without saying."""

    students: Mapping[str, tuple[str, ...]]  # hand-in's name → ids
    strangers: tuple[Person, ...]  # made up for owners that the roster does not have
    notes: tuple[str, ...]


def match(hand_ins: Sequence[HandIn], roster: Sequence[Person]) -> Matched:
    """Find the students of each hand-in. Without a roster everybody is who the platform says."""
    book = _Book(roster)
    students: dict[str, tuple[str, ...]] = {}
    strangers: dict[str, Person] = {}
    notes = []
    for hand_in in hand_ins:
        ids: list[str] = []
        for owner in hand_in.owners or (Owner(id=hand_in.name),):
            people = book.find(owner)
            if not people:
                stranger = _stranger(owner, hand_in, taken={person.id for person in roster})
                people = [strangers.setdefault(stranger.id, stranger)]
                if roster:
                    notes.append(f"{hand_in.name}: {_called(owner)} is nobody on the roster. Graded all the same.")
            ids += [person.id for person in people]
        students[hand_in.name] = tuple(dict.fromkeys(ids))
    return Matched(students, tuple(strangers.values()), (*notes, *_repeated(hand_ins, students)))


class _Book:
    def __init__(self, roster: Sequence[Person]) -> None:
        self._ids = _index((fold(person.id), person) for person in roster)
        self._emails = _index((fold(person.email), person) for person in roster if person.email)
        self._accounts = _index((fold(person.email).partition("@")[0], person) for person in roster if person.email)
        self._names = _index((" ".join(sorted(_words(person.name))), person) for person in roster if person.name)
        self._squeezed = _index((form, person) for person in roster for form in _squeezed(person.name))
        self._teams: dict[str, list[Person]] = {}
        for person in roster:
            if person.team:
                self._teams.setdefault(fold(person.team), []).append(person)

    def find(self, owner: Owner) -> list[Person]:
        """One person, the members of a team, or nobody."""
        words = _words(owner.name)
        tries = [
            self._ids.get(fold(owner.id)),
            self._emails.get(fold(owner.email)),
            self._emails.get(fold(owner.id)),
            self._accounts.get(fold(owner.email).partition("@")[0]),
            self._accounts.get(fold(owner.id)),
            self._names.get(" ".join(sorted(words))),
            self._squeezed.get("".join(words)),
        ]
        for found in tries:
            if found is not None:
                return [found]
        for name in (owner.id, owner.name):
            if name and fold(name) in self._teams:
                return self._teams[fold(name)]
        if "-" in owner.name:  # Moodle puts the group's name before the student's
            _, _, rest = owner.name.partition("-")
            found = self._names.get(" ".join(sorted(_words(rest))))
            if found is not None:
                return [found]
        by_word = {found.id: found for word in _pieces(owner.id) if (found := self._ids.get(fold(word))) is not None}
        return list(by_word.values()) if len(by_word) == 1 else []


def _index(pairs: Iterable[tuple[str, Person]]) -> dict[str, Person]:
    """Key → its person; keys that several people share are left out."""
    found: dict[str, dict[str, Person]] = {}
    for key, person in pairs:
        if key:
            found.setdefault(key, {})[person.id] = person
    return {key: next(iter(people.values())) for key, people in found.items() if len(people) == 1}


def _words(name: str) -> list[str]:
    return re.findall(r"\w+", fold(name).replace("_", " "))


def _pieces(identity: str) -> list[str]:
    return [piece for piece in re.split(r"[\s_.,()-]+", identity) if piece]


def _squeezed(name: str) -> list[str]:
    words = _words(name)
    orders = permutations(words) if len(words) <= WORDS else [words]
    return ["".join(order) for order in orders]


def _stranger(owner: Owner, hand_in: HandIn, taken: set[str]) -> Person:
    identity = owner.id or owner.email or owner.name or hand_in.name
    if identity in taken:
        identity = f"{identity} ({hand_in.name})"
    return Person(identity[:200], owner.name, owner.email, on_roster=False)


def _called(owner: Owner) -> str:
    return " / ".join(dict.fromkeys(part for part in (owner.name, owner.id, owner.email) if part)) or "its owner"


def _repeated(hand_ins: Sequence[HandIn], students: Mapping[str, tuple[str, ...]]) -> list[str]:
    """A sentence for each student with several hand-ins of which nothing says which one is later."""
    of_student: dict[str, list[HandIn]] = {}
    for hand_in in hand_ins:
        for student in students[hand_in.name]:
            of_student.setdefault(student, []).append(hand_in)
    notes = []
    for student, mine in of_student.items():
        orders = {(one.submitted_at, one.attempt) for one in mine}
        if len(mine) > len(orders):
            names = ", ".join(sorted(one.name for one in mine))
            notes.append(
                f"{student} has {len(mine)} hand-ins ({names}), and nothing says which one is later: "
                "the last one by name counts as such. `--times` can say it."
            )
    return notes
