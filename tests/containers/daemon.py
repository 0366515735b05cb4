"""An engine of a test's own, to be killed, or to run out of disk, without anybody else's noticing."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path
from typing import Self

from grader.sandbox import container_engine as engines


class Daemon:
    """A Docker engine with its own socket and images. Use as a context manager."""

    def __init__(self, folder: Path, data: Path) -> None:
        self._folder = folder
        self._data = data
        self._process: subprocess.Popen[bytes] | None = None
        self.host = f"unix://{folder}/socket"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start it, and wait until it answers."""
        (self._folder / "config.json").write_text("{}")
        command = ["dockerd", "--iptables=false", "--bridge=none", f"--host={self.host}", f"--data-root={self._data}"]
        command += [f"--exec-root={self._folder}/run", f"--pidfile={self._folder}/pid"]
        command += [f"--config-file={self._folder}/config.json"]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        deadline = time.monotonic() + 60
        while self.docker("version", check=False).returncode:
            assert self._process.poll() is None, (self._folder / "log").read_text()[-2000:]
            assert time.monotonic() < deadline
            time.sleep(0.2)

    def stop(self) -> None:
        """End it, and with it the containers that run."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(60)
            self._process = None

    def docker(self, *arguments: str, check: bool = True, **more: object) -> subprocess.CompletedProcess[bytes]:
        """One command of its client."""
        command = ["docker", f"--host={self.host}", *arguments]
        return subprocess.run(command, check=check, capture_output=True, **more)  # type: ignore[call-overload, no-any-return]

    def take(self, image: str) -> None:
        """Copy an image from the machine's own engine."""
        wanted = engines.must("docker", "image", "inspect", "--format", "{{.Id}}", image)
        if self.docker("image", "inspect", wanted, check=False).returncode:
            saved = subprocess.Popen(["docker", "save", image], stdout=subprocess.PIPE)
            loaded = self.docker("load", check=False, stdin=saved.stdout)
            assert saved.stdout is not None
            saved.stdout.close()
            assert saved.wait() == loaded.returncode == 0, loaded.stderr
