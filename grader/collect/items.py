"""The files of a download, in a folder or still in its zip archive: read in place, never unpacked to disk.

A platform's reader sees the names at the top (`Item`), says who owns them, and returns them. Only then is one
student's work read, and its memory freed before the next one's.
"""

from __future__ import annotations

import contextlib
import io
import stat
import struct
import zipfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from grader.collect.roster import fold
from grader.errors import UsageError
from grader.intake.archive import ARCHIVE_BYTES, SUFFIXES, UTF8, Bounded, member_name, read_archive, read_member
from grader.intake.caps import IntakeError, Unreadable
from grader.intake.contents import IGNORED_NAMES, Contents, clean_parts, opened, read_regular, reason, shown, walk, why

ENTRIES = 200_000  # of a class
DIRECTORY_BYTES = 40_000_000  # of its zip's table of contents
# In a zip's table of contents: where an entry has its flags, the lengths of the three texts that end it, and these.
ENTRY, FLAGS, LENGTHS, TEXTS = b"PK\x01\x02", 8, 28, 46
# How Windows of a country writes names into a zip archive that does not say how.
ENCODINGS = (
    *("big5", "gbk", "shift_jis", "euc_kr", "cp437", "cp850", "cp852", "cp857", "cp866", "cp737"),
    *("cp1250", "cp1251", "cp1252", "cp1253", "cp1254"),
)


class Item(Protocol):
    """A file or folder. Its name is what the download says, and may hold anything."""

    @property
    def name(self) -> str: ...
    @property
    def is_folder(self) -> bool: ...

    def children(self) -> Sequence[Item]:
        """What lies in a folder, but for what is hidden, by name."""
        ...

    def read(self, limit: int) -> bytes:
        """A file's content. Raises `Unreadable` for one of more bytes, and for what is no file or broken."""
        ...

    def fill(self, contents: Contents, parts: tuple[str, ...]) -> None:
        """Put this, and everything below it, into `contents` under this path there."""
        ...


class OnDisk:
    """A file or folder on disk. No link is followed below the path that staff gave."""

    def __init__(self, path: Path, *, is_folder: bool) -> None:
        self.path, self.name, self.is_folder = path, path.name, is_folder

    def children(self) -> Sequence[OnDisk]:
        with contextlib.suppress(OSError):
            return listed(self.path)
        return ()

    def read(self, limit: int) -> bytes:
        try:
            with opened(self.path.parent, directory=True) as parent, opened(self.name, parent) as descriptor:
                return read_regular(descriptor, limit)
        except OSError as error:
            raise Unreadable(why(self.path, None, error)) from error

    def fill(self, contents: Contents, parts: tuple[str, ...]) -> None:
        path = contents.place(parts, folder=self.is_folder)
        if path is None:
            return
        if not self.is_folder:
            contents.take(path, self.read)
            return
        try:
            with (
                opened(self.path.parent, directory=True) as parent,
                opened(self.name, parent, directory=True) as inside,
            ):
                walk(inside, parts, contents)
        except OSError as error:
            contents.faults[path] = f"cannot be read: {reason(error)}"


def listed(folder: Path) -> list[OnDisk]:
    """What lies in a folder on disk, but for what is hidden, by name. Raises OSError."""
    paths = sorted(path for path in folder.iterdir() if _is_shown(path.name))
    return [OnDisk(path, is_folder=path.is_dir() and not path.is_symlink()) for path in paths]


class InZip:
    """A file in a zip archive; or, without a `member`, a folder with what lies `below` it, by its path from there."""

    __slots__ = ("_archive", "_below", "_member", "name")

    def __init__(
        self,
        archive: zipfile.ZipFile,
        name: str,
        member: zipfile.ZipInfo | None = None,
        below: Sequence[tuple[str, zipfile.ZipInfo]] = (),
    ) -> None:
        self._archive, self.name, self._member, self._below = archive, name, member, below

    @property
    def is_folder(self) -> bool:
        return self._member is None

    def children(self) -> Sequence[InZip]:
        return sorted((one for one in self._inside() if _is_shown(one.name)), key=lambda one: one.name)

    def _inside(self) -> Iterator[InZip]:
        folders: dict[str, list[tuple[str, zipfile.ZipInfo]]] = {}
        for path, member in self._below:
            name, slash, rest = path.partition("/")
            if slash:
                folders.setdefault(name, []).append((rest, member))
            elif name:  # none: the folder's own entry
                yield InZip(self._archive, name, member)
        for name, below in folders.items():
            yield InZip(self._archive, name, below=below)

    def read(self, limit: int) -> bytes:
        if self._member is None:
            raise Unreadable("is no regular file")
        if stat.S_IFMT(self._member.external_attr >> 16) not in (0, stat.S_IFREG):
            raise Unreadable("is a link or device")
        try:
            return read_member(self._archive, self._member, limit)
        except (OSError, Unreadable):
            raise
        except Exception as error:  # zipfile raises what it likes of bytes that it does not like
            raise Unreadable(f"cannot be unpacked: {shown(str(error)) or type(error).__name__}") from error

    def fill(self, contents: Contents, parts: tuple[str, ...]) -> None:
        path = contents.place(parts, folder=self.is_folder)
        if path is None:
            return
        if not self.is_folder:
            contents.take(path, self.read)
        for inside in self._inside():
            contents.count_entry()
            inside.fill(contents, (*parts, inside.name))


