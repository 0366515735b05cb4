"""An engine that dies while it grades, and one whose disk is full. Both are engines of the tests' own."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.outcome import Verdict
from grader.sandbox import container_engine as engines
from grader.sandbox.opening import open_sandbox
from grader.sandbox.where import WhereToGrade
from tests.containers import machine
from tests.containers.daemon import Daemon
from tests.containers.test_images import FULL, HOMEWORK, grade, points

pytestmark = [
    pytest.mark.skipif(os.geteuid() != 0, reason="NO ENGINE OF ITS OWN: only root starts one"),
    pytest.mark.skipif(not engines.shutil.which("dockerd"), reason="NO ENGINE OF ITS OWN: dockerd is not installed"),
]


@pytest.fixture
def own_engine(tmp_path_factory, monkeypatch) -> Iterator[Daemon]:
    """An engine that has the guest's image and nobody but this test uses."""
    machine.guest()
    with Daemon(tmp_path_factory.mktemp("engine"), machine.OUT / "engine") as daemon:
        daemon.take(engines.IMAGE)
        monkeypatch.setenv("DOCKER_HOST", daemon.host)
        yield daemon


def test_an_engine_that_dies_and_comes_back_costs_nobody_a_point(own_engine):
    names = [str(number) for number in range(8)]
    seen: list[float] = []

    def strike() -> None:
        own_engine.stop()
        seen.append(time.monotonic())
        time.sleep(2)
        own_engine.start()

    with open_sandbox(HOMEWORK.assignment, WhereToGrade("container")) as zygote:
        started = time.monotonic()
        struck = threading.Timer(0.2, strike)
        struck.start()
        graded = grade(zygote, *names)
        struck.join()
    assert seen
    assert started < seen[0] < time.monotonic()
    assert points(graded) == [FULL] * len(names)
    assert not own_engine.docker("ps", "-aq").stdout


def test_an_engine_that_stays_dead_leaves_no_score_at_all(own_engine, monkeypatch):
    """Where grading cannot go on, no check counts as failed: what has no verdict is the grader's fault."""
    monkeypatch.setattr(engines, "ANSWER_SECONDS", 1.0)
    with open_sandbox(HOMEWORK.assignment, WhereToGrade("container")) as zygote:
        own_engine.stop()
        for grading in grade(zygote, "one", "two"):
            verdicts = {outcome.verdict for outcome in grading.outcomes}
            assert Verdict.INFRA in verdicts
            assert verdicts <= {Verdict.PASSED, Verdict.INFRA}


@pytest.fixture
def small_disk(request, tmp_path) -> Iterator[Path]:
    """A folder on a disk of so many megabytes."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = ["mount", "-t", "tmpfs", "-o", f"size={request.param}m", "tmpfs", str(folder)]
    if subprocess.run(mounted, check=False, capture_output=True).returncode:
        pytest.skip("a small disk cannot be mounted here")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def package(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "grader", "package", *arguments],
        capture_output=True, text=True, check=False, cwd=machine.ROOT,
        env=os.environ | {"PYTHONPATH": str(machine.ROOT), "DOCKER_BUILDKIT": "0"} | environment,
    )  # fmt: skip


@pytest.mark.parametrize("small_disk", [600], indirect=True)  # room for the base image, not for torch
def test_a_disk_that_is_full_while_an_image_is_built_is_said_and_leaves_nothing(small_disk, tmp_path_factory):
    with Daemon(tmp_path_factory.mktemp("engine"), small_disk) as daemon:
        daemon.take(machine.base())
        arguments = ("guest", "--wheels", str(machine.wheelhouse()), "--base", machine.base())
        ended = package(*arguments, DOCKER_HOST=daemon.host)
        assert ended.returncode == 3
        assert "the disk that docker keeps images on is full. `docker system df` shows" in ended.stderr
        assert "Traceback" not in ended.stderr
        assert not daemon.docker("images", "-q", engines.IMAGE).stdout
        assert not daemon.docker("ps", "-aq").stdout


@pytest.mark.parametrize("small_disk", [50], indirect=True)
def test_a_disk_that_is_full_while_files_are_laid_out_is_said_and_leaves_nothing(small_disk):
    ended = package("guest", "--wheels", str(machine.wheelhouse()), TMPDIR=str(small_disk))
    assert ended.returncode == 3
    assert "cannot be written to" in ended.stderr
    archive = small_disk / "autograder.zip"
    ended = package("gradescope", "hw1_conv", "--wheels", str(machine.wheelhouse()), "-o", str(archive))
    assert ended.returncode == 3
    assert "cannot be written: No space left on device" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert list(small_disk.iterdir()) == []
