"""`grader grade --engine …` with clients that are scripts of ours: what is said, and that nothing is graded before."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from grader.commands import doctor
from grader.commands.cli import main
from grader.errors import InfraError
from grader.judging.environment import environment
from grader.sandbox import container, gpu
from grader.sandbox import container_engine as engine
from grader.sandbox.opening import open_sandbox
from grader.sandbox.where import WhereToGrade
from tests.grader.course import REFERENCE, write_course

NO_DAEMON = "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?"
NO_PERMISSION = (
    "Got permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock"
)


@pytest.fixture
def client(tmp_path, monkeypatch):
    """Put a client on the PATH, alone: `says` is what it prints, on stderr if it fails. It notes how it was called."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))

    def install(name: str, says: str, code: int = 0) -> Path:
        calls = tmp_path / "calls"
        script = folder / name
        lines = [f"#!{os.path.realpath('/bin/sh')}", f'for word in "$@"; do echo "$word"; done >> {calls}']
        lines += ["/bin/cat " + (">&2 " if code else "") + "<<'END'", says, "END", f"exit {code}"]
        script.write_text("\n".join(lines) + "\n")
        script.chmod(0o755)
        return calls

    return install


@pytest.fixture
def grade(tmp_path):
    """Run `grader grade` on a small course."""
    course = write_course(tmp_path / "course")
    work = tmp_path / "work" / "ada"
    work.mkdir(parents=True)
    (work / "hw0.py").write_text(REFERENCE)

    def run(*options: str) -> Result:
        out = tmp_path / "out"
        arguments = ["grade", "hw0", str(work.parent), "-o", str(out), "--course", str(course), *options]
        ended = CliRunner().invoke(main, arguments)
        assert not out.exists()
        return ended

    return run


WRONG = {
    "no engine": (1, NO_DAEMON, "does not answer"),
    "no permission": (1, NO_PERMISSION, "usermod -aG docker"),
    "no image": (1, "Error: No such image: grader-guest", "there is no image grader-guest: make it with"),
    "another version's image": (0, "0123456789abcdef", "holds another version of the grader: make it again with"),
    "an engine that is silent": (1, "", "does not answer (it says nothing)"),
}


