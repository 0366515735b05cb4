"""How a container is asked for, and what is said where none is to be had. Real ones: `make test-docker`."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from grader.errors import InfraError, UsageError
from grader.guest import seccomp
from grader.sandbox import container, in_container, namespaces
from grader.sandbox import container_engine as engine
from grader.sandbox.opening import open_sandbox
from grader.sandbox.profile import profile
from grader.sandbox.where import WhereToGrade
from grader.spec import Limits


@pytest.fixture
def arguments(tmp_path: Path) -> list[str]:
    return container.arguments("docker", "name", tmp_path, Limits(memory_mb=256, files_mb=8, processes=16))


def test_every_wall_is_asked_for(arguments, tmp_path):
    assert arguments[:3] == ["run", "--rm", "--read-only"]
    assert arguments[-2:] == ["grader-guest", "/control/socket"]
    assert {
        "--network=none", "--cap-drop=ALL", "--security-opt=no-new-privileges", "--ipc=private", "--pids-limit=32",
        f"--security-opt=seccomp={tmp_path}/seccomp.json", "--memory=1280m", "--memory-swap=1280m", "--shm-size=8m",
        "--tmpfs=/tmp:rw,nosuid,nodev,noexec,size=8m,mode=711,nr_inodes=4096", "--pull=never",
    } <= set(arguments)  # fmt: skip
    assert [one for one in arguments if "cap-add" in one] == ["--cap-add=SETUID", "--cap-add=SETGID"]


def test_nothing_of_this_machine_goes_in_but_the_control_socket(arguments, tmp_path):
    mounts = [one for one in arguments if one.startswith(("--mount", "--volume", "-v", "--env", "--privileged"))]
    assert mounts == [f"--mount=type=bind,source={tmp_path}/control,target=/control,readonly"]
    assert not [one for one in arguments if "docker.sock" in one]


def test_a_gpu_is_named(tmp_path):
    with_gpu = container.arguments("docker", "name", tmp_path, Limits(), gpu=1)
    without = container.arguments("docker", "name", tmp_path, Limits())
    assert "--gpus=device=1" in with_gpu
    assert "grader-guest-cuda" in with_gpu
    assert not [one for one in without if one.startswith(("--gpus", "--device")) or "cuda" in one.split("/")[0]]


def test_what_forks_are_refused_the_outer_filter_refuses_too_but_for_what_starts_them():
    allowed = {name for rule in profile()["syscalls"] if rule["action"] == "SCMP_ACT_ALLOW" for name in rule["names"]}
    assert allowed & {*seccomp.DENIED, *seccomp.SHARED} == {"execve", "connect", "pidfd_open", "socket"}
    assert profile()["defaultAction"] == "SCMP_ACT_ERRNO"


SAID = {
    "permission": ("permission denied while trying to connect", "usermod -aG docker"),
    "no engine": ("Cannot connect to the Docker daemon at unix:///x. Is it running?", "is it started?"),
    "no image": ("Error: No such image: grader-guest", "`grader package guest`"),
    "podman's no image": ("Error: grader-guest: image not known", "`grader package guest`"),
}


@pytest.mark.parametrize(("said", "advice"), SAID.values(), ids=SAID)
def test_what_is_missing_is_said_with_what_to_do(monkeypatch, said, advice):
    monkeypatch.setattr(engine, "client", lambda _: "docker")
    monkeypatch.setattr(engine, "run", lambda *_: subprocess.CompletedProcess([], 1, "", said))
    assert advice in container.missing()


def test_no_client(monkeypatch):
    monkeypatch.setattr(engine.shutil, "which", lambda _: None)
    assert container.missing() == "docker or podman is not installed: apt-get install docker.io"
    assert container.missing(WhereToGrade(engine="podman")) == "podman is not installed: apt-get install podman"


def test_an_image_of_another_version_is_not_used(monkeypatch, toy):
    monkeypatch.setattr(engine, "client", lambda _: "docker")
    monkeypatch.setattr(engine, "run", lambda *_: subprocess.CompletedProcess([], 0, "0123456789abcdef\n", ""))
    assert "holds another version of the grader" in container.missing()
    with pytest.raises(InfraError, match="make it again with `grader package guest`"):
        open_sandbox(toy.assignment, WhereToGrade("container"))


def test_a_kernel_that_gives_no_namespaces_is_said_with_what_to_do(monkeypatch):
    monkeypatch.setattr(namespaces, "_probe", lambda: "raise SystemExit('Operation not permitted')")
    said = "this kernel gives no namespaces to this user: Operation not permitted; as root: sysctl -w "
    assert namespaces.missing().startswith(said)


def test_an_engine_belongs_to_its_tier(toy):
    with pytest.raises(UsageError, match="belongs to isolation container"):
        open_sandbox(toy.assignment, WhereToGrade("bubblewrap", engine="docker"))


def test_an_engine_that_stays_away_is_our_fault(monkeypatch):
    monkeypatch.setattr(engine, "ANSWER_SECONDS", 0.0)
    monkeypatch.setattr(engine, "run", lambda *_: subprocess.CompletedProcess([], 1, "", "Cannot connect"))
    with pytest.raises(InfraError, match=r"does not answer \(Cannot connect\)"):
        engine.wait_until_it_answers("docker")


def test_only_containers_of_dead_judges_are_removed(monkeypatch):
    own, removed = engine.judge_label(), []
    listed = f"mine {own}\ngone 1-1\nreused {own.split('-')[0]}-1\n"
    monkeypatch.setattr(engine, "run", lambda *words: subprocess.CompletedProcess(words, 0, listed, ""))
    monkeypatch.setattr(engine, "remove", lambda client, name: removed.append(name))
    assert engine.clean("docker") == removed == ["gone", "reused"]


def test_in_container_wants_root(monkeypatch):
    monkeypatch.setattr(in_container.os, "geteuid", lambda: 1000)
    assert "only root can" in in_container.missing()


def test_in_container_wants_landlock(monkeypatch):
    monkeypatch.setattr(in_container.os, "geteuid", lambda: 0)
    monkeypatch.setattr(in_container.linux, "landlock_version", lambda: 0)
    assert "has no Landlock" in in_container.missing()


def test_what_may_not_be_read_is_left_out_of_what_may(tmp_path):
    for name in ("lib/python3/dist-packages/pip", "lib/python3/json", "lib/other"):
        (tmp_path / name).mkdir(parents=True)
    readable, listable = [], []
    in_container._split(tmp_path / "lib", [tmp_path / "lib/python3/dist-packages"], readable, listable)
    assert sorted(readable) == [str(tmp_path / "lib/other"), str(tmp_path / "lib/python3/json")]
    assert sorted(listable) == [str(tmp_path / "lib"), str(tmp_path / "lib/python3")]
