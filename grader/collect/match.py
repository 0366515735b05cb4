"""Who owns a hand-in: what a platform says about its owners, compared with the roster. Pure.

An owner is recognised by id, then e-mail address, then name, in any order of its words and with or without spaces
between them (Canvas writes "doejane"), then as a team. The whole text has to match. A word of a file's name may be an
id as well, "hw1_s1001", or an account, "ada" of ada@uni.example: that is a hint, which counts if nothing better
matches.

What matches two people belongs to nobody. If several hand-ins match one person, those that match less well than
another, or that differ only in case from each other, belong to nobody: they are listed, and still graded.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import permutations, takewhile

from grader.collect.handin import HandIn, Owner
from grader.collect.roster import Person, fold

WORDS = 5  # of a name that is tried in every order
HINT, NAME, EMAIL, FOLDED_ID, ID = range(5)  # what tells who somebody is, the better the later


@dataclass(frozen=True)
class Matched:
    """Hand-ins with their students, and what did not go without saying."""

    students: Mapping[str, tuple[str, ...]]  # hand-in's name → ids
    strangers: tuple[Person, ...]  # made up for owners that the roster does not have
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _Claim:
    """A hand-in's owner is this person of the roster, by evidence of this strength."""

    person: Person
    strength: int
    owner: Owner
    is_chosen: bool = False  # by a login, which people choose


def match(hand_ins: Sequence[HandIn], roster: Sequence[Person]) -> Matched:
    """Find the students of each hand-in. Without a roster everybody is who the platform says."""
    owners = [(hand_in, owner) for hand_in in hand_ins for owner in hand_in.owners or (Owner(id=hand_in.name),)]
    book = _Book(roster, _start([owner.id for _, owner in owners if not owner.account]))
    claims = [(hand_in, owner, book.find(owner)) for hand_in, owner in owners]
    rivals: dict[str, list[_Claim]] = {}
    for _, _, found in claims:
        for claim in found:
            rivals.setdefault(claim.person.id, []).append(claim)
    students: dict[str, dict[str, None]] = {hand_in.name: {} for hand_in in hand_ins}
    shared = _shared_names(owner for _, owner in owners)
    accounts: dict[str, str] = {}  # of strangers
    strangers: dict[str, Person] = {}
    taken = {person.id for person in roster}
    notes = []
    for hand_in, owner, found in claims:
        held = [claim.person.id for claim in found if not _is_beaten(claim, rivals[claim.person.id])]
        if not held:
            stranger = _stranger(owner, hand_in, taken, shared)
            if accounts.setdefault(stranger.id, owner.account) != owner.account:  # a name that was chosen so
                stranger = replace(stranger, id=f"{stranger.id} ({hand_in.name})"[:200])
            held = [strangers.setdefault(stranger.id, stranger).id]
            if found:
                notes.append(_beaten(hand_in, owner, found))
            elif doubt := book.doubt(owner):
                notes.append(
                    f"{hand_in.name}: {doubt}. It is graded and counts for nobody; name it after its student's id."
                )
            elif roster:
                notes.append(f"{hand_in.name}: {_called(owner)} is nobody on the roster. It is graded anyway.")
        students[hand_in.name] |= dict.fromkeys(held)
    matched = {name: tuple(ids) for name, ids in students.items()}
    return Matched(matched, tuple(strangers.values()), tuple(notes))


def _is_beaten(claim: _Claim, rivals: Sequence[_Claim]) -> bool:
    """Whether another hand-in has a better right to be this person's, or as good a one that excludes it."""
    owner, strength = claim.owner, claim.strength
    for rival in rivals:
        is_other_account = bool(owner.account and rival.owner.account and rival.owner.account != owner.account)
        same_platform = owner.account.split(" ")[0] == rival.owner.account.split(" ")[0]
        if strength == HINT < rival.strength:
            return True
        if strength == HINT and (claim.is_chosen or rival.is_chosen) and rival.owner.id != owner.id:
            return True
        if strength <= NAME and is_other_account and same_platform and rival.strength >= strength:
            return True
        if strength == FOLDED_ID and rival.strength >= FOLDED_ID and rival.owner.id != owner.id:
            return True
    return False


def _beaten(hand_in: HandIn, owner: Owner, claims: Sequence[_Claim]) -> str:
    people = " or ".join(f"{one.person.name} ({one.person.id})" if one.person.name else one.person.id for one in claims)
    return (
        f"{hand_in.name}: {_called(owner)} could be {people}, but another hand-in matches as well "
        "or better. It counts for nobody; if it is that student's, name it after the student's id."
    )


