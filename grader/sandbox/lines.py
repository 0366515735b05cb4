"""Lines of a submission's own files: what a fork says of a place counts only where the files have such a line."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from grader.guest.running import CELL
from grader.outcome import Line

AROUND = 2  # lines before and after
WIDTH = 200  # characters of a line that are kept
_PLACE = re.compile(r"(?P<file>[\w/.]+), line (?P<number>\d{1,7})(?:, in (?P<function>[\w.]+))?", re.ASCII)


def line_at(where: str, files: Mapping[str, bytes]) -> Line | None:
    """The line that "conv.py, line 12, in conv2d_forward: x @ w" names; None where there is none."""
    found = _PLACE.match(where)
    if found is None or found["file"] not in files:
        return None
    function = found["function"] or ""
    source = files[found["file"]]
    *kinds, last = function.split(".")
    is_there = re.search(rb"def\s+%s\b" % last.encode(), source) and all(
        re.search(rb"class\s+%s\b" % kind.encode(), source) for kind in kinds
    )
    return _line(found["file"], int(found["number"]), function if is_there else "", files)


def beginning(name: str, files: Mapping[str, bytes]) -> Line | None:
    """The line in which a function or class of that name begins."""
    pattern = re.compile(rb"^[ \t]*(?:async[ \t]+)?(?:def|class)[ \t]+%s\b" % re.escape(name.encode()), re.MULTILINE)
    for file, source in files.items():
        if found := pattern.search(source):
            return _line(file, source.count(b"\n", 0, found.start()) + 1, name, files)
    return None


def with_cell(said: str, files: Mapping[str, bytes]) -> str:
    """A sentence that begins with a place in a file, with the notebook's cell behind the place."""
    found, line = _PLACE.match(said), line_at(said, files)
    return f"{said[: found.end()]} ({line.cell}){said[found.end() :]}" if found and line and line.cell else said


def _line(file: str, number: int, function: str, files: Mapping[str, bytes]) -> Line | None:
    lines = files[file].decode("utf-8", "replace").split("\n")
    if not 1 <= number <= len(lines):
        return None
    first = max(1, number - AROUND)
    around = tuple(line.rstrip("\r")[:WIDTH] for line in lines[first - 1 : number + AROUND])
    return Line(file, number, function, first, around, _cell(lines, number))


def _cell(lines: Sequence[str], number: int) -> str:
    """Where in a notebook a line is: "code cell 3, line 4"; "" in a file that is none, or between its cells."""
    if not CELL.match(lines[0]):
        return ""
    starts = [at for at, line in enumerate(lines[:number], start=1) if CELL.match(line)]
    return f"code cell {len(starts)}, line {number - starts[-1]}" if number > starts[-1] else ""
