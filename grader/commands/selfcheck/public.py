"""Do the public checks tell a correct solution from a starter? They are all that students have before the grade."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from grader.commands.selfcheck.known import solutions
from grader.homework import Homework

SECONDS = 300  # for all solutions together


class PublicChecks:
    """The public checks of a homework, run on every correct solution and on the starter, in the background."""

    def __init__(self, homework: Homework) -> None:
        self._solutions = {
            f"{one.kind} {one.name}" if one.kind == "alternative" else f"the {one.kind}": one
            for one in solutions(homework)
            if one.mistake is None
        }
        self._scratch = tempfile.TemporaryDirectory()
        self._tests = homework.public / "tests"
        self._process: subprocess.Popen[str] | None = None
        if any(self._tests.rglob("test_*.py")):  # else who looks at what is released says so
            self._process = self._start(homework)

    def _start(self, homework: Homework) -> subprocess.Popen[str]:
        works = []
        for number, one in enumerate(self._solutions.values()):
            work = Path(self._scratch.name) / f"work{number}"
            work.mkdir()
            for name, source in {homework.assignment.files[0]: one.source, **one.others}.items():
                (work / name).write_text(source, "utf-8")
            works.append(str(work))
        module = "grader.commands.selfcheck.public_run"
        return subprocess.Popen(
            [sys.executable, "-m", module, str(self._tests), self._scratch.name, *works],
            cwd=homework.public,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )

    def close(self) -> None:
        """End them, whether anybody has waited for them or not."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
        self._scratch.cleanup()

    def faults(self) -> list[str]:
        """A sentence for each solution that fails a public check, and one if the starter passes all of them."""
        if self._process is None:
            return []
        try:
            said, _ = self._process.communicate(timeout=SECONDS)
        except subprocess.TimeoutExpired:
            return [f"the public checks took longer than {SECONDS} s"]
        told = []
        for number, name in enumerate(self._solutions):
            path = Path(self._scratch.name) / f"{number}.json"
            if not path.is_file():
                return [f"the public checks did not run: {(said.strip().splitlines() or ['no reason given'])[-1]}"]
            told += _told(name, json.loads(path.read_text("utf-8")))
        return told


def _told(name: str, results: list[dict[str, Any]]) -> list[str]:
    failed = [one for one in results if one["outcome"] not in ("passed", "skipped")]
    if name == "the starter":
        return [] if failed else ["the starter passes all public checks: they show a student nothing"]
    if not failed:
        return []
    more = f", and fails {len(failed) - 1} more" if len(failed) > 1 else ""
    return [f"{name} fails the public check “{failed[0]['sentence']}” ({failed[0]['message']}){more}"]
