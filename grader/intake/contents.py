"""What a submission's folder or archive holds: its `.py` sources under hard caps, everything else by name only.

Theory of operation. Names and bytes here come from the student, so nothing is executed, imported, parsed or followed:
a folder is walked from directory descriptor to directory descriptor, never through a symbolic link, and a file is
opened without blocking, checked to be regular and small, and then read up to its cap. The archive readers fill the
same `Contents`, so that one set of rules decides whatever the container.
"""

from __future__ import annotations

import codecs
import os
import re
import stat
import unicodedata
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from grader.intake.caps import (
    DEPTH,
    ENTRIES,
    FILE_BYTES,
    NOTEBOOK,
    NOTEBOOK_BYTES,
    PATH_BYTES,
    TOTAL_BYTES,
    IntakeError,
    Unreadable,
)
from grader.intake.notebook import module_source

IGNORED_NAMES = frozenset({"__pycache__", "__MACOSX", "node_modules", "site-packages", "venv"})
# How other formats begin, of which some carry a source's name by mistake.
FORMATS = {
    b"PK\x03\x04": "a zip archive or an office document",
    b"PK\x05\x06": "a zip archive or an office document",
    b"%PDF": "a PDF",
    b"7z\xbc\xaf": "a 7-Zip archive",
    b"Rar!": "a RAR archive",
    b"\x1f\x8b": "a compressed file",
    b"\xd0\xcf\x11\xe0": "a Word document",
    b"{\\rtf": "a document of a word processor",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
}
# What browsers, mail programs and Windows make of a source's suffix: "conv.PY", "conv.py.txt", "conv.py (1)".
# It has no part for what stands before: that would take a time that grows with the square of a name's length.
ODD_SUFFIX = re.compile(r"(?<=[^/])\.(?P<kind>py|ipynb)(?:\.txt|\.download|\.json|[ _-]?\(\d{1,4}\))?$", re.IGNORECASE)
NAME_CHARACTERS = 255  # of a file's or folder's name: no file system keeps more
# pytest and the interpreter run these on sight, wherever they lie.
HIJACKERS = frozenset({"conftest.py", "sitecustomize.py", "usercustomize.py"})


