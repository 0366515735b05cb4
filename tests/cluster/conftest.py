"""A small class and its gradebook when this machine's pool grades it, for launchers that have to give the same one."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.grader.course import REFERENCE, require_isolation, write_course
from tests.grader.run.cluster.machines import ROOT, SEED
from tests.grader.run.test_classrun import WRONG, hand_in


class Classroom:
    """A course, what was handed in, and the command that grades it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.course = write_course(folder / "course")
        for number in range(8):
            hand_in(folder / "class", f"s{number}", f"# {number}\n{WRONG if number % 3 else REFERENCE}")
        self.certificates = folder / "certificates"
        program = folder / "bin" / "grader"
        program.parent.mkdir()
        program.write_text(f'#!/bin/sh\nexec env PYTHONPATH={ROOT} {sys.executable} -m grader "$@"\n')
        program.chmod(0o755)
        self.environment = {
            **os.environ,
            "PATH": f"{program.parent}:{os.environ['PATH']}",
            "GRADER_CERTIFICATES": str(self.certificates),
            "DASK_CONFIG": str(self.certificates),
            "PYTHONPATH": str(ROOT),
            "OMP_NUM_THREADS": "1",
        }
        self.run("grader", "cluster", "certificates", self.certificates)

    def run(self, *command: object, **others: object) -> str:
        """What a command prints; it has to end well within five minutes."""
        ended = subprocess.run(
            [str(one) for one in command],
            env={**self.environment, **others},
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=280,
            check=False,
        )
        assert ended.returncode == 0, ended.stdout
        return ended.stdout

    def grade(self, name: str, *options: object) -> dict[str, bytes]:
        """The gradebook of a run of this name."""
        run = self.folder / name
        self.run("grader", "grade", "hw0", "class", "-o", run, "--course", self.course, "--seed", SEED, *options)
        return gradebook(run)


def gradebook(run: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((run / "gradebook").iterdir())}


@pytest.fixture(scope="session")
def classroom(tmp_path_factory) -> Classroom:
    require_isolation()
    return Classroom(tmp_path_factory.mktemp("classroom"))


@pytest.fixture(scope="session")
def calm(classroom) -> dict[str, bytes]:
    return classroom.grade("calm")


@pytest.fixture(scope="session")
def find() -> Callable[[str], str]:
    """The path of a program of the system; the test is skipped where it is not installed."""

    def search(name: str) -> str:
        found = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
        return found or pytest.skip(f"{name} is not installed")

    return search


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]
