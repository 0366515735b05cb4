"""Does a public file contain secrets? The gate before a handout is released.

Secret is everything below `reference/` and `tests/hidden/`. A public file leaks if it is such a file, if it holds a
canary (`CANARY-` and at least eight letters or digits) that stands in one, or if six telling lines in a row are six
telling lines in a row of one. docs/releasing.md says what counts as telling, and why.
"""

from __future__ import annotations

import ast
import contextlib
import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

PASSAGE = 6  # lines
CANARY = re.compile(rb"CANARY-[A-Za-z0-9]{8,}")
# Written by tools, and no file that anybody wrote: neither secret nor public.
GENERATED = {"__pycache__", ".pytest_cache", ".ipynb_checkpoints", ".mypy_cache", ".ruff_cache", ".hypothesis"}
# Lines that anybody writes anywhere; they neither make a passage nor interrupt one.
_TRIVIAL = re.compile(r"[\W_]*|(from \S+ )?import .*|else:|try:|finally:|pass|return|break|continue")
Line = tuple[int, str]  # number from 1, text


@dataclass(frozen=True)
class Leak:
    """A place in a public file that gives a secret one away."""

    path: str  # of the public file
    line: int  # from 1; 0 where the whole file is meant
    what: str  # a clause: "8 lines of reference/hw1/conv.py from line 40 on"

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.what}" if self.line else f"{self.path}: {self.what}"


@dataclass
class Secrets:
    """What must not leave the house, ready to be looked for."""

    digests: dict[bytes, str] = field(default_factory=dict)  # of whole files → path
    wholes: dict[tuple[str, ...], str] = field(default_factory=dict)  # all telling lines of a file → path
    passages: dict[tuple[str, ...], tuple[str, int]] = field(default_factory=dict)  # → path, line
    canaries: dict[bytes, str] = field(default_factory=dict)

    def add(self, path: str, content: bytes) -> None:
        """Take in one secret file."""
        if content.strip():
            self.digests.setdefault(hashlib.sha256(content).digest(), path)
        for canary in CANARY.findall(content):
            self.canaries.setdefault(canary, path)
        lines = telling(path, content, interface=False)
        if lines:
            self.wholes.setdefault(tuple(text for _, text in lines), path)
        for number, passage in _passages(lines):
            self.passages.setdefault(passage, (path, number))


def read_secrets(course: Path) -> Secrets:
    """Everything below `reference/` and `tests/hidden/` of a course, of all its homeworks."""
    secrets = Secrets()
    for folder in (course / "reference", course / "tests" / "hidden"):
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not GENERATED & set(path.parts):
                secrets.add(path.relative_to(course).as_posix(), path.read_bytes())
    return secrets


def find_leaks(files: Mapping[str, bytes], secrets: Secrets) -> list[Leak]:
    """What these public files (path → content) give away, in their order; empty where they give away nothing."""
    return [leak for path, content in files.items() for leak in _leaks(path, content, secrets)]


def _leaks(path: str, content: bytes, secrets: Secrets) -> Iterator[Leak]:
    lines = telling(path, content, interface=True)
    same = secrets.digests.get(hashlib.sha256(content).digest())
    whole = same or secrets.wholes.get(tuple(text for _, text in telling(path, content, interface=False)))
    if whole:
        yield Leak(path, 0, f"it is {whole}" if same else f"it holds all lines of {whole}")
    for found in CANARY.finditer(content):
        if found[0] in secrets.canaries:
            number = content.count(b"\n", 0, found.start()) + 1
            yield Leak(path, number, f"the canary {found[0].decode()} of {secrets.canaries[found[0]]}")
    if not whole:
        yield from _shared(path, lines, secrets)


def _shared(path: str, lines: Sequence[Line], secrets: Secrets) -> Iterator[Leak]:
    """Each stretch of shared lines once, however many passages it is made of."""
    starts = [
        (i, secrets.passages[passage]) for i, (_, passage) in enumerate(_passages(lines)) if passage in secrets.passages
    ]
    stretch: list[tuple[int, tuple[str, int]]] = []
    for start in starts:
        if stretch and (start[0] != stretch[-1][0] + 1 or start[1][0] != stretch[0][1][0]):
            yield _stretch(path, lines, stretch)
            stretch = []
        stretch.append(start)
    if stretch:
        yield _stretch(path, lines, stretch)


def _stretch(path: str, lines: Sequence[Line], stretch: Sequence[tuple[int, tuple[str, int]]]) -> Leak:
    first, (secret, line) = stretch[0]
    return Leak(path, lines[first][0], f"{len(stretch) + PASSAGE - 1} lines of {secret} from line {line} on")


def telling(path: str, content: bytes, *, interface: bool) -> list[Line]:
    """The telling lines of a file: no trivial ones, and in Python only with `interface` signatures and docstrings.

    Whitespace counts as one blank, and a `#` or `>` in front of a line does not count: a passage that was commented
    out or quoted is the same passage.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return []
    left_out = set() if interface or not path.endswith(".py") else _interface(text)
    lines = ((number, _normal(path, line)) for number, line in enumerate(text.split("\n"), start=1))
    return [(number, line) for number, line in lines if number not in left_out and not _TRIVIAL.fullmatch(line)]


def _normal(path: str, line: str) -> str:
    if path.endswith(".ipynb"):  # JSON, a string per line of code
        with contextlib.suppress(ValueError):
            line = str(json.loads(line.strip().rstrip(",")))
    return " ".join(line.lstrip("#> \t").split())


def _interface(text: str) -> set[int]:
    """The lines of signatures and docstrings: what starter and reference have in common by design."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return set()
    numbers: set[int] = set()
    for node in ast.walk(tree):
        if not isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) or not node.body:
            continue
        first = node.body[0]
        if not isinstance(node, ast.Module):
            numbers.update(range(node.lineno, first.lineno))
        if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
            numbers.update(range(first.lineno, (first.end_lineno or first.lineno) + 1))
    return numbers


def _passages(lines: Sequence[Line]) -> Iterable[tuple[int, tuple[str, ...]]]:
    """Every run of `PASSAGE` telling lines, with the number of its first."""
    for i in range(len(lines) - PASSAGE + 1):
        yield lines[i][0], tuple(text for _, text in lines[i : i + PASSAGE])
