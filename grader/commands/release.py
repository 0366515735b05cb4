"""`grader release`: the archive that students get, checked for secrets first (see `leaks`)."""

from __future__ import annotations

import hashlib
import io
import zipfile
from pathlib import Path

from rich.console import Console

from grader.commands.leaks import GENERATED, Leak, find_leaks, read_secrets
from grader.errors import GraderError, UsageError
from grader.homework import Homework, find_course, homework_names, load_homework
from grader.report.handout import page
from grader.report.text import count, plain
from grader.report.write import write_bytes

FINE, FALLS_SHORT = 0, 1
PAGE = "README.html"  # the handout for a browser, with its formulas
DATE = (1980, 1, 1, 0, 0, 0)  # the same files give the same bytes
TEXT = {".cfg", ".csv", ".ini", ".ipynb", ".json", ".md", ".py", ".rst", ".svg", ".toml", ".txt"}
BINARY = {".gif", ".jpeg", ".jpg", ".npy", ".pdf", ".png"}


class Unreleasable(UsageError):
    """A handout that cannot be put into an archive; the message is a sentence for staff."""


def run(course: Path, name: str | None, out: Path) -> int:
    """Write OUT/<name>.zip, or say what it would have given away and write nothing. Returns the exit code."""
    root = find_course(course)
    if name is None:
        raise UsageError(f"say which homework to release; there are: {', '.join(homework_names(root)) or 'none'}")
    homework = load_homework(root, name)
    files = handout(homework)
    _require_all(homework, files)
    found = gate(homework, files)
    console = Console(stderr=bool(found))
    for leak in found:
        console.print(
            f"leak: {plain(str(leak), one_line=True)}", style="bold red", markup=False, highlight=False, soft_wrap=True
        )
    if found:
        console.print(f"{name} is not released: it gives secrets away in {count(len(found), 'place')}.", style="red")
        return FALLS_SHORT
    files[PAGE] = page(files["README.md"].decode("utf-8", "replace"), homework.public).encode()
    content = archive(name, files)
    target = out / f"{name}.zip"
    try:
        write_bytes(target, content)
    except OSError as error:
        raise GraderError(f"{target} cannot be written: {error.strerror}") from error
    for path in files:
        console.print(f"  {path}", markup=False, highlight=False)
    digest = hashlib.sha256(content).hexdigest()
    console.print(
        f"{target}: {count(len(files), 'file')}, SHA-256 {digest}", markup=False, highlight=False, soft_wrap=True
    )
    return FINE


def handout(homework: Homework) -> dict[str, bytes]:
    """What is in the homework's public folder, by path below it, sorted: the handout, the starter, the public checks.

    Left out is what tools write (caches, compiled files, hidden files). Raises `Unreleasable` for a link and for a
    kind of file that the gate cannot look into.
    """
    files: dict[str, bytes] = {}
    for path in sorted(homework.public.rglob("*")):
        inner = path.relative_to(homework.public)
        if any(
            part in GENERATED or part.startswith(".") or part.endswith((".pyc", ".egg-info")) for part in inner.parts
        ):
            continue
        if path.is_symlink():
            raise Unreleasable(f"{path} is a symbolic link: put the file itself there, or nothing")
        if path.is_dir():
            continue
        if path.suffix.lower() not in TEXT | BINARY:
            raise Unreleasable(
                f"{path}: the leak gate cannot look into a {path.suffix or 'nameless'} file; move it away"
            )
        files[inner.as_posix()] = _read(path)
    return files


def _require_all(homework: Homework, files: dict[str, bytes]) -> None:
    missing = [name for name in (*homework.assignment.files, "README.md") if name not in files]
    if missing:
        raise Unreleasable(f"{homework.public} lacks {missing[0]}: students could not start without it")
    if not any(name.startswith("tests/") for name in files):
        raise Unreleasable(f"{homework.public / 'tests'} holds no public checks")


def faults(homework: Homework) -> list[str]:
    """Why a homework must not be released, a sentence each: for the self-check."""
    try:
        files = handout(homework)
        _require_all(homework, files)
        return [f"release: {leak}" for leak in gate(homework, files)]
    except Unreleasable as error:
        return [f"release: {error}"]


def gate(homework: Homework, files: dict[str, bytes]) -> list[Leak]:
    """What these files of a homework give away of the course's secrets; the leaks' paths are the course's."""
    course = homework.public.parent.parent
    public = homework.public.relative_to(course).as_posix()
    return find_leaks({f"{public}/{path}": content for path, content in files.items()}, read_secrets(course))


def archive(name: str, files: dict[str, bytes]) -> bytes:
    """A zip archive of one folder: sorted, undated, readable for everybody, so that the same files give its bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
        for path in sorted(files):
            member = zipfile.ZipInfo(f"{name}/{path}", DATE)
            member.create_system = 3  # Unix, wherever it is made
            member.external_attr = 0o100644 << 16
            packed.writestr(member, files[path], zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Unreleasable(f"{path} cannot be read: {error.strerror}") from error