@dataclass
class Contents:
    """The sources of one container, collected entry by entry. Paths are relative, POSIX and in Unicode's NFC."""

    what: str  # "folder" or "archive": for the messages
    required: Collection[str] = ()  # names of files: a notebook's cell that is written to one of these is its code
    sources: dict[str, bytes] = field(default_factory=dict)
    notebooks: dict[str, bytes] = field(default_factory=dict)  # path → the module that its code cells make up
    faults: dict[str, str] = field(default_factory=dict)  # source → why it was not read: "is a symbolic link"
    ignored: set[str] = field(default_factory=set)  # a path that ends in "/" stands for a whole folder
    _entries: int = 0
    _bytes: int = 0
    _seen: set[str] = field(default_factory=set)

    def count_entry(self) -> None:
        """Count one more file or folder. Raises `IntakeError` past the cap."""
        self._entries += 1
        if self._entries > ENTRIES:
            raise IntakeError(
                f"The {self.what} holds more than {ENTRIES:,} files and folders. "
                "Leave out data, results and virtual environments."
            )

    def place(self, parts: tuple[str, ...], *, folder: bool = False) -> str | None:
        """The path of an entry that matters, or None for one that is ignored (and noted as such).

        `parts` must be clean (see `clean_parts`). Raises `IntakeError` for a path that is too long, too deep or there
        twice (names that differ only in case or in Unicode normalisation are the same name to some file systems).
        """
        hidden = hidden_part(parts)
        if hidden is not None:
            is_folder = folder or hidden + 1 < len(parts)
            self.ignored.add("/".join(parts[: hidden + 1]) + "/" * is_folder)
            return None
        path = "/".join(parts)
        is_source = plain_suffix(path).endswith((".py", NOTEBOOK))
        if (folder or not is_source) and len(parts) <= DEPTH and len(path.encode()) > PATH_BYTES:
            self.ignored.add(shown(path) + "/" * folder)
            return None
        if len(path.encode()) > PATH_BYTES:
            raise IntakeError(f"A path in the {self.what} is longer than {PATH_BYTES} bytes: {shown(path)}")
        if len(parts) > DEPTH:
            raise IntakeError(f"The {self.what} nests folders more than {DEPTH} deep: {shown(path)}")
        if folder:
            return path
        key = unicodedata.normalize("NFC", path.casefold())
        if key in self._seen:
            raise IntakeError(
                f"The {self.what} holds {shown(path)} twice, or under two names that differ only in case or accents."
            )
        self._seen.add(key)
        if is_source:
            return path
        self.ignored.add(path)
        return None

    def take(self, path: str, read: Callable[[int], bytes]) -> None:
        """Keep what `read` gives when it is asked for at most so many bytes; or note why it does not (`Unreadable`)."""
        try:
            self.add(path, read(limit_of(path)))
        except Unreadable as error:
            self.faults[path] = str(error)

    def add(self, path: str, content: bytes) -> None:
        """Keep a source's bytes, at most `FILE_BYTES` of them; of a notebook its code."""
        is_notebook = plain_suffix(path).endswith(NOTEBOOK)
        if is_notebook:
            try:
                content = self.notebooks[path] = module_source(content, self.required)
            except Unreadable as error:
                self.faults[path] = str(error)
                return
        else:
            try:
                content = as_source(content, self.required)
            except Unreadable as error:
                self.faults[path] = str(error)
                return
        self._bytes += len(content)
        if self._bytes > TOTAL_BYTES:
            raise IntakeError(f"The {self.what} holds more than {TOTAL_BYTES // 1_000_000} MB of .py files.")
        if not is_notebook:
            self.sources[path] = content

    def settle_suffixes(self) -> dict[str, str]:
        """Give sources whose suffix was changed the one that they had, where no other file has it: now → before."""
        settled: dict[str, str] = {}
        for path in sorted({*self.sources, *self.notebooks, *self.faults}):
            plain = plain_suffix(path)
            if plain == path:
                continue
            if plain in self.sources or plain in self.notebooks or plain in self.faults:
                self.ignored.add(path)
            else:
                settled[plain] = path
            found: dict[str, bytes] | dict[str, str]
            for found in (self.sources, self.notebooks, self.faults):
                content = found.pop(path, None)
                if content is not None and plain in settled:
                    found[plain] = content  # type: ignore[assignment]  # of the dictionary that it was taken from
        return settled


def as_source(content: bytes, kept: Collection[str] = ()) -> bytes:
    """A source's bytes, in UTF-8 where they are in UTF-16, as PowerShell and some editors save a file.

    Of a notebook that carries a source's name they are its code (see `module_source`, also for `kept`).

    Raises `Unreadable` for what is no Python source whatever its name says; its words follow the file's name.
    """
    if content.lstrip().startswith(b"{") and all(key in content for key in (b'"cells"', b'"nbformat"')):
        return module_source(content, kept)
    what = next((what for start, what in FORMATS.items() if content.startswith(start)), "")
    if what:
        raise Unreadable(f"is {what}, and no Python source")
    marked = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if marked or b"\0" in content:
        encoding = "utf-16" if marked else "utf-16-le" if content[1:2] == b"\0" else "utf-16-be"
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            text = "\0"
        if "\0" not in text and (marked or text.isascii()):
            return text.encode("utf-8", "replace")
        raise Unreadable("is no text: save it as UTF-8")
    return content


def too_large(limit: int) -> str:
    """What is wrong with a file of more than `limit` bytes; follows its name."""
    return f"is larger than {limit // 1_000_000} MB"


def limit_of(path: str) -> int:
    """How many bytes of a file are read."""
    return NOTEBOOK_BYTES if plain_suffix(path).endswith(NOTEBOOK) else FILE_BYTES


def plain_suffix(path: str) -> str:
    """A path with the suffix of a source that it had before a browser or another program changed that."""
    found = ODD_SUFFIX.search(path)
    return path if found is None else f"{path[: found.start()]}.{found['kind'].lower()}"


