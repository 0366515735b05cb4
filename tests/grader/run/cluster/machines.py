"""A scheduler and workers as a TA starts them, on this machine."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from grader.run.cluster.trust import make_certificates

ROOT = Path(__file__).parents[4]
SEED = "ab" * 16


class Machines:
    """A scheduler and workers, each a process of its own with a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        make_certificates(folder / "certificates")
        self.scheduler = self._start("cluster", "scheduler", "tls://127.0.0.1:0")
        self.address = self.scheduler.stdout.readline().split()[-1]
        self.workers: list[subprocess.Popen[str]] = []

    def worker(self, place: int) -> str:
        """Start one of one slot, in the folder of this number, and wait until it has joined. Returns its address."""
        folder = self.folder / f"worker{place}"
        folder.mkdir(exist_ok=True)
        process = self._start("worker", "--scheduler", self.address, "-j", "1", "--folder", str(folder))
        self.workers.append(process)
        said = process.stdout.readline()
        assert "has joined" in said
        return said.split()[1]

    def reschedule(self) -> None:
        """Kill the scheduler, and start another in its place."""
        kill(self.scheduler)
        self.scheduler = self._start("cluster", "scheduler", self.address)
        assert "scheduler at" in self.scheduler.stdout.readline()

    def grade(self, folder: Path, course: Path, run: Path) -> subprocess.Popen[str]:
        return self._start(
            "grade", "hw0", folder, "-o", run, "--course", course, "--seed", SEED, "--scheduler", self.address
        )

    def _start(self, *arguments: object) -> subprocess.Popen[str]:
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "GRADER_CERTIFICATES": str(self.folder / "certificates")}
        command = [sys.executable, "-m", "grader", *map(str, arguments)]
        return subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=self.folder
        )

    def close(self) -> None:
        running = [one for one in [*self.workers, self.scheduler] if one.poll() is None]
        for one in running:
            one.send_signal(signal.SIGCONT)
            one.terminate()
        for one in running:
            with one:
                one.wait(40)


def kill(process: subprocess.Popen[str]) -> None:
    process.kill()
    with process:
        process.wait()
