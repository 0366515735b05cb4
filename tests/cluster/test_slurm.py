"""docs/cluster/slurm.sh, on Debian's Slurm with this machine as its one node."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster.conftest import free_port, gradebook
from tests.grader.run.cluster.machines import ROOT
from tests.grader.run.test_classrun import wait_until

CONFIG = """
ClusterName=grader
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={port}
SlurmdPort={other}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CredType=cred/munge
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_tres
ReturnToService=2
NodeName={host} NodeAddr=127.0.0.1 CPUs={cores} State=UNKNOWN
PartitionName=grader Nodes=ALL Default=YES State=UP
"""


@pytest.fixture
def slurm(find, tmp_path, classroom) -> Iterator[None]:
    """A cluster of one node, in a folder of its own."""
    if os.geteuid():
        pytest.skip("slurmd needs root")
    programs = {name: find(name) for name in ("munged", "slurmctld", "slurmd", "sinfo")}
    for name in ("state", "spool"):
        (tmp_path / name).mkdir()
    key = tmp_path / "munge.key"
    key.write_bytes(os.urandom(128))
    key.chmod(0o600)
    for parent in [tmp_path, *tmp_path.parents][:3]:
        parent.chmod(0o755)
    host = socket.gethostname().split(".")[0]
    config = tmp_path / "slurm.conf"
    cores = os.cpu_count()
    config.write_text(CONFIG.format(host=host, port=free_port(), other=free_port(), folder=tmp_path, cores=cores))
    classroom.environment["SLURM_CONF"] = str(config)
    munge = [f"--{what}-file={tmp_path}/munge.{what}" for what in ("key", "pid", "log", "seed")]
    commands = [
        [programs["munged"], "--foreground", "--force", f"--socket={tmp_path}/munge.socket", *munge],
        [programs["slurmctld"], "-D", "-f", config],
        [programs["slurmd"], "-D", "-f", config, "-N", host],
    ]
    with contextlib.ExitStack() as stack:
        log = stack.enter_context((tmp_path / "log").open("w"))
        for command in commands:
            process = stack.enter_context(
                subprocess.Popen([*map(str, command)], stdout=log, stderr=log, env=classroom.environment)
            )
            stack.callback(process.terminate)
        try:
            wait_until(lambda: is_idle(programs["sinfo"], classroom.environment), 60)
        except AssertionError:
            pytest.skip(f"Slurm does not start here: {Path(tmp_path / 'log').read_text()[-1500:]}")
        yield


def is_idle(sinfo: str, environment: dict[str, str]) -> bool:
    ended = subprocess.run(
        [sinfo, "-h", "-o", "%T"], env=environment, capture_output=True, text=True, timeout=30, check=False
    )
    return ended.stdout.strip() == "idle"


def test_a_class_in_one_job(slurm, classroom, calm):
    run = classroom.folder / "slurm"
    script = ROOT / "docs" / "cluster" / "slurm.sh"
    options = ["--wait", "--nodes=1", "--cpus-per-task=2", f"--output={classroom.folder}/slurm.log"]
    environment = {"GRADER_PORT": str(free_port())}
    course = classroom.course
    # The script as it is, but for the course and the seed of every run of this class.
    wrapped = classroom.folder / "slurm.sh"
    wrapped.write_text(script.read_text().replace('-o "$3"', f'-o "$3" --course {course} --seed {"ab" * 16}'))
    try:
        classroom.run("sbatch", *options, wrapped, "hw0", classroom.folder / "class", run, **environment)
    except AssertionError as error:
        raise AssertionError((classroom.folder / "slurm.log").read_text()) from error
    assert "grades in 2 slots" in (classroom.folder / "slurm.log").read_text()
    assert gradebook(run) == calm
