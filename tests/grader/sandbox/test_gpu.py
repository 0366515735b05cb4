"""A GPU's devices in a sandbox, by a stand-in: a null device under a GPU's name."""

from __future__ import annotations

import multiprocessing
import os
import stat
import subprocess
import sys
import threading
import time

import pytest

from grader.errors import InfraError, StudentError
from grader.guest import isolation, linux
from grader.sandbox import bubblewrap, gpu, layout
from grader.sandbox.opening import open_sandbox, open_trainer
from grader.sandbox.tiers import TIERS
from grader.sandbox.where import WhereToGrade

OPENS = """
import os

def double(x):
    for path in ("/dev/nvidia0", "/dev/nvidiactl", "/dev/nvidia1"):
        try:
            os.close(os.open(path, os.O_RDWR))
            x = x * 10
        except OSError:
            pass
    return x
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A machine whose GPUs 0 and 1 are null devices."""
    if os.geteuid() != 0:
        pytest.skip("only root makes devices")
    for name in ("nvidia0", "nvidia1", "nvidiactl"):
        os.mknod(tmp_path / name, stat.S_IFCHR | 0o666, os.makedev(1, 3))
        (tmp_path / name).chmod(0o666)
    monkeypatch.setattr(gpu, "FOLDER", tmp_path)
    return tmp_path


def tenfold(sandbox) -> int:
    """How many of the three devices a fork can open, as a power of ten."""
    import torch

    from grader.judging.bridge.examination import Examination
    from grader.judging.bridge.student import Student

    examination = Examination({"toy.py": OPENS.encode()}, "toy", 0, sandbox._limits, sandbox.take)
    try:
        return int(Student(examination).double(torch.ones(())))
    finally:
        examination.close()


@pytest.mark.long
@pytest.mark.parametrize("tier", ["bubblewrap", "namespaces"])
def test_a_fork_opens_the_gpu_that_was_asked_for_and_no_other(toy, folder, tier):
    if lacking := TIERS[tier].missing():
        pytest.skip(lacking)
    with open_sandbox(toy.assignment, WhereToGrade(tier, gpu=0)) as sandbox:  # which has attacked its own walls by now
        assert tenfold(sandbox) == 100
    with open_sandbox(toy.assignment, WhereToGrade(tier)) as sandbox:
        assert tenfold(sandbox) == 1


def test_the_devices_that_are_there_are_bound(folder):
    words = bubblewrap.launch(3, None, WhereToGrade(gpu=1)).command
    bound = [words[i + 1 : i + 3] for i, word in enumerate(words) if word == "--dev-bind"]
    assert [str(folder / "nvidia1"), "/dev/nvidia1"] in bound
    assert [str(folder / "nvidiactl"), "/dev/nvidiactl"] in bound
    assert not [pair for pair in bound if "nvidia0" in pair[1] or "uvm" in pair[1]]
    assert not [
        word for word in bubblewrap.launch(3, None, WhereToGrade()).command if "nvidia" in word and "/dev" in word
    ]
    assert layout.mounts(1) != layout.mounts() == layout.mounts(None)


@pytest.mark.parametrize("granted", [True, False])
def test_landlock_opens_a_device_when_and_only_when_it_is_named(folder, granted):
    if linux.landlock_version() < 1:
        pytest.skip("this kernel has no Landlock")
    device = str(folder / "nvidia0")

    def confined() -> None:
        linux.prctl(linux.PR_SET_NO_NEW_PRIVS, 1)
        linux.landlock(["/usr"], [], [], [device, "/dev/nvidia-that-is-not-there"] if granted else [])
        try:
            os.write(os.open(device, os.O_RDWR), b"x")
        except PermissionError:
            os._exit(1)
        os._exit(0)

    child = multiprocessing.get_context("fork").Process(target=confined)
    child.start()
    child.join()
    assert child.exitcode == (0 if granted else 1)


