"""When things were handed in, where the download does not say: a CSV file with the columns `id` and `submitted_at`.

`id` is a student's, or the name of a hand-in. Times are ISO 8601 ("2027-03-20 03:10"); without a zone they are the
course's. They replace the times of a download.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from grader.collect.handin import HandIn
from grader.collect.roster import fold, read_table
from grader.errors import UsageError
from grader.intake.contents import shown


@dataclass(frozen=True)
class Times:
    """Folded id → as it is written, and the time."""

    of: Mapping[str, tuple[str, datetime]] = field(default_factory=dict)

    def applied(
        self, hand_ins: Sequence[HandIn], students: Mapping[str, Sequence[str]]
    ) -> tuple[list[HandIn], list[str]]:
        """The hand-ins with their times, and a sentence for each line that is about none of them.

        A student's line is about all hand-ins of theirs, so several attempts need lines of their own names.
        """
        used: set[str] = set()
        dated = []
        for hand_in in hand_ins:
            keys = [fold(name) for name in (hand_in.name, *students.get(hand_in.name, ()))]
            key = next((key for key in keys if key in self.of), None)
            if key is None:
                dated.append(hand_in)
            else:
                used.add(key)
                dated.append(replace(hand_in, submitted_at=self.of[key][1]))
        strays = [raw for key, (raw, _) in self.of.items() if key not in used]
        return dated, [f"the times name {shown(raw)}, who handed nothing in here" for raw in strays]


def read_times(path: Path, zone: ZoneInfo) -> Times:
    """Read the file. Raises `UsageError` with the line of what cannot be."""
    found: dict[str, tuple[str, datetime]] = {}
    for line, row in read_table(path, "times"):
        raw, text = row.get("id", ""), row.get("submitted_at", "")
        if not raw or not text:
            raise UsageError(f"the times {path}, line {line}: the columns id and submitted_at must both have a value")
        try:
            moment = datetime.fromisoformat(text)
        except ValueError as error:
            raise UsageError(
                f"the times {path}, line {line}: {shown(text)!r} is no time like 2027-03-20 03:10"
            ) from error
        if fold(raw) in found:
            raise UsageError(f"the times {path}, line {line}: {shown(raw)} is there twice")
        found[fold(raw)] = raw, moment if moment.tzinfo else moment.replace(tzinfo=zone)
    return Times(found)
