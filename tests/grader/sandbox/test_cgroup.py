"""Control groups of both versions on a tree of plain files, and the real one where this machine lets us make it."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from pathlib import Path

import pytest

from grader.sandbox import cgroup
from grader.sandbox.cgroup import LEAF, Cgroup, make_cgroup

V1 = "9:name=systemd:/\n8:pids:/user\n4:memory:/user/mine\n0::/\n"
V2 = "0::/user.slice/mine\n"


@pytest.fixture
def v1(tmp_path: Path) -> Path:
    (tmp_path / "memory/user/mine").mkdir(parents=True)
    (tmp_path / "pids/user").mkdir(parents=True)
    return tmp_path


@pytest.fixture
def v2(tmp_path: Path) -> Path:
    mine = tmp_path / "user.slice/mine"
    mine.mkdir(parents=True)
    (mine / "cgroup.subtree_control").write_text("")
    return tmp_path


def kernel_files(monkeypatch: pytest.MonkeyPatch, name: str, text: str) -> None:
    """Make each new group hold the file that the kernel would put there."""
    mkdir = Path.mkdir

    def make(self: Path, *args: object, **options: object) -> None:
        mkdir(self, *args, **options)
        (self / name).write_text(text)

    monkeypatch.setattr(Path, "mkdir", make)


def read(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir()}


def test_version_1(v1, monkeypatch):
    kernel_files(monkeypatch, "memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n")
    group = make_cgroup(1 << 28, 40, v1, V1)
    assert group is not None
    assert group.version == 1
    (memory,) = (v1 / "memory/user/mine").glob("grader-*")
    (pids,) = (v1 / "pids/user").glob("grader-*")
    assert read(memory)["memory.limit_in_bytes"] == read(memory)["memory.memsw.limit_in_bytes"] == str(1 << 28)
    assert read(pids)["pids.max"] == "40"
    group.add(17)
    assert read(memory)["cgroup.procs"] == read(pids)["cgroup.procs"] == "17"
    assert not group.out_of_memory()  # the two kills were before our time
    (memory / "memory.oom_control").write_text("oom_kill_disable 0\nunder_oom 0\noom_kill 3\n")
    assert [group.out_of_memory(), group.out_of_memory()] == [True, False]


def test_version_1_without_a_pids_hierarchy(v1, monkeypatch):
    kernel_files(monkeypatch, "memory.oom_control", "oom_kill 0\n")
    assert make_cgroup(1 << 28, 40, v1, V1.replace("8:pids:/user\n", "")) is not None


def test_version_2_moves_the_judge_into_a_leaf_once(v2, monkeypatch):
    kernel_files(monkeypatch, "memory.events", "low 0\nhigh 0\nmax 0\noom 0\noom_kill 0\noom_group_kill 0\n")
    mine = v2 / "user.slice/mine"
    group = make_cgroup(1 << 28, 40, v2, V2)
    assert group is not None
    assert group.version == 2
    assert (mine / LEAF / "cgroup.procs").read_text() == str(os.getpid())
    assert (mine / "cgroup.subtree_control").read_text() == "+memory +pids"
    (folder,) = mine.glob("grader-[0-9]*")
    files = read(folder)
    assert (files["memory.max"], files["memory.swap.max"], files["pids.max"]) == (str(1 << 28), "0", "40")
    (folder / "memory.events").write_text("oom 1\noom_kill 1\n")
    assert group.out_of_memory()
    # the second group is the first one's neighbour, although this process now lives in the leaf
    (mine / "cgroup.subtree_control").write_text("memory pids")
    assert make_cgroup(1 << 20, 4, v2, f"0::/user.slice/mine/{LEAF}\n") is not None
    assert len(list(mine.glob("grader-[0-9]*"))) == 2


def test_groups_that_a_killed_process_of_the_same_number_left_are_in_nobodys_way(v1, monkeypatch):
    kernel_files(monkeypatch, "memory.oom_control", "oom_kill 0\n")
    for _ in range(2):
        monkeypatch.setattr(cgroup, "_serial", itertools.count())  # as in a new process
        assert make_cgroup(1 << 28, 40, v1, V1) is not None
    assert len(list((v1 / "memory/user/mine").glob(f"grader-{os.getpid()}-0-*"))) == 2


def test_none_where_none_can_be_made(tmp_path, v2):
    assert make_cgroup(1, 1, tmp_path / "absent", V1) is None
    assert make_cgroup(1, 1, tmp_path / "absent", V2) is None
    assert make_cgroup(1, 1, tmp_path, "") is None


def test_nothing_is_left_where_a_limit_cannot_be_set(v2, monkeypatch):
    write = Path.write_text

    def refuse(self: Path, text: str) -> int:
        if self.name == "memory.max":
            raise PermissionError(self)
        return write(self, text)

    monkeypatch.setattr(Path, "write_text", refuse)
    assert make_cgroup(1 << 28, 40, v2, V2) is None
    assert not list((v2 / "user.slice/mine").glob("grader-[0-9]*"))


def test_a_group_that_never_empties_is_left_without_waiting_for_ever(tmp_path, monkeypatch):
    monkeypatch.setattr("grader.sandbox.cgroup.CLOSING_SECONDS", 0.05)
    folder = tmp_path / "group"
    folder.mkdir()
    (folder / "memory.events").write_text("oom_kill 0\n")
    Cgroup(2, [folder], folder / "memory.events").close()
    assert folder.exists()


def test_the_kernel_kills_who_takes_too_much_and_no_group_stays():
    group = make_cgroup(64 << 20, 8)
    if group is None:
        pytest.skip("this user cannot make a control group here")
    folders = list(group._folders)
    with subprocess.Popen([sys.executable, "-c", "input(); bytearray(1 << 30)"], stdin=subprocess.PIPE) as process:
        group.add(process.pid)
        assert process.stdin is not None
        process.stdin.write(b"\n")
        process.stdin.close()
        assert process.wait(30) == -9
    assert group.out_of_memory()
    group.close()
    assert not any(folder.exists() for folder in folders)


@pytest.mark.parametrize(
    ("used", "active", "inactive", "processes", "has_room"),
    [
        (50, 0, 0, 3, True),
        (50, 0, 0, 5, True),
        (50, 0, 0, 6, False),
        (150, 0, 0, 3, False),
        (150, 30, 30, 3, True),  # of which the kernel drops 60 before it ends anybody
        (150, 30, 10, 3, False),
    ],
)
def test_files_that_were_read_take_no_room(v2, monkeypatch, used, active, inactive, processes, has_room):
    kernel_files(monkeypatch, "memory.events", "oom_kill 0\n")
    group = make_cgroup(1 << 28, 40, v2, V2)
    (folder,) = (v2 / "user.slice/mine").glob(f"grader-{os.getpid()}-*")
    (folder / "pids.current").write_text("3")
    group.add(17)
    (folder / "memory.current").write_text(str(used))
    (folder / "memory.stat").write_text(f"anon 90\nactive_file {active}\ninactive_file {inactive}\n")
    (folder / "pids.current").write_text(str(processes))
    assert group.has_room(100, 2) is has_room


def test_a_group_that_is_not_removed_is_said(v2, monkeypatch, caplog):
    kernel_files(monkeypatch, "memory.events", "oom_kill 0\n")
    monkeypatch.setattr(cgroup, "CLOSING_SECONDS", 0.01)
    group = make_cgroup(1 << 28, 40, v2, V2)
    group.close()  # a folder with files in it stays
    assert caplog.messages[0].startswith("waited 0.01 s in vain for the end of control group grader-")