class _Book:
    def __init__(self, roster: Sequence[Person], start: str = "") -> None:
        now = {fold(person.id) for person in roster}
        before = [(fold(old), person) for person in roster for old in person.formerly.split() if fold(old) not in now]
        self._ids = _index([*((fold(person.id), person) for person in roster), *before])
        self._participants = _index((f"moodle {one.participant}", one) for one in roster if one.participant)
        self._emails = _index((fold(person.email), person) for person in roster if person.email)
        self._accounts = _index((fold(person.email).partition("@")[0], person) for person in roster if person.email)
        self._logins = _index((fold(person.login), person) for person in roster if person.login)
        self._sis_logins = _index((fold(person.sis_login), person) for person in roster if person.sis_login)
        self._names = _index((words_of(person.name), person) for person in roster if person.name)
        self._squeezed = _index((form, person) for person in roster for form in _squeezed(person.name))
        self._teams: dict[str, list[Person]] = {}
        for person in roster:
            if person.team:
                self._teams.setdefault(fold(person.team), []).append(person)
        squeezed = Counter("".join(_words(team)) for team in self._teams)
        self._squeezed_teams = {key: team for team in self._teams if squeezed[key := "".join(_words(team))] == 1}
        known = any(fold(one) in index for one in _pieces(start) for index in (self._ids, self._logins))
        self._start = "" if known else start  # of all names of a class folder: a homework's, and no student's
        self._alike: dict[str, list[Person]] = {}
        for person in roster:
            self._alike.setdefault(words_of(person.name), []).append(person)

    def doubt(self, owner: Owner) -> str:
        """Which several people an owner may be, in words; empty where there are no two."""
        if owner.account in self._participants:
            return ""
        known = self._ids.get(fold(owner.id)) or self._emails.get(fold(owner.email))
        people = self._alike.get(words_of(owner.name), []) if _words(owner.name) and known is None else []
        if len(people) > 1:
            return f"{owner.name} is {len(people)} people on the roster ({_ids(people)})"
        members, others = self._group(owner)
        if members and others:
            return f"{owner.name} is a group ({_ids(members)}), and somebody else's name ({_ids(others)})"
        by_id, by_login = self._ids.get(fold(owner.id)), self._login(owner)
        if by_id is not None and by_login is not None and by_id is not by_login:
            return f"{owner.id} is the id of {by_id.id}, and the login of {by_login.id}"
        return ""

    def _login(self, owner: Owner) -> Person | None:
        if owner.account.startswith("canvas "):  # whose ids are numbers
            return None
        return self._sis_logins.get(fold(owner.id)) or self._logins.get(fold(owner.id))

    def _group(self, owner: Owner) -> tuple[list[Person], list[Person]]:
        """The members of the group that Canvas names a file after, beside one's number; and who else is called so."""
        squeezed = "".join(_words(owner.name))
        team = self._squeezed_teams.get(squeezed) if owner.account.startswith("canvas ") else None
        members = self._teams[team] if team is not None else []
        one = self._ids.get(fold(owner.id))
        if one is not None and one not in members:
            return [], []
        named = (self._names.get(words_of(owner.name)), self._squeezed.get(squeezed))
        return members, [person for person in named if person is not None and person not in members]

    def find(self, owner: Owner) -> list[_Claim]:
        """One person, the members of a team, or nobody."""
        if self.doubt(owner):
            return []
        # A name can be chosen: two accounts that claim one group exclude each other, and both are listed.
        if members := self._group(owner)[0]:
            return [_Claim(person, NAME, owner) for person in members]
        words = _words(owner.name)
        tries = [
            (ID, self._participants.get(owner.account)),
            (FOLDED_ID, self._ids.get(fold(owner.id))),
            (EMAIL, self._emails.get(fold(owner.email))),
            (EMAIL, self._emails.get(fold(owner.id))),
            (EMAIL, self._login(owner)),
            (NAME, self._names.get(words_of(owner.name))),
            (NAME, self._squeezed.get("".join(words))),
        ]
        for strength, found in tries:
            if found is not None:
                is_own = owner.id in (found.id, *found.formerly.split())
                return [_Claim(found, ID if is_own else strength, owner)]
        for name in (owner.id, owner.name):
            if name and fold(name) in self._teams:
                return [_Claim(person, NAME, owner) for person in self._teams[fold(name)]]
        hints = [self._accounts.get(fold(owner.id))]
        # Moodle puts a group's name before the student's, and either may hold a hyphen.
        behind = {one.id: one for tail in _tails(owner.name) if (one := self._names.get(words_of(tail))) is not None}
        hints += behind.values() if len(behind) == 1 else []
        hint = next((one for one in hints if one is not None), None)
        is_whole = bool(owner.account) and not owner.id.endswith("?")  # a platform's own name of a user is no hint
        tails = [] if is_whole else [fold(tail) for tail in self._tails(owner)]
        named = [] if is_whole else [self._ids.get(fold(piece)) for piece in (*_pieces(owner.id), *tails)]
        by_login = [] if owner.account else [self._logins.get(tail) for tail in tails]
        if self._start and tails:
            by_tail = [*map(self._ids.get, tails), *by_login]
            named, by_login = ([], by_tail) if any(by_tail) else (named, by_login)
        by_word = {person.id: person for person in (*named, *by_login) if person is not None}
        people = [hint] if hint is not None else list(by_word.values())
        if not people:  # a team of GitHub Classroom's
            keys = {"".join(_words(tail)) for tail in tails} & set(self._squeezed_teams)
            people = self._teams[self._squeezed_teams[keys.pop()]] if len(keys) == 1 else []
            return [_Claim(person, HINT, owner, is_chosen=True) for person in people]
        is_chosen = len(people) == 1 and people[0] in by_login
        return [_Claim(people[0], HINT, owner, is_chosen)] if len(people) == 1 else []

    def _tails(self, owner: Owner) -> list[str]:
        """What may be a user's name: it begins with what not all names of the class begin with, or before that."""
        tails = _tails(owner.id)
        return [tail for tail in tails if len(tail) >= len(owner.id) - len(self._start)] if self._start else tails