def shown(name: str, limit: int = 100) -> str:
    """A student's name as a sentence may carry it: printable, and not long."""
    text = "".join(c if c.isprintable() else "�" for c in name)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def hidden_part(parts: tuple[str, ...]) -> int | None:
    """The place of the first component that hides an entry from us, or None."""
    hides = (i for i, part in enumerate(parts) if part.startswith(".") or part in IGNORED_NAMES | HIJACKERS)
    return next(hides, None)


def clean_parts(raw: str) -> tuple[str, ...]:
    """A relative path's components in NFC; backslashes separate, too, as some Windows archives have it.

    Raises `IntakeError` for a path that leads out of its container, has control characters or a name that is too long;
    "./" vanishes.
    """
    if any(len(name) > NAME_CHARACTERS for name in re.split(r"[/\\]", raw)):
        raise IntakeError(f"A name in it is longer than {NAME_CHARACTERS} characters: {shown(raw)}")
    path = unicodedata.normalize("NFC", raw.replace("\\", "/"))
    parts = tuple(part for part in path.split("/") if part not in ("", "."))
    if path.startswith("/") or re.match(r"[A-Za-z]:", path) or ".." in parts:
        raise IntakeError(f"A path in it leads out of the submission: {shown(raw)}")
    if any(unicodedata.category(c) in ("Cc", "Cs") for c in path):
        raise IntakeError(f"A file name in it holds a control character or is not UTF-8: {shown(raw)}")
    return parts


@contextmanager
def opened(name: str | os.PathLike[str], folder: int | None = None, *, directory: bool = False) -> Iterator[int]:
    """A descriptor of a file or directory that neither blocks nor, inside `folder`, follows a symbolic link."""
    flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY
    flags |= os.O_DIRECTORY if directory else 0
    flags |= os.O_NOFOLLOW if folder is not None else 0
    descriptor = os.open(name, flags, dir_fd=folder)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def read_regular(descriptor: int, limit: int = FILE_BYTES) -> bytes:
    """The content of a regular file. Raises `Unreadable` for what is none, or is larger than `limit` bytes."""
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        raise Unreadable("is no regular file")
    content = b""
    # The size may be a lie (a file that grows, a file system that says 0), so reading is bounded as well.
    while status.st_size <= limit and len(content) <= limit:
        piece = os.read(descriptor, limit + 1 - len(content))
        if not piece:
            return content
        content += piece
    raise Unreadable(too_large(limit))


def read_folder(descriptor: int, required: Collection[str] = ()) -> Contents:
    """Everything below an open directory. Raises `IntakeError` past a cap, OSError where the top is unreadable."""
    contents = Contents("folder", required)
    walk(descriptor, (), contents)
    return contents


def walk(descriptor: int, above: tuple[str, ...], contents: Contents) -> None:
    """Put everything below an open directory into `contents`, as what lies below `above` there."""
    with os.scandir(descriptor) as entries:
        for entry in entries:
            contents.count_entry()
            try:
                name = clean_parts(entry.name)
            except IntakeError:
                name = ()
            if len(name) != 1:  # a backslash or a control character: no module has such a name
                contents.ignored.add("/".join((*above, shown(entry.name))))
                continue
            _visit(descriptor, entry.name, entry.is_dir(follow_symlinks=False), (*above, *name), contents)


def _visit(descriptor: int, name: str, is_folder: bool, parts: tuple[str, ...], contents: Contents) -> None:
    path = contents.place(parts, folder=is_folder)
    if path is None:
        return
    try:
        with opened(name, descriptor, directory=is_folder) as inside:
            if is_folder:
                walk(inside, parts, contents)
            else:
                contents.take(path, lambda limit: read_regular(inside, limit))
    except OSError as error:
        contents.faults[path] = why(name, descriptor, error)


def why(name: str | os.PathLike[str], descriptor: int | None, error: OSError) -> str:
    """Why a file did not open; a link and a socket fail with errors that would puzzle a student."""
    try:
        mode = os.stat(name, dir_fd=descriptor, follow_symlinks=False).st_mode
    except OSError:
        mode = 0
    if stat.S_ISLNK(mode):
        return "is a symbolic link"
    if mode and not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        return "is no regular file"
    return f"cannot be read: {reason(error)}"


def reason(error: OSError) -> str:
    """The operating system's words, in lower case: "permission denied"."""
    return (error.strerror or str(error)).lower()
