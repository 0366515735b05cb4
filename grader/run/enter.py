"""Enters hand-ins into a run with their owners and times, and finds those that `--only` names."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from grader.collect.handin import HandIn
from grader.collect.match import Matched, match, repeated, words_of
from grader.collect.owners import Owners
from grader.collect.roster import Person, fold
from grader.collect.times import Times
from grader.errors import UsageError
from grader.ledger.records import Kept
from grader.run.classrun import ClassRun

SHOWN = 10  # hand-ins that are named


@dataclass(frozen=True)
class Known:
    """All hand-ins of a run with their times, whose they are, and what a TA should look at."""

    roster: tuple[Person, ...]
    hand_ins: tuple[HandIn, ...]
    matched: Matched
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Said:
    """What staff say with a command; None: what they said before holds."""

    roster: Sequence[Person] | None = None
    times: Times | None = None
    owners: Owners | None = None
    late_costs: bool = False  # whether the homework takes something for lateness


def identify(classrun: ClassRun | None, hand_ins: Sequence[HandIn], said: Said) -> Known:
    """Say whose hand-ins are and from when, all earlier ones of the run included. Nothing is written."""
    before: dict[str, HandIn] = {}
    earlier: list[Person] = []
    told, owned = Times(), Owners()
    if classrun is not None:
        ledger, run = classrun.ledger, classrun.run
        before = {kept.hand_in.name: kept.hand_in for kept in ledger.hand_ins(run)}
        earlier = [person for person in ledger.roster(run) if person.on_roster]
        told = Times({fold(name): (name, moment) for name, moment in ledger.times(run).items()})
        owned = Owners(ledger.owners(run))
    gone = [] if said.roster is None else _gone(earlier, said.roster)
    left = {one.id for one in earlier if one.has_left}
    roster = earlier if said.roster is None else [*said.roster, *gone]
    new = {one.name: one if said.times else _as_before(one, before.get(one.name)) for one in hand_ins}
    every = [*{**before, **new}.values()]
    matched, strays = owned.and_then(said.owners).settled(match(every, roster), roster)
    dated, unknown = (said.times or Times()).applied(every, matched.students, roster)
    by_times: list[str] = []
    if said.times is None:
        dated, by_times = told.where_there_is_none(dated, matched.students)
    late = [
        f"{one.name}: its platform says that it was late, but not when. No points are taken until `--times` says when."
        for one in dated
        if one.late and one.submitted_at is None
    ]
    kept = [one.name for one in hand_ins if _keeps_time(one, new[one.name], before.get(one.name))]
    several = repeated(dated, matched.students)
    new_gone = _leaving([one for one in gone if one.id not in left])
    notes = (
        *new_gone,
        *late,
        *_timeless(dated, late_costs=said.late_costs),
        *_inherited([*kept, *by_times]),
        *strays,
        *matched.notes,
        *several,
        *unknown,
    )
    return Known(tuple(roster), tuple(dated), matched, notes)


def _gone(earlier: Sequence[Person], roster: Sequence[Person]) -> list[Person]:
    """Who was on an earlier roster and is not on this one, under no id."""
    ids = {fold(one) for person in roster for one in (person.id, *person.formerly.split())}
    return [replace(person, has_left=True) for person in earlier if fold(person.id) not in ids]


def _leaving(gone: Sequence[Person]) -> list[str]:
    """A sentence about who is not on the roster any more: it may be the wrong one."""
    if not gone:
        return []
    names = [f"{one.name} ({one.id})" if one.name else one.id for one in gone]
    return [f"{_listed(names)}: not on this roster any more, so marked as having left the course."]


def _as_before(hand_in: HandIn, before: HandIn | None) -> HandIn:
    """A hand-in with the time that an earlier run was told of it, if its download says none.

    A file that staff had repaired is as late as it was; what its platform calls late, or another attempt, is not.
    """
    if before is None or hand_in.submitted_at is not None:
        return hand_in
    is_another = hand_in.late or hand_in.attempt > before.attempt
    if is_another and hand_in.sha256 != before.sha256:
        return hand_in
    return replace(hand_in, submitted_at=before.submitted_at)


def _keeps_time(hand_in: HandIn, now: HandIn, before: HandIn | None) -> bool:
    """Whether other content has the time that its hand-in had before."""
    return before is not None and now.submitted_at != hand_in.submitted_at and hand_in.sha256 != before.sha256


def _inherited(kept: Sequence[str]) -> list[str]:
    """A sentence about hand-ins whose content is new, and whose time is not."""
    if not kept:
        return []
    names = _listed(kept)
    return [f"{names}: other content without a time, so the earlier time holds. `--times` can say another one."]


def _timeless(hand_ins: Sequence[HandIn], *, late_costs: bool) -> list[str]:
    """A sentence where hand-ins have no time, which count as in time; where none has one, only if that could matter."""
    without = [one.name for one in hand_ins if one.submitted_at is None and not one.late]
    if not without or (len(without) == len(hand_ins) and not late_costs):
        return []
    named = "none of the hand-ins says when it came" if len(without) == len(hand_ins) else _listed(without)
    return [f"NO TIME: {named}. They are taken as handed in in time until `--times` says otherwise."]


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - SHOWN:,} more" if len(names) > SHOWN else ""
    return f"{', '.join(names[:SHOWN])}{more}"


def enter(classrun: ClassRun, hand_ins: Sequence[HandIn], said: Said) -> list[str]:
    """Note hand-ins and whose they are, all earlier ones included. Returns what a TA should look at."""
    ledger, run = classrun.ledger, classrun.run
    for person in said.roster or ():
        for old in person.formerly.split():
            ledger.rename(old, person.id)
    known = identify(classrun, hand_ins, said)
    if said.times is not None:
        ledger.say_times(run, dict(said.times.of.values()))
    if said.owners is not None:
        ledger.say_owners(run, said.owners.of)
    ledger.keep(run, known.hand_ins, datetime.now(UTC))
    noted = {student for ids in known.matched.students.values() for student in ids} | ledger.noted(run)
    people = [person for person in known.roster if not person.has_left or person.id in noted]
    ledger.enrol(run, [*people, *known.matched.strangers])
    ledger.assign(run, known.matched.students)
    return list(known.notes)


def chosen(kept: Sequence[Kept], only: Sequence[str], people: Iterable[Person] = ()) -> list[Kept]:
    """The hand-ins that `--only` names, by their name or a student's id, e-mail address or name, as patterns.

    Raises `UsageError` for none.
    """
    if not only:
        return list(kept)
    called = {one.id: (one.id, one.email, one.name, words_of(one.name)) for one in people}
    found = []
    for pattern in only:
        matching = []
        for one in kept:
            names = [one.hand_in.name, *(name for student in one.students for name in called.get(student, (student,)))]
            if any(fnmatch.fnmatchcase(name, pattern) for name in names) or words_of(pattern) in names:
                matching.append(one)
        if not matching:
            raise UsageError(f"--only {pattern}: no submission and no student here is called that")
        found += matching
    return list({one.id: one for one in found}.values())