@contextlib.contextmanager
def opened_zip(path: Path, known: Collection[str] = ()) -> Iterator[tuple[InZip, list[str]]]:
    """What lies in a zip archive, and a sentence for each entry that is left out, while the archive is open.

    Names that are not in UTF-8 are read in the encoding in which most of the `known` people's names are among them;
    where that is none, or two read otherwise, they stay as they are.

    Raises `OSError`, `UsageError` for one that holds too much, `zipfile.BadZipFile` for what is none.
    """
    with path.open("rb") as file, zipfile.ZipFile(_Table(file, DIRECTORY_BYTES)) as archive:
        members = archive.infolist()
        if len(members) > ENTRIES:
            raise UsageError(f"{path} holds more than {ENTRIES:,} files: it is no class")
        below, notes = [], []
        encoding = _encoding(members, known)
        for member in members:
            name = member_name(member, encoding)
            try:
                parts = clean_parts(name)
            except IntakeError as error:
                notes.append(f"{shown(path.name)}: {shown(name)} is left out. {error}")
                continue
            if parts:
                below.append(("/".join(parts) + "/" * name.endswith(("/", "\\")), member))
        yield InZip(archive, "", below=below), notes


class _Table(Bounded):
    """Makes names in the table of contents that say that they are UTF-8, and are not, ones that zipfile can read.

    It would refuse the whole archive. That one entry has another name than its header says, and is refused alone.
    """

    def read(self, size: int = -1) -> bytes:
        data = super().read(size)
        if not data.startswith(ENTRY):
            return data
        table, at = bytearray(data), 0
        while table.startswith(ENTRY, at) and at + TEXTS <= len(table):
            (flags,) = struct.unpack_from("<H", table, at + FLAGS)
            name, *others = struct.unpack_from("<3H", table, at + LENGTHS)
            at += TEXTS
            if flags & UTF8:
                table[at : at + name] = _decodable(bytes(table[at : at + name]))
            at += name + sum(others)
        return bytes(table)


def _decodable(name: bytes) -> bytes:
    try:
        name.decode("utf-8")
    except UnicodeDecodeError:
        return bytes(byte if byte < 0x80 else ord("?") for byte in name)
    return name


def _encoding(members: Sequence[zipfile.ZipInfo], known: Collection[str]) -> str:
    """The encoding in which all the names can be read and most of the `known` people's are.

    Empty if that is none, or if in several the same name is of several people.
    """
    raw = [one.orig_filename.encode("cp437", "replace") for one in members if not one.flag_bits & UTF8]
    foreign = [name for name in raw if not _is_utf8(name)]
    people = {"".join(fold(name).split()) for name in known if not name.isascii()}
    readings: dict[str, list[str]] = {}
    for encoding in ENCODINGS if foreign else ():
        with contextlib.suppress(UnicodeError):
            readings[encoding] = ["".join(fold(name.decode(encoding)).split()) for name in foreign]
    hits = {one: sum(any(who in name for name in names) for who in people) for one, names in readings.items()}
    best = [one for one, number in hits.items() if number and number == max(hits.values())]
    owners = [[{who for who in people if who in name} for name in readings[one]] for one in best]
    return best[0] if best and all(one == owners[0] for one in owners) else ""


def _is_utf8(name: bytes) -> bool:
    try:
        name.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _is_shown(name: str) -> bool:
    return not name.startswith(".") and name not in IGNORED_NAMES


def contents_of(items: Mapping[str, Item], required: Collection[str] = ()) -> Contents:
    """What one student handed in: files by the names that the student gave them, a folder of these, or an archive.

    Raises `IntakeError` with a sentence for the student, `Unreadable` for an archive that cannot be read.
    """
    if len(items) == 1 and (folder := next(iter(items.values()))).is_folder:
        items = {child.name: child for child in folder.children()}
    if len(items) == 1:
        ((name, item),) = items.items()
        if name.lower().endswith(SUFFIXES) and not item.is_folder:
            return read_archive(io.BytesIO(item.read(ARCHIVE_BYTES)), required)
    contents = Contents("folder", required)
    for name, item in items.items():
        contents.count_entry()
        try:
            parts = clean_parts(name)
        except IntakeError:
            parts = ()
        if parts:
            item.fill(contents, parts)
        else:  # no module has such a name
            contents.ignored.add(shown(name) or "a file without a name")
    return contents