def _start(ids: Sequence[str]) -> str:
    """What all of several names begin with, up to a hyphen: "hw4-" of GitHub Classroom's "hw4-ben-r" and "hw4-ada"."""
    pieces = zip(*(one.split("-")[:-1] for one in set(ids)), strict=False) if len(set(ids)) > 1 else ()
    return "".join(f"{same[0]}-" for same in takewhile(lambda pieces: len(set(pieces)) == 1, pieces))


def _index(pairs: Iterable[tuple[str, Person]]) -> dict[str, Person]:
    """Key → its person; keys that several people share are left out."""
    found: dict[str, dict[str, Person]] = {}
    for key, person in pairs:
        if key:
            found.setdefault(key, {})[person.id] = person
    return {key: next(iter(people.values())) for key, people in found.items() if len(people) == 1}


def words_of(name: str) -> str:
    """The words of a name in one order: "Wu, Ben" and "Ben Wu" are the same."""
    return " ".join(sorted(_words(name)))


def _words(name: str) -> list[str]:
    return re.findall(r"\w+", fold(name).replace("_", " "))


def _pieces(identity: str) -> list[str]:
    return [piece for piece in re.split(r"[\s_.,()?-]+", identity) if piece]


def _ids(people: Sequence[Person]) -> str:
    return ", ".join(person.id for person in people)


def _tails(identity: str) -> list[str]:
    """What stands behind a hyphen: of GitHub Classroom's "hw4-ben-r" the user may be "ben-r"."""
    pieces = identity.split("-")
    return ["-".join(pieces[at:]) for at in range(1, len(pieces))]


def _squeezed(name: str) -> list[str]:
    words = _words(name)
    orders = permutations(words) if len(words) <= WORDS else [words]
    return ["".join(order) for order in orders]


def _shared_names(owners: Iterable[Owner]) -> set[str]:
    """The names that several accounts of a platform have: two people of one name, or everybody if marking is blind."""
    accounts: dict[str, set[str]] = {}
    for owner in owners:
        if owner.name and owner.account:
            accounts.setdefault(fold(owner.name), set()).add(owner.account)
    return {name for name, found in accounts.items() if len(found) > 1}


def _stranger(owner: Owner, hand_in: HandIn, taken: set[str], shared: set[str]) -> Person:
    identity = owner.id or owner.email or owner.name or hand_in.name
    if not (owner.id or owner.email) and fold(owner.name) in shared:
        identity = f"{owner.name} {owner.account.rpartition(' ')[2]}"
    if identity in taken:
        identity = f"{identity} ({hand_in.name})"
    return Person(identity[:200], owner.name, owner.email, on_roster=False)


def _called(owner: Owner) -> str:
    return " / ".join(dict.fromkeys(part for part in (owner.name, owner.id, owner.email) if part)) or "its owner"


def repeated(hand_ins: Sequence[HandIn], students: Mapping[str, Sequence[str]]) -> list[str]:
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
                f"{student} has {len(mine)} hand-ins ({names}), and no time says which one is later: "
                "the last one by name counts. `--times` can give the times."
            )
    return notes
