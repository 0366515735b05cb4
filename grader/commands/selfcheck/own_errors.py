"""Exceptions of staff's own code, each told once, with the line of the suite or the reference that it comes from."""

from __future__ import annotations

import re
from pathlib import Path

from grader.homework import Homework

_FRAME = re.compile(r'^  File "(?P<path>[^"]+)", line (?P<line>\d+), in (?P<function>.+)$', re.MULTILINE)
NAMED = 3  # solutions, of those in which it was raised


class OwnErrors:
    """Collects what ended checks as the grader's own fault."""

    def __init__(self, homework: Homework) -> None:
        self._course = homework.public.parent.parent
        self._folders = (homework.suite, homework.reference, homework.public)
        self._seen: dict[str, tuple[dict[str, None], dict[str, None]]] = {}  # sentence → checks, solutions

    def add(self, check: str, solution: str, detail: str) -> None:
        """Take in one check's traceback, or the sentence that stands for it."""
        checks, solutions = self._seen.setdefault(self._sentence(detail), ({}, {}))
        checks[check] = None
        solutions[solution] = None

    def faults(self) -> list[str]:
        """A sentence for each distinct exception."""
        return [
            f"{sentence} — in {', '.join(checks)}, for {self._listed(list(solutions))}"
            for sentence, (checks, solutions) in self._seen.items()
        ]

    @staticmethod
    def _listed(names: list[str]) -> str:
        more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
        return ", ".join(names[:NAMED]) + more

    def _sentence(self, detail: str) -> str:
        frames = [found for found in _FRAME.finditer(detail) if self._is_staffs(found["path"])]
        lines = [line for line in detail.strip().splitlines() if line and not line.startswith(" ")]
        said = " ".join((lines[-1] if lines else "no reason given").split())
        if not frames:
            return said
        last = frames[-1]
        path = Path(last["path"])
        shown = path.relative_to(self._course) if path.is_relative_to(self._course) else path
        code = detail[last.end() :].lstrip("\n").split("\n", 1)[0]
        code = f": `{code.strip()}`" if code.startswith("    ") else ""
        return f"{shown.as_posix()}, line {last['line']}{code}: {said}"

    def _is_staffs(self, path: str) -> bool:
        return any(Path(path).is_relative_to(folder) for folder in self._folders)