def test_what_a_driver_reads_of_the_kernel_is_left_of_proc_and_nothing_else():
    """In a process of its own, as the intermediate one is: with namespaces of its own."""
    code = (
        "import os\nfrom grader.guest import isolation\nfrom grader.guest.isolation import Settings\n"
        "isolation.FACTS = ('/proc/devices', '/proc/sys/kernel/random', '/proc/driver/nvidia-that-is-not-there')\n"
        "isolation.enter_namespaces(Settings(1 << 28, 8, 1 << 20, 5, devices=('/dev/nvidia0',)))\n"
        "print(sorted(os.listdir('/proc')), os.listdir('/proc/sys/kernel'), len(open('/proc/devices').read()) > 20)\n"
        "print(os.listdir('/tmp'))\n"
        "try:\n    os.mkdir('/proc/more')\nexcept OSError as error:\n    print(error.strerror)\n"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    if "unshare" in ended.stderr:
        pytest.skip("this kernel gives no namespaces to this user")
    assert ended.stdout.splitlines() == [
        "['devices', 'sys'] ['random'] True", "['submission']", "Read-only file system",
    ], ended.stderr  # fmt: skip


def test_without_a_gpu_nothing_is_left_of_proc():
    assert isolation.Settings(1, 1, 1, 1).devices == gpu.devices(None) == ()


def test_a_gpu_is_one_trainings_at_a_time(tmp_path, monkeypatch):
    monkeypatch.setattr(gpu.tempfile, "gettempdir", lambda: str(tmp_path))
    had = threading.Event()

    def wait() -> None:
        with gpu.alone(0):
            had.set()

    with gpu.alone(0), gpu.alone(1):  # another GPU is another's
        threading.Thread(target=wait, daemon=True).start()
        assert not had.wait(0.3)
    assert had.wait(5)


def test_a_lock_that_somebody_laid_as_a_link_is_not_followed(tmp_path, monkeypatch):
    monkeypatch.setattr(gpu.tempfile, "gettempdir", lambda: str(tmp_path))
    (tmp_path / "grader-gpu-0.lock").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="grader-gpu-0"), gpu.alone(0):
        pass
    assert not (tmp_path / "elsewhere").exists()


# ------------------------------------------------------------------- a fork that opens a device: the processor stands in


@pytest.fixture(scope="module")
def trainer(toy):
    """A trainer whose device is the processor; it has no devices of a GPU, for there are none."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gpu, "missing", lambda number: "")
        with open_trainer(toy.assignment, WhereToGrade(device="cpu")) as opened:
            yield opened


def test_a_fork_says_what_it_opened_before_it_meets_a_submission(trainer):
    assert trainer.device.startswith("cpu (")
    assert "CUBLAS_WORKSPACE_CONFIG=:4096:8" in trainer.settings
    fork = trainer.take()
    fork.load(
        {"toy.py": b"import torch\nassert torch.are_deterministic_algorithms_enabled()\n"},
        "toy",
        0,
        time.monotonic() + 60,
    )
    fork.kill()


def test_a_fork_serves_one_training(trainer):
    one, other = trainer.take(), trainer.take()
    assert one is not other
    assert not one.alive
    other.kill()


@pytest.mark.long
def test_a_device_that_does_not_answer_is_our_fault_and_said(toy, monkeypatch):
    monkeypatch.setattr(gpu, "missing", lambda number: "")
    with pytest.raises(InfraError, match="cuda does not start"), open_trainer(toy.assignment):
        pass


def test_the_gpus_memory_is_a_verdict_of_its_own(trainer):
    fork = trainer.take()
    raises = b"import torch\nraise torch.OutOfMemoryError('CUDA out of memory. Tried to allocate 90 GiB')\n"
    with pytest.raises(StudentError, match=r"out of the GPU's memory \(toy.py, line 2") as caught:
        fork.load({"toy.py": raises}, "toy", 0, time.monotonic() + 60)
    assert caught.value.verdict == "memory"
    fork.kill()
