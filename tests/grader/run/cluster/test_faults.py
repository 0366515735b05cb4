"""What may be killed is killed, in the middle of a class, and its gradebook is that of a calm run."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from grader.commands.cli import main
from grader.run.cluster import coordinator
from tests.grader.course import require_isolation, write_course
from tests.grader.run.cluster.machines import ROOT, SEED, Machines, kill
from tests.grader.run.test_classrun import SLOW, graded, hand_in, wait_until

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def course(tmp_path_factory) -> Path:
    require_isolation()
    return write_course(tmp_path_factory.mktemp("course"))


@pytest.fixture(scope="module")
def class_(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("class")
    for number in range(24):
        source = SLOW.replace("2 * x", "x * x") if number % 3 == 2 else SLOW
        hand_in(folder, f"s{number:02}", f"# {number}\n{source}")
    return folder


@pytest.fixture(scope="module")
def calm(course, class_, tmp_path_factory) -> dict[str, bytes]:
    """The gradebook of a run on this machine that nothing disturbs."""
    run = tmp_path_factory.mktemp("calm") / "run"
    command = [sys.executable, "-m", "grader", "grade", "hw0", class_, "-o", run, "--course", course, "--seed", SEED]
    subprocess.run([*map(str, command), "-j", "2"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return gradebook(run)


@pytest.fixture(scope="module")
def machines(tmp_path_factory) -> Iterator[Machines]:
    with contextlib.closing(Machines(tmp_path_factory.mktemp("machines"))) as made:
        made.worker(0)
        made.worker(1)
        yield made


def gradebook(run: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((run / "gradebook").glob("*"))}


def disturbed(machines: Machines, class_: Path, course: Path, run: Path, fault: Callable[[], None]) -> str:
    """Grade in this process, and do this when some are graded. Returns what was said."""
    arguments = ["grade", "hw0", class_, "-o", run, "--course", course, "--seed", SEED, "--scheduler", machines.address]
    certificates = ["--certificates", machines.folder / "certificates"]
    failures: list[BaseException] = []

    def disturb() -> None:
        try:
            wait_until(some_are_noted(run, 4), 100)
            fault()
        except BaseException as error:  # noqa: BLE001 - it is raised below
            failures.append(error)

    thread = threading.Thread(target=disturb)
    thread.start()
    result = CliRunner().invoke(main, [str(one) for one in [*arguments, *certificates]])
    thread.join()
    assert failures == []
    assert result.exit_code == 0, result.output
    return result.output


def some_are_noted(run: Path, number: int) -> Callable[[], bool]:
    return lambda: len(list(run.glob("s*/report.json"))) >= number


def test_a_worker_is_killed_and_another_comes_and_one_hangs(machines, course, class_, calm, tmp_path, monkeypatch):
    monkeypatch.setattr(coordinator, "SILENT_SECONDS", 5.0)
    came: list[str] = []

    def fault() -> None:
        kill(machines.workers[0])
        machines.workers[1].send_signal(signal.SIGSTOP)
        came.append(machines.worker(0))

    try:
        said = disturbed(machines, class_, course, tmp_path / "run", fault)
    finally:
        machines.workers[1].send_signal(signal.SIGCONT)
    assert gradebook(tmp_path / "run") == calm
    # The one that graded the first four, and the one that came; the other may have been stopped before it was greeted.
    assert said.count("grades in 1 slots") >= 2
    assert f"{came[0]} grades in 1 slots" in said


def test_the_scheduler_is_killed_and_comes_back(machines, course, class_, calm, tmp_path):
    said = disturbed(machines, class_, course, tmp_path / "run", machines.reschedule)
    assert "is away: waiting for it" in said
    assert gradebook(tmp_path / "run") == calm


def test_the_coordinator_is_killed_and_run_again(machines, course, class_, calm, tmp_path):
    run = tmp_path / "run"
    with machines.grade(class_, course, run) as process:
        are_noted = some_are_noted(run, 4)
        wait_until(lambda: are_noted() or process.poll() is not None, 100)
        assert process.poll() is None, process.stdout.read()
        kill(process)
    assert 0 < len(list(run.glob("s*/report.json"))) < 24
    with machines.grade(class_, course, run) as process:
        said, _ = process.communicate(timeout=100)
    assert process.returncode == 0, said
    assert gradebook(run) == calm
    assert len(graded(run)) == 24
    assert list(machines.folder.glob("worker*/**/grader-*")) == []
