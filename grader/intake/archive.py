"""Zip and tar archives, read as streams into `Contents`: nothing is unpacked to disk, and no header is trusted.

Theory of operation. The student writes a header's sizes, counts and offsets, so every read has a cap of its own: of the
file on disk, of a zip's central directory, of what a tar unpacks to, of each source and of all. Member data other than
`.py` sources is skipped (tar) or never touched (zip). Tar headers are decoded by `tarfile.TarInfo` block by block,
while the walk from member to member is here: tarfile's own walk holds whole pax headers in memory, scans them in
quadratic time and seeks wherever a header says.
"""

from __future__ import annotations

import bz2
import contextlib
import functools
import lzma
import os
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterator
from typing import IO, Protocol

from grader.intake.caps import ENTRIES, FILE_BYTES, IntakeError, Unreadable
from grader.intake.contents import Contents, clean_parts, hidden_part, limit_of, shown, too_large

SUFFIXES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")
ARCHIVE_BYTES = 50_000_000  # on disk
UNPACKED_BYTES = 64_000_000  # of everything in it, wanted or not
RATIO = 200  # unpacked to packed, once more than a source's size is unpacked
DIRECTORY_BYTES = 2_000_000  # of a zip's central directory: some ten times what the cap on entries needs
HEADER_BYTES = 64_000  # of one pax or long-name header
STREAMS = 100  # concatenated compressed streams: parallel bzip2 writes one per 900 kB
XZ_MEMORY = 72 << 20  # bytes; xz -9 needs 65 MiB
BLOCKS = 3 * ENTRIES  # headers of a tar: two extended ones and one proper per entry
RECORDS = 200  # of one pax header
CHUNK = 1 << 16
BLOCK = 512
UTF8 = 0x800  # the flag of a zip member whose name is in UTF-8
ZIP_HEADER = 30  # bytes before a zip member's name and data


def read_archive(file: IO[bytes], required: Collection[str] = ()) -> Contents:
    """What a zip or (compressed) tar archive holds, recognised by its content.

    `file` is seekable, at its start. Raises `IntakeError` with a sentence for whatever is broken, hostile or too large.
    """
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    if size > ARCHIVE_BYTES:
        raise IntakeError(f"The archive is larger than {ARCHIVE_BYTES // 1_000_000} MB. Hand in the sources only.")
    start = file.read(BLOCK)
    file.seek(0)
    contents = Contents("archive", required)
    try:
        if start.startswith((b"PK\x03\x04", b"PK\x05\x06")):
            _read_zip(file, size, contents)
        else:
            _read_tar(_Stream(_unpacked(file, start)), contents)
    except IntakeError:
        raise
    except UnicodeError as error:
        raise IntakeError("The archive has a file name that is not UTF-8. Rename the file and pack again.") from error
    except Exception as error:  # parsers of hostile bytes raise what they like: all of it means "broken"
        raise _broken(str(error)) from error
    return contents


def _broken(why: str) -> IntakeError:
    return IntakeError(f"The archive is broken: {shown(why) or 'it cannot be read'}. Pack the files again.")


def _kind_refused(name: str) -> IntakeError:
    return IntakeError(f"The archive holds {shown(name)}, a link or device. Hand in the file itself.")


# ---------------------------------------------------------------------------------------------------------------- zip


class Bounded:
    """The part of a binary file that zipfile uses, with a cap on what a single read may ask for: in bytes."""

    def __init__(self, file: IO[bytes], most: int = DIRECTORY_BYTES) -> None:
        self._file, self._most = file, most
        self.seek, self.tell = file.seek, file.tell

    def seekable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        if size > self._most:
            raise IntakeError("The archive's table of contents is too large. Hand in the sources only.")
        return self._file.read(size if size >= 0 else self._most)


def _read_zip(file: IO[bytes], size: int, contents: Contents) -> None:
    with zipfile.ZipFile(Bounded(file)) as archive:
        members = archive.infolist()
        for _ in members:
            contents.count_entry()
        _check_extents(members, size)
        for member in members:
            path = _place_zip(member, contents)
            if path is not None:
                contents.take(path, functools.partial(read_member, archive, member))


def _check_extents(members: list[zipfile.ZipInfo], size: int) -> None:
    """Refuse bombs by what the table of contents declares: the sizes, and members that share their bytes."""
    _check_unpacked(sum(member.file_size for member in members), size)
    end = 0
    for member in sorted(members, key=lambda member: member.header_offset):
        if member.header_offset < end:
            raise _broken("two of its files overlap")
        end = member.header_offset + ZIP_HEADER + member.compress_size


