"""A platform's download while it is still a zip archive: unpacked into a folder that lasts until it is read.

The archive is the platform's, the names and bytes in it are students'. Only regular files are written, below the
folder, under names that lead nowhere else, and up to caps; what is left out is said.
"""

from __future__ import annotations

import contextlib
import errno
import shutil
import stat
import zipfile
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

from grader.archive import ARCHIVE_BYTES
from grader.contents import IntakeError, clean_parts, shown
from grader.errors import UsageError

ENTRIES = 200_000
UNPACKED_BYTES = 8_000_000_000  # of a whole class


def is_class(path: Path, platforms: Sequence[ModuleType]) -> bool:
    """Whether a path is a zip archive of a platform's, by the names in it."""
    if path.is_dir() or not path.name.lower().endswith(".zip"):
        return False
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError, RuntimeError):
        return False  # the intake says what is wrong with it
    if len(names) > ENTRIES:
        raise UsageError(f"{path} holds more than {ENTRIES:,} files: it is no class")
    tops = list(dict.fromkeys(name.split("/")[0] for name in names))
    first, *others = platforms  # Gradescope's metadata may lie in a folder
    return bool(first.names_recognised(names) or any(one.names_recognised(tops) for one in others))


def unpack(path: Path, folder: Path) -> list[str]:
    """Write the archive's files below `folder`. Returns a sentence for each one that is left out."""
    notes, total = [], 0
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            if member.is_dir():
                continue
            total += member.file_size
            if total > UNPACKED_BYTES:
                raise UsageError(f"{path} unpacks to more than {UNPACKED_BYTES // 10**9} GB: it is no class")
            try:
                _write(archive, member, folder)
            except IntakeError as error:
                notes.append(f"{path.name}: {shown(member.filename)} is left out. {error}")
            except (OSError, zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError) as error:
                if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
                    raise
                notes.append(f"{path.name}: {shown(member.filename)} is left out; it cannot be unpacked: {error}")
    return notes


def _write(archive: zipfile.ZipFile, member: zipfile.ZipInfo, folder: Path) -> None:
    name = member.filename
    if not member.flag_bits & 0x800:
        with contextlib.suppress(UnicodeError):
            name = name.encode("cp437").decode("utf-8")  # UTF-8, without saying so
    if stat.S_IFMT(member.external_attr >> 16) not in (0, stat.S_IFREG):
        raise IntakeError("It is a link or device.")
    if member.file_size > ARCHIVE_BYTES:
        raise IntakeError(f"It is larger than {ARCHIVE_BYTES // 1_000_000} MB.")
    parts = clean_parts(name)
    if not parts:
        raise IntakeError("It has no name.")
    target = folder.joinpath(*parts)
    target.parent.mkdir(parents=True, exist_ok=True)
    with archive.open(member) as source, target.open("xb") as file:
        shutil.copyfileobj(source, file)
        if file.tell() > ARCHIVE_BYTES:
            raise IntakeError("It has another size than it says.")
