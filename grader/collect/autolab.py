"""Autolab's "Download all submissions": `ada@uni.example_3_conv.py`, flat: e-mail address, version, the file's name.

Source: `handin_filename` and `download_all` of Autolab's public source. There are no times in it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from grader.collect.found import Found, is_download, stray
from grader.collect.handin import Owner
from grader.collect.items import Item
from grader.spec import Assignment

NAME = re.compile(r"(?P<email>[^@/]+@[^@_/.]++(?:\.[^@_/.]++)++)_(?P<version>\d{1,6})_(?P<file>.+)$", re.DOTALL)


def root(items: Sequence[Item]) -> Sequence[Item] | None:
    """What a download of Autolab's consists of; None for what is none."""
    return items if is_download(items, NAME) else None


def read(items: Sequence[Item], assignment: Assignment) -> tuple[list[Found], list[str]]:  # noqa: ARG001
    """The submissions in a download, one for each version, and sentences about what is odd in it."""
    found, notes = [], []
    for item in items:
        match = NAME.match(item.name)
        if match is None:
            other, said = stray(item, "Autolab names files")
            found.append(other)
            notes.append(said)
            continue
        email, version = match["email"], int(match["version"])
        found.append(
            Found(
                f"{email}_{version}",
                {match["file"]: item},
                owners=(Owner(email=email, account=f"autolab {email}"),),
                attempt=version,
                origin=item.name,
            )
        )
    return found, notes