def _place_zip(member: zipfile.ZipInfo, contents: Contents) -> str | None:
    raw = member_name(member)
    parts = clean_parts(raw)
    if not parts:
        return None
    mode = member.external_attr >> 16
    folder = raw.endswith(("/", "\\")) or stat.S_ISDIR(mode)
    path = contents.place(parts, folder=folder)
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR) and hidden_part(parts) is None:
        raise _kind_refused(raw)
    return None if folder else path


def member_name(member: zipfile.ZipInfo, encoding: str = "") -> str:
    """A zip member's name. Where it is not said to be UTF-8, it may be (macOS), or in the `encoding` of a country."""
    name = member.orig_filename
    if member.flag_bits & UTF8:
        return name
    for one in ("utf-8", encoding):
        with contextlib.suppress(UnicodeError, LookupError):
            return name.encode("cp437").decode(one)
    return name  # as it is shown by a program that knows no better: no name that matters has such letters


def read_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, limit: int) -> bytes:
    """A zip member's content. Raises `Unreadable` for more than `limit` bytes, `IntakeError` for what is broken."""
    if member.file_size > limit:
        raise Unreadable(too_large(limit))
    if member.flag_bits & 0x41:
        raise IntakeError("The archive is encrypted. Pack the files again without a password.")
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        # zipfile unpacks the other methods without a bound on memory.
        raise IntakeError("The archive uses an unusual compression. Pack the files again with your system's zip.")
    with archive.open(member) as file:
        content = file.read(limit + 1)
    if len(content) != member.file_size:
        raise _broken(f"{member.filename} has another size than it says")
    return content


# ------------------------------------------------------------------------------------------------------- compression


class _Decompressor(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...


class _Gzip:
    """zlib's decompressor with the interface of bz2's and lzma's."""

    def __init__(self) -> None:
        self._zlib = zlib.decompressobj(zlib.MAX_WBITS | 16)
        self.eof, self.needs_input, self.unused_data = False, True, b""

    def decompress(self, data: bytes, max_length: int = 0) -> bytes:
        unpacked = self._zlib.decompress(self._zlib.unconsumed_tail + data, max_length)
        self.eof, self.unused_data = self._zlib.eof, self._zlib.unused_data
        self.needs_input = not self._zlib.unconsumed_tail
        return unpacked


DECOMPRESSORS: dict[bytes, Callable[[], _Decompressor]] = {
    b"\x1f\x8b": _Gzip,
    b"BZh": bz2.BZ2Decompressor,
    b"\xfd7zXZ\x00": lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=XZ_MEMORY),
}
TAR_MAGIC = slice(257, 262)


def _unpacked(file: IO[bytes], start: bytes) -> Iterator[bytes]:
    """The tar archive inside `file`, in pieces of at most `CHUNK` bytes and at most `UNPACKED_BYTES` in all."""
    for magic, decompressor in DECOMPRESSORS.items():
        if start.startswith(magic):
            return _checked(_decompressed(file, magic, decompressor), file)
    empty = len(start) == BLOCK and not any(start)
    if start[TAR_MAGIC] != b"ustar" and not empty:
        raise IntakeError("The file is neither a .py file nor a notebook nor a zip or tar archive.")
    return _checked(iter(lambda: file.read(CHUNK), b""), file)


def _checked(pieces: Iterator[bytes], file: IO[bytes]) -> Iterator[bytes]:
    unpacked = 0
    for piece in pieces:
        unpacked += len(piece)
        _check_unpacked(unpacked, file.tell())
        yield piece


def _check_unpacked(unpacked: int, packed: int) -> None:
    if unpacked > UNPACKED_BYTES:
        raise IntakeError(
            f"The archive unpacks to more than {UNPACKED_BYTES // 1_000_000} MB. Hand in the sources only."
        )
    if unpacked > FILE_BYTES and unpacked > RATIO * packed:
        raise IntakeError(f"The archive unpacks to more than {RATIO} times its size. Hand in the sources only.")


