"""A PostgreSQL server of one's own: on loopback, in a temporary folder, ended by its process id."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

START_SECONDS = 60


def binaries() -> Path | None:
    """Where Debian, or the PATH, has the server's programs."""
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    found = shutil.which("initdb")
    return places[0] if places else Path(found).parent if found else None


@contextlib.contextmanager
def server() -> Iterator[str]:
    """The address of a fresh server's database. Skips, loudly, where there is none to be started."""
    programs = binaries()
    if programs is None:
        pytest.skip("NOT TESTED ON POSTGRESQL: no server is installed here (Debian: apt-get install postgresql)")
    user = _user()
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
    try:
        if user is not None:
            os.chown(folder, user.pw_uid, user.pw_gid)
        port = _free_port()
        _run(user, [programs / "initdb", "-D", folder / "data", "-U", "grader", "-A", "trust", "-E", "UTF8"])
        command = [programs / "postgres", "-D", folder / "data", "-p", str(port), "-k", folder, "-c", "fsync=off"]
        command += ["-c", "listen_addresses=127.0.0.1"]
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(list(map(str, command)), stdout=log, stderr=log, cwd="/", **_as(user))
        try:
            _wait(process, port, folder / "log")
            yield f"postgresql://grader@127.0.0.1:{port}/postgres"
        finally:
            process.terminate()
            process.wait(START_SECONDS)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _user() -> pwd.struct_passwd | None:
    """Whom to run the server as: it refuses root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    pytest.skip("NOT TESTED ON POSTGRESQL: its server refuses root, and there is no user `nobody` here")


def _as(user: pwd.struct_passwd | None) -> dict:
    return {} if user is None else {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _run(user: pwd.struct_passwd | None, command: list) -> None:
    ended = subprocess.run(
        list(map(str, command)), capture_output=True, text=True, check=False, cwd="/", env={"LC_ALL": "C"}, **_as(user)
    )
    assert ended.returncode == 0, ended.stderr


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def _wait(process: subprocess.Popen, port: int, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text()
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.1)
    raise AssertionError(log.read_text())