@pytest.mark.parametrize("name", ["docker", "podman"])
@pytest.mark.parametrize(("code", "says", "sentence"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_with_an_engine_is_a_sentence_and_exit_code_3(client, grade, name, code, says, sentence):
    client(name, says, code)
    ended = grade("--engine", name)
    assert ended.exit_code == 3, ended.output
    assert sentence in " ".join(ended.output.split())
    assert "Traceback" not in ended.output
    if "make it" in sentence:
        assert ("grader package guest --engine podman" if name == "podman" else "`grader package guest`") in " ".join(
            ended.output.split()
        )


@pytest.mark.parametrize("name", ["docker", "podman"])
def test_an_engine_that_is_not_installed(client, grade, name):
    ended = grade("--engine", name)
    assert ended.exit_code == 3
    package = {"docker": "docker.io", "podman": "podman"}[name]
    assert f"{name} is not installed: apt-get install {package}" in " ".join(ended.output.split())


@pytest.mark.parametrize(("devices", "known"), [((), "there is none"), (("nvidia0", "nvidia1"), "there are 0, 1")])
@pytest.mark.parametrize("isolation", ["bubblewrap", "namespaces", "container"])
def test_a_gpu_that_is_not_there(client, grade, tmp_path, monkeypatch, devices, known, isolation):
    monkeypatch.setattr(gpu, "FOLDER", tmp_path)
    for device in devices:
        (tmp_path / device).touch()
    client("docker", engine.guest_digest())
    ended = grade("--gpus", "7", "--isolation", isolation)
    assert ended.exit_code == 3
    assert f"GPU 7 was asked for, but is not in this machine ({known};" in " ".join(ended.output.split())


def test_an_engine_belongs_to_containers(client, grade):
    ended = grade("--isolation", "bubblewrap", "--engine", "docker")
    assert ended.exit_code == 2
    assert "belongs to isolation container" in ended.output


def test_trainings_on_a_gpu_that_is_not_there(client, grade, tmp_path, monkeypatch):
    monkeypatch.setattr(gpu, "FOLDER", tmp_path)
    ended = grade("--device", "cuda")
    assert ended.exit_code == 3
    assert "GPU 0 was asked for, but is not in this machine (there is none;" in " ".join(ended.output.split())


def test_an_image_for_a_gpu_is_another_one(client, grade, tmp_path, monkeypatch):
    monkeypatch.setattr(gpu, "FOLDER", tmp_path)
    (tmp_path / "nvidia0").touch()
    client("docker", "Error: No such image: grader-guest-cuda", 1)
    ended = grade("--engine", "docker", "--gpus", "0")
    assert ended.exit_code == 3
    said = " ".join(ended.output.split())
    assert "there is no image grader-guest-cuda: make it with `grader package guest --cuda`" in said


def test_a_gpu_is_asked_for_as_each_engine_knows_it():
    assert container.gpu_options("docker", 2) == ["--gpus=device=2"]
    assert container.gpu_options("podman", 2) == ["--device=nvidia.com/gpu=2"]
    assert container.gpu_options("docker", None) == []


def test_a_name_is_an_argument_and_no_shell(client):
    calls = client("docker", "")
    engine.remove("docker", "$(touch x); `id`")
    assert calls.read_text().splitlines() == ["rm", "--force", "$(touch x); `id`"]


@pytest.fixture
def docker(client, tmp_path):
    """A Docker that has these runtimes, and in whose containers the trial ends so."""

    def install(runtimes: str, code: int = 0, says: str = "") -> Path:
        calls = client("docker", engine.guest_digest())
        script = tmp_path / "bin" / "docker"
        lines = script.read_text().splitlines()
        lines[2:2] = [
            f'if [ "$1" = info ]; then echo "{runtimes}"; exit 0; fi',
            f'case "$*" in *--runtime=runsc*landlock*) echo "{says}" >&2; exit {code};; esac',
        ]
        script.write_text("\n".join(lines) + "\n")
        engine.runtime.cache_clear()
        return calls

    yield install
    engine.runtime.cache_clear()


LACKS = "OSError: [Errno 38] Function not implemented"


@pytest.mark.parametrize(
    ("runtimes", "code", "runtime", "note"),
    [
        ("io.containerd.runc.v2 runc", 0, "", ""),
        ("runc runsc", 0, "runsc", ""),
        ("runc runsc", 1, "", f"this release of runsc cannot run a guest ({LACKS}): the engine's own runtime is used"),
    ],
)
def test_gvisor_is_used_where_a_guest_runs_in_it(docker, toy, monkeypatch, runtimes, code, runtime, note):
    calls = docker(runtimes, code, LACKS)
    assert engine.runtime("docker") == (runtime, note)
    said = [(one.there, one.note) for one in doctor.findings() if one.name == "gVisor"]
    assert said == ([(bool(runtime), note or "containers run in a kernel of their own")] if "runsc" in runtimes else [])
    calls.unlink()
    with pytest.raises(InfraError, match=r"the sandbox \(container\) did not start"):  # it is no real engine
        open_sandbox(toy.assignment, WhereToGrade("container", engine="docker")).__enter__()
    assert ("--runtime=runsc" in calls.read_text().splitlines()) == bool(runtime)


def test_podman_is_asked_in_its_own_words(client, toy, tmp_path, monkeypatch):
    """A client that notes what it is asked: what differs from Docker, and nothing else does."""
    asked = {}
    monkeypatch.setattr(gpu, "FOLDER", tmp_path)
    (tmp_path / "nvidia1").touch()
    for name in ("docker", "podman"):
        engine.runtime.cache_clear()
        calls = client(name, engine.guest_digest())
        with pytest.raises(InfraError, match="GPU 1 cannot be given to a container"):  # it is no real engine
            open_sandbox(toy.assignment, WhereToGrade("container", engine=name, gpu=1)).__enter__()
        words = calls.read_text().splitlines()
        own = ("--name", "--mount", "--security-opt=seccomp")  # of a container
        asked[name] = {word for word in words if word.startswith("--") and not word.startswith(own)}
        calls.unlink()
    files = f"/tmp:rw,nosuid,nodev,noexec,size={toy.assignment.limits.files_mb}m,mode=711"
    assert asked["docker"] - asked["podman"] == {f"--tmpfs={files},nr_inodes={container.INODES}", "--gpus=device=1"}
    assert asked["podman"] - asked["docker"] == {
        f"--tmpfs={files}",
        "--device=nvidia.com/gpu=1",
        *container.PODMANS_LIMITS,
    }
    assert {"--network=none", "--read-only", "--cap-drop=ALL", "--pull=never"} <= asked["podman"]


def test_a_grade_names_the_image_that_it_was_made_in(client, monkeypatch, tmp_path):
    monkeypatch.setattr(gpu, "FOLDER", tmp_path)
    (tmp_path / "nvidia0").touch()
    client("docker", engine.guest_digest())
    about = environment(WhereToGrade(engine="docker", gpu=0))
    assert (about.where.tier, about.where.engine) == ("container", "docker")
    assert about.facts["client"] == "docker"
    assert about.facts["image"] == engine.guest_digest()  # whatever the client says
    assert about.facts["gpu"] == "0"
    assert about.sha256 != environment(WhereToGrade("container")).sha256