def _decompressed(file: IO[bytes], magic: bytes, new: Callable[[], _Decompressor]) -> Iterator[bytes]:
    """The unpacked bytes of up to `STREAMS` concatenated streams; zeros or other padding may follow the last."""
    data = b""
    for _ in range(STREAMS):
        stream = new()
        while not stream.eof:
            data = data or (file.read(CHUNK) if stream.needs_input else b"")
            if not data and stream.needs_input:
                raise _broken("it ends too early")
            yield stream.decompress(data, CHUNK)
            data = b""
        data = stream.unused_data
        data += file.read(len(magic)) if len(data) < len(magic) else b""
        if not data.startswith(magic):
            return
    raise _broken("it is packed in too many pieces")


# ---------------------------------------------------------------------------------------------------------------- tar


class _Stream:
    """Reads exactly as many bytes as asked for, out of pieces of any size."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._buffer = bytearray()

    def read(self, size: int) -> bytes:
        while len(self._buffer) < size:
            try:
                self._buffer += next(self._pieces)
            except StopIteration:
                raise _broken("it ends too early") from None
        taken = bytes(self._buffer[:size])
        del self._buffer[:size]
        return taken

    def skip(self, size: int) -> None:
        while size:
            size -= len(self.read(min(size, CHUNK)))

    def drain(self) -> None:
        """Read to the end: only there do compressed streams check themselves."""
        for _ in self._pieces:
            pass


def _read_tar(stream: _Stream, contents: Contents) -> None:
    name: str | None = None  # from an extended header; both hold for the member after it
    size: int | None = None
    for _ in range(BLOCKS):
        block = stream.read(BLOCK)
        if not any(block):
            return stream.drain()
        header = _header(block)
        if header.type == tarfile.GNUTYPE_LONGNAME:
            name = _read_extended(stream, header).rstrip(b"\0").decode("utf-8", "replace")
        elif header.type == tarfile.XHDTYPE:
            name, size = _pax(_read_extended(stream, header), name)
        elif header.type in (tarfile.GNUTYPE_LONGLINK, tarfile.XGLTYPE):
            _read_extended(stream, header)
        else:
            header.name, header.size = name or header.name, header.size if size is None else size
            name = size = None
            _read_entry(stream, header, contents)
    raise _broken("it has too many headers")


def _header(block: bytes) -> tarfile.TarInfo:
    try:
        header = tarfile.TarInfo.frombuf(block, "utf-8", "replace")  # no name that matters has other letters
    except tarfile.HeaderError as error:
        raise _broken("what it holds is no tar archive") from error
    return header


def _read_extended(stream: _Stream, header: tarfile.TarInfo) -> bytes:
    if not 0 <= header.size <= HEADER_BYTES:
        raise _broken("a header in it is too large")
    content = stream.read(header.size)
    stream.skip(-header.size % BLOCK)
    return content


def _pax(records: bytes, name: str | None) -> tuple[str | None, int | None]:
    """The path and the size in a pax header's records, each "<length> <key>=<value>\\n"."""
    size: int | None = None
    at = 0
    for _ in range(RECORDS):
        if at == len(records):
            return name, size
        digits, _space, _rest = records[at : at + 8].partition(b" ")
        if not digits.isdigit() or not len(digits) < int(digits) <= len(records) - at:
            raise _broken("a header in it is malformed")
        key, _equals, value = records[at + len(digits) + 1 : at + int(digits) - 1].partition(b"=")
        at += int(digits)
        if key == b"path":
            name = value.decode("utf-8", "replace")
        elif key == b"size":
            size = int(value)
        elif key.startswith(b"GNU.sparse."):
            raise _broken("it holds a sparse file")
    raise _broken("a header in it is too long")


def _read_entry(stream: _Stream, header: tarfile.TarInfo, contents: Contents) -> None:
    contents.count_entry()
    parts = clean_parts(header.name)
    path = contents.place(parts, folder=header.isdir()) if parts else None
    if header.type not in (tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.CONTTYPE, tarfile.DIRTYPE):
        if hidden_part(parts) is None or header.type not in (tarfile.SYMTYPE, tarfile.LNKTYPE):
            raise _kind_refused(header.name)
        return None
    if header.isdir():
        return None
    if header.size < 0:
        raise _broken("a size in it is negative")
    if path is not None and header.size <= limit_of(path):
        contents.add(path, stream.read(header.size))
        return stream.skip(-header.size % BLOCK)
    if path is not None:
        contents.faults[path] = too_large(limit_of(path))
    return stream.skip(_padded(header.size))


def _padded(size: int) -> int:
    return size + -size % BLOCK
