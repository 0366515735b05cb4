"""What a platform's reader hands over: where a submission lies, and what its source says of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from grader.archive import ARCHIVE_BYTES, SUFFIXES
from grader.collect.handin import Owner
from grader.contents import Unreadable, opened, read_regular


@dataclass(frozen=True)
class Found:
    """A submission before it is read. Without a `path` there is nothing to read, and `problem` says why."""

    name: str  # made safe and unique later
    path: Path | None
    owners: tuple[Owner, ...] = ()
    attempt: int = 1
    submitted_at: datetime | None = None
    origin: str = ""  # what to show in place of `path`
    problem: str = ""
    given: bool = False
    late: bool = False  # its platform says so, and not when it was handed in


def staged(files: Mapping[str, Path], folder: Path) -> Path:
    """Several files of one student, brought together below `folder` under the names that the student gave them.

    What is no regular file, or larger than an archive may be, is left out: the intake then says what is missing.
    """
    folder.mkdir(parents=True)
    for name, path in files.items():
        content = _content(path)
        if content is not None:
            (folder / name).write_bytes(content)
    return folder


def _content(path: Path) -> bytes | None:
    try:
        with opened(path.parent, directory=True) as parent, opened(path.name, parent) as descriptor:
            return read_regular(descriptor, ARCHIVE_BYTES)
    except (OSError, Unreadable):
        return None


def lone(folder: Path) -> Path:
    """The one archive in a folder that holds nothing else, or the folder."""
    children = [child for child in folder.iterdir() if not child.name.startswith(".")]
    packed = len(children) == 1 and children[0].name.lower().endswith(SUFFIXES) and not children[0].is_symlink()
    return children[0] if packed else folder
