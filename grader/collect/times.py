"""When things were handed in, where the download does not say: a CSV file with the columns `id` and `submitted_at`.

`id` is a student's, their e-mail address or login, or the name of a hand-in. Times are ISO 8601 ("2027-03-20 03:10")
or what Moodle and Excel make of them; without a zone they are the course's. They replace the times of a download.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from grader.collect.handin import HandIn
from grader.collect.moment import moment_of
from grader.collect.roster import Person, fold, identity_of, read_table
from grader.errors import UsageError
from grader.intake.contents import shown

NOTHING = ("", "-", "\N{EN DASH}")  # in a platform's table, where nothing was handed in
SLASHED = re.compile(r"\s*(\d{1,2})[-/](\d{1,2})[-/]\d{4}")


@dataclass(frozen=True)
class Times:
    """Folded id → as it is written, and the time."""

    of: Mapping[str, tuple[str, datetime]] = field(default_factory=dict)

    def applied(
        self, hand_ins: Sequence[HandIn], students: Mapping[str, Sequence[str]], people: Sequence[Person] = ()
    ) -> tuple[list[HandIn], list[str]]:
        """The hand-ins with their times, and a sentence for each line that is about none of them.

        A student's line is about all hand-ins of theirs, so several attempts need lines of their own names. It may also
        name a student by what else is only theirs among `people`, as a platform's table does: an address, a login.
        """
        used: set[str] = set()
        others = {one.id: (one.email, one.login, one.sis_login, one.sis_id) for one in people}
        shared = Counter(fold(name) for names in others.values() for name in {*names})
        dated = []
        for hand_in in hand_ins:
            mine = students.get(hand_in.name, ())
            keys = [fold(name) for name in (hand_in.name, *mine)]
            keys += [fold(name) for one in mine for name in others.get(one, ()) if name and shared[fold(name)] == 1]
            key = next((key for key in keys if key in self.of), None)
            if key is None:
                dated.append(hand_in)
            else:
                used.add(key)
                dated.append(replace(hand_in, submitted_at=self.of[key][1]))
        strays = [raw for key, (raw, _) in self.of.items() if key not in used]
        return dated, [f"the times name {shown(raw)}, who handed nothing in here" for raw in strays]

    def where_there_is_none(
        self, hand_ins: Sequence[HandIn], students: Mapping[str, Sequence[str]]
    ) -> tuple[list[HandIn], list[str]]:
        """The hand-ins, of which those without a time have theirs; and the names of these."""
        bare = [one for one in hand_ins if one.submitted_at is None and not one.late]
        dated = {one.name: one for one in self.applied(bare, students)[0] if one.submitted_at is not None}
        return [dated.get(one.name, one) for one in hand_ins], list(dated)


def read_times(path: Path, zone: ZoneInfo) -> Times:
    """Read the file. Raises `UsageError` with the line of what cannot be."""
    return _read(path, zone, [(line, *_written(path, line, row)) for line, row in read_table(path, "times")])


def times_in_roster(path: Path, zone: ZoneInfo) -> Times | None:
    """The times in a roster that has them, as Moodle's grading worksheet does; None for any other."""
    rows = list(read_table(path, "roster"))
    if not rows or "submitted_at" not in rows[0][1]:
        return None
    dated = [(line, row) for line, row in rows if any(letter.isdigit() for letter in row["submitted_at"])]
    return _read(path, zone, [(line, *_written(path, line, row)) for line, row in dated if identity_of(row)[0]])


def _written(path: Path, line: int, row: Mapping[str, str]) -> tuple[str, str]:
    """Who, and when as it is written."""
    identity = identity_of(row)[0]
    if not identity or "submitted_at" not in row:
        raise UsageError(f"the times {path}, line {line}: the columns id and submitted_at must both have a value")
    return identity, row["submitted_at"]


def _read(path: Path, zone: ZoneInfo, rows: Sequence[tuple[int, str, str]]) -> Times:
    texts = [text for _, _, text in rows]
    # Where one date of the file can be read in one way only, all are.
    day_first = next((first for first in (True, False) if _needs(texts, day_first=first)), None)
    found: dict[str, tuple[str, datetime]] = {}
    for line, raw, text in rows:
        if text in NOTHING:
            continue
        moment = moment_of(text, day_first=day_first)
        if moment is None:
            raise UsageError(f"the times {path}, line {line}: {shown(text)!r} is no time like 2027-03-20 03:10")
        if fold(raw) in found:
            raise UsageError(f"the times {path}, line {line}: {shown(raw)} is there twice")
        found[fold(raw)] = raw, moment if moment.tzinfo else moment.replace(tzinfo=zone)
    return Times(found)


def _needs(texts: Sequence[str], *, day_first: bool) -> bool:
    """Whether a date of these is one only if the day is first, or second."""
    for text in texts:
        numbers = SLASHED.match(text)
        if numbers is not None and int(numbers[1 if day_first else 2]) > 12:
            return True
    return False
