"""Lines of a submission's own files: what a fork says of a place counts only where the files have such a line."""

from __future__ import annotations

import re
from collections.abc import Mapping

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


def _line(file: str, number: int, function: str, files: Mapping[str, bytes]) -> Line | None:
    lines = files[file].decode("utf-8", "replace").split("\n")
    if not 1 <= number <= len(lines):
        return None
    first = max(1, number - AROUND)
    around = tuple(line.rstrip("\r")[:WIDTH] for line in lines[first - 1 : number + AROUND])
    return Line(file, number, function, first, around)
