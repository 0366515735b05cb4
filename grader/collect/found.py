"""What a platform's reader returns: the files of each submission, and what the platform says about it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from grader.collect.handin import Owner
from grader.collect.items import Item
from grader.intake.contents import shown

STRAYS = 4  # of so many names in a platform's download one may be another's


@dataclass(frozen=True)
class Found:
    """A submission before it is read. With neither `items` nor `path` there is nothing to read: see `problem`."""

    name: str  # made safe and unique later
    items: Mapping[str, Item] = field(default_factory=dict)  # by the names that the student gave them
    path: Path | None = None  # of what lies on disk and is no platform's
    owners: tuple[Owner, ...] = ()
    attempt: int = 1
    submitted_at: datetime | None = None
    origin: str = ""  # what to show in place of `path`
    problem: str = ""
    given: bool = False
    any_name: bool = False  # a lone file stands for what is asked for, whatever it is called
    late: bool = False  # its platform says so, and not when it was handed in


def is_download(items: Sequence[Item], name: re.Pattern[str]) -> bool:
    """Whether these are a platform's download: nearly all of them are named as it names them, so no single one decides.

    `name` starts with the platform's part, which ends before anything that a student chooses.
    """
    strays = sum(not name.match(item.name) for item in items)
    return len(items) > strays and STRAYS * strays <= len(items)


def stray(item: Item, platform: str) -> tuple[Found, str]:
    """What lies in a platform's download and is not its own: staff's, who put it there. And a sentence."""
    stem = item.name if item.is_folder else Path(item.name).stem
    found = Found(stem, {item.name: item}, owners=(Owner(name=stem),), origin=item.name, any_name=True)
    return found, f"{shown(item.name)} is not named as {platform}. It is graded anyway."
