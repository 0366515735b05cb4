"""docs/cluster/ssh.py, with OpenSSH's own server on this machine."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster.conftest import free_port
from tests.grader.run.cluster.machines import ROOT
from tests.grader.run.test_classrun import wait_until

CONFIG = """
ListenAddress 127.0.0.1
Port {port}
HostKey {folder}/host
PidFile none
AuthorizedKeysFile {folder}/mine.pub
StrictModes no
UsePAM no
PasswordAuthentication no
SetEnv PYTHONPATH={root} OMP_NUM_THREADS=1
"""
CLIENT = """
Host *
  Port {port}
  IdentityFile {folder}/mine
"""


@pytest.fixture
def home(find, tmp_path) -> Iterator[Path]:
    """A home from which `ssh localhost` reaches a server that lives as long as the test."""
    sshd, keygen = find("sshd"), find("ssh-keygen")
    for name in ("host", "mine"):
        subprocess.run([keygen, "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / name], check=True)
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # it will not start as root without
    port = free_port()
    (tmp_path / "sshd_config").write_text(CONFIG.format(port=port, folder=tmp_path, root=ROOT))
    home = tmp_path / "home"
    (home / ".ssh").mkdir(mode=0o700, parents=True)
    (home / ".ssh" / "config").write_text(CLIENT.format(port=port, folder=tmp_path))
    key = (tmp_path / "host.pub").read_text()
    (home / ".ssh" / "known_hosts").write_text(f"[localhost]:{port} {key}[127.0.0.1]:{port} {key}")
    with subprocess.Popen(
        [sshd, "-D", "-e", "-f", tmp_path / "sshd_config"], stderr=subprocess.PIPE, text=True
    ) as process:
        for line in process.stderr:
            if "Server listening" in line:
                break
        else:
            pytest.skip("sshd does not start here")
        yield home
        process.terminate()


def test_a_class_on_two_workers_by_ssh(home, classroom, calm):
    script = ROOT / "docs" / "cluster" / "ssh.py"
    environment = {**classroom.environment, "HOME": str(home)}
    log = home / "log"
    with (
        log.open("w") as words,
        subprocess.Popen(
            [sys.executable, script, "127.0.0.1", "127.0.0.1"],
            env=environment,
            cwd=home,
            stdout=words,
            stderr=subprocess.STDOUT,
        ) as process,
    ):
        try:
            wait_until(lambda: "--scheduler" in log.read_text() or process.poll() is not None, 100)
            assert process.poll() is None, log.read_text()
            (said,) = [line for line in log.read_text().splitlines() if "--scheduler" in line]
            address = said.split()[-1]
            assert address.startswith("tls://")
            assert classroom.grade("ssh", "--scheduler", address) == calm
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(60)
