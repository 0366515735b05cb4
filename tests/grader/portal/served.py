"""`grader serve` as a process of its own, on a free port."""

from __future__ import annotations

import csv
import io
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.grader.portal.site import ROSTER_TEXT

ROOT = Path(__file__).parents[3]
LEAVE_SECONDS = 60.0


@dataclass
class Served:
    """A running server."""

    process: subprocess.Popen[str]
    address: str
    said: str  # what it printed before

    @property
    def links(self) -> dict[str, str]:
        """E-mail address → invitation."""
        table = self.said[self.said.index("name,email,role,link") :]
        return {row["email"]: row["link"] for row in csv.DictReader(io.StringIO(table)) if row["link"]}

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@contextmanager
def served(course: Path, state: Path, *options: str) -> Iterator[Served]:
    """Serve a course until the end, or until the server is killed."""
    roster = state.parent / "roster.csv"
    roster.write_text(ROSTER_TEXT)
    said = ["serve", str(course), "--state", str(state), "--port", "0", "--roster", str(roster), *options]
    process = subprocess.Popen(
        [sys.executable, "-m", "grader", *said],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    try:
        lines = []
        for one in process.stdout:
            if found := re.match(r"The portal: (\S+)", one):
                yield Served(process, found[1], "".join(lines))
                return
            lines.append(one)
        raise AssertionError(f"it ended with code {process.wait()}: {lines}")
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.wait(LEAVE_SECONDS)
        process.stdout.close()
