"""The guest's image, layer by layer; and what an engine that misbehaves costs."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tarfile
import threading
import time
from pathlib import Path

import pytest

from grader import __version__ as version
from grader.commands.package import image as image_of
from grader.errors import InfraError
from grader.homework import load_homework
from grader.judging import session
from grader.outcome import Grading
from grader.sandbox import container, gpu
from grader.sandbox import container_engine as engine
from grader.sandbox.opening import open_sandbox
from grader.sandbox.where import WhereToGrade
from grader.seed import Seed
from tests.benchmarks.speed import submission
from tests.containers import machine
from tests.hostile.corpus import CANARIES

HOMEWORK = load_homework(machine.ROOT, "hw1_conv")
FULL = HOMEWORK.assignment.points
LARGEST = 1.5e9  # bytes


@pytest.fixture(scope="module", autouse=True)
def image() -> str:
    return machine.guest()


def test_no_layer_holds_a_secret(tmp_path):
    """Every file of every layer, deleted ones included, against every file of the secret folders and every canary."""
    secrets = {
        path.read_bytes() for folder in ("reference", "tests/hidden") for path in (machine.ROOT / folder).rglob("*.py")
    }
    names = {path.name for folder in ("reference", "tests/hidden") for path in (machine.ROOT / folder).rglob("*.py")}
    secrets = {content for content in secrets if len(content) > 40}
    saved = tmp_path / "image.tar"
    subprocess.run(["docker", "save", "-o", str(saved), engine.IMAGE], check=True)
    seen = 0
    with tarfile.open(saved) as whole:
        layers = [layer for one in json.load(whole.extractfile("manifest.json")) for layer in one["Layers"]]
        for layer in layers:
            with tarfile.open(fileobj=whole.extractfile(layer)) as files:
                for member in files:
                    assert not member.name.startswith(("reference", "tests", "assignments", "engine/grader/judging"))
                    if member.isfile() and member.size < 1 << 20:
                        content = files.extractfile(member).read()
                        assert content not in secrets, member.name
                        assert not [canary for canary in CANARIES if canary.encode() in content], member.name
                        seen += 1
    assert seen > 5000
    assert "conv.py" in names


def test_is_labelled_and_small():
    (about,) = json.loads(engine.must("docker", "image", "inspect", engine.IMAGE))
    labels = about["Config"]["Labels"]
    assert labels["grader.guest"] == engine.guest_digest()
    assert len(labels["grader.wheels"]) == 16
    assert labels["grader.variant"] == "cpu"
    assert labels["org.opencontainers.image.version"] == version
    assert labels["org.opencontainers.image.base.name"] == machine.BASE
    assert labels["org.opencontainers.image.base.digest"].startswith("sha256:")
    assert about["Size"] < LARGEST


def test_built_twice_without_a_cache_the_layers_are_the_same(tmp_path):
    """With the smallest of the wheels: torch's takes minutes, and is unpacked by the same line."""
    made = []
    wheels = sorted(machine.wheelhouse().glob("msgspec-*.whl"))
    try:
        for name in ("grader-twice-one", "grader-twice-two"):
            (tmp_path / name).mkdir()
            image_of.lay_out_guest(tmp_path / name, wheels)
            recipe = image_of.recipes() / "guest.Dockerfile"
            image_of._build(tmp_path / name, recipe, name, machine.base(), {}, "docker", anew=True)
            made.append(engine.must("docker", "image", "inspect", "--format", "{{.RootFS.Layers}}", name))
            time.sleep(1.1)
    finally:
        engine.run("docker", "image", "rm", "grader-twice-one", "grader-twice-two")
    assert made[0] == made[1]


def test_no_setuid_program_and_nothing_of_the_judges():
    find = ["find", "/", "-xdev", "(", "-perm", "/6000", "-o", "-path", "/engine/grader/judging/session.py", ")"]
    found = engine.must("docker", "run", "--rm", "--network=none", "--entrypoint=/usr/bin/env", engine.IMAGE, *find)
    assert found == ""


def grade(zygote, *names: str) -> list[Grading]:
    graded: list[Grading] = []
    submissions = [submission(HOMEWORK, name, HOMEWORK.reference_source) for name in names]
    session.grade(HOMEWORK, submissions, zygote, on_graded=graded.append, seed=Seed.fresh())
    return graded


def points(graded: list[Grading]) -> list[float]:
    return [round(sum(outcome.earned for outcome in one.outcomes), 6) for one in graded]


def test_first_grade_comes_soon():
    started = time.monotonic()
    with open_sandbox(HOMEWORK.assignment, WhereToGrade("container")) as zygote:
        assert points(grade(zygote, "one")) == [FULL]
    assert time.monotonic() - started < 60  # a promise of 8 s is the benchmark's; this only sees a hang


def test_strict_mode_has_a_container_for_each():
    with open_sandbox(HOMEWORK.assignment, WhereToGrade("container", strict=True)) as zygote:
        assert points(grade(zygote, "one", "two")) == [FULL, FULL]
    assert containers() == []


def containers() -> list[str]:
    return engine.must(
        "docker", "ps", "-a", "--filter", f"label={engine.JUDGE_LABEL}", "--format", "{{.Names}}"
    ).split()


def test_a_container_that_is_killed_in_mid_run_costs_nobody_a_point():
    with open_sandbox(HOMEWORK.assignment, WhereToGrade("container")) as zygote:
        struck = threading.Timer(0.3, lambda: [engine.run("docker", "kill", name) for name in containers()])
        struck.start()
        assert points(grade(zygote, *map(str, range(6)))) == [FULL] * 6
        struck.join()
    assert containers() == []


def class_of_two(folder: Path, *options: str) -> list[float]:
    """The scores of the reference and the starter, graded by `grader grade` with two workers."""
    for name, source in (("ada", HOMEWORK.reference_source), ("ben", HOMEWORK.starter_source)):
        (folder / "work" / name).mkdir(parents=True)
        (folder / "work" / name / "conv.py").write_text(source)
    machine.grader("grade", "hw1_conv", str(folder / "work"), "-o", str(folder / "out"), "-j", "2", *options)
    reports = [json.loads((folder / "out" / name / "report.json").read_text()) for name in ("ada", "ben")]
    assert {report["provenance"]["isolation"] for report in reports} == {"container"}
    return [report["score"] for report in reports]


def test_a_class_is_graded_in_containers(tmp_path):
    assert class_of_two(tmp_path, "--engine", "docker") == [FULL, 0]
    assert containers() == []
    for options in ((), ("--engine", "docker")):  # exit code 1, were it not the same
        machine.grader("replay", str(tmp_path / "out" / "_staff" / "ada" / "report.json"), *options)
    assert containers() == []


def test_podman_grades_alike(tmp_path):
    if not engine.client("podman"):
        pytest.skip("NO PODMAN TESTED: apt-get install podman")
    if engine.missing("podman"):
        with subprocess.Popen(["docker", "save", engine.IMAGE], stdout=subprocess.PIPE) as saved:
            subprocess.run(["podman", "load", "--quiet"], stdin=saved.stdout, check=True, stdout=sys.stderr)
    limits = container.PODMANS_LIMITS
    tried = engine.run("podman", "run", "--rm", "--network=none", *limits, "--entrypoint=/bin/true", engine.IMAGE)
    if tried.returncode:
        pytest.skip(f"NO PODMAN TESTED: it starts no container here: {tried.stderr.strip()[-200:]}")
    assert class_of_two(tmp_path, "--engine", "podman") == [FULL, 0]


def test_nothing_is_left_by_a_judge_that_is_killed():
    """The zygote sees its judge hang up; what an engine keeps all the same, `grader doctor --clean` removes."""
    code = (
        "import sys, time; from tests.containers.test_images import *\n"
        "with open_sandbox(HOMEWORK.assignment, WhereToGrade('container')): print('open', flush=True); time.sleep(600)"
    )
    judge = subprocess.Popen([sys.executable, "-c", code], cwd=machine.ROOT, stdout=subprocess.PIPE)
    assert judge.stdout.readline() == b"open\n"
    assert len(containers()) == 1
    judge.send_signal(signal.SIGKILL)
    judge.wait()
    judge.stdout.close()
    deadline = time.monotonic() + 20
    while containers() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert containers() == []


def test_doctor_cleans_up_after_a_dead_judge_and_no_other():
    for name, judge in (("grader-dead", "1-1"), ("grader-living", engine.judge_label())):
        engine.must(
            "docker", "create", f"--name={name}", f"--label={engine.JUDGE_LABEL}={judge}", engine.IMAGE, "nowhere"
        )
    try:
        machine.grader("doctor", "--clean")
        assert containers() == ["grader-living"]
    finally:
        for name in ("grader-dead", "grader-living"):
            engine.remove("docker", name)


@pytest.fixture
def image_for_a_gpu(monkeypatch, tmp_path):
    """On a machine that has a GPU, as far as the grader sees: the image for it is used, or the other under its name."""
    made = engine.missing("docker", cuda=True)
    if made:
        engine.must("docker", "tag", engine.IMAGE, engine.CUDA_IMAGE)
    (tmp_path / "nvidia0").touch()
    monkeypatch.setattr(gpu, "FOLDER", tmp_path)
    yield
    if made:
        engine.run("docker", "image", "rm", engine.CUDA_IMAGE)


def test_the_image_for_a_gpu_grades_on_a_processor(monkeypatch):
    """`grader package guest --cuda --wheels …` makes it: 2.9 GB of wheels, which no test fetches."""
    if why := engine.missing("docker", cuda=True):
        pytest.skip(f"NO CUDA IMAGE TESTED: {why}")
    (about,) = json.loads(engine.must("docker", "image", "inspect", engine.CUDA_IMAGE))
    assert about["Config"]["Labels"]["grader.variant"] == "cuda"
    monkeypatch.setattr(engine, "image", lambda cuda: engine.CUDA_IMAGE)
    graded: list[Grading] = []
    work = [submission(HOMEWORK, "one", HOMEWORK.reference_source)]
    with open_sandbox(HOMEWORK.assignment, WhereToGrade("container")) as zygote:
        session.grade(HOMEWORK, work, zygote, on_graded=graded.append, seed=Seed.fresh())
    assert "+cu" in graded[0].provenance.torch
    assert points(graded) == [FULL]


def test_no_library_with_a_convolution_of_its_own_is_in_the_image():
    listed = engine.must("docker", "run", "--rm", "--network=none", "--entrypoint=/bin/ls", engine.IMAGE, "/packages")
    assert not {"sympy", "scipy", "networkx", "triton"} & set(listed.split())


def test_a_gpu_that_is_not_there_is_said():
    if Path("/dev/nvidia0").exists():
        pytest.skip("this machine has a GPU")
    with pytest.raises(InfraError, match="GPU 0 was asked for, but is not in this machine"):
        open_sandbox(HOMEWORK.assignment, WhereToGrade("container", gpu=0))


@pytest.mark.usefixtures("image_for_a_gpu")
def test_a_gpu_that_the_engine_does_not_give_is_said():
    """What the engine says of it is passed on."""
    with pytest.raises(InfraError, match=r"GPU 0 cannot be given to a container.*did not start: .*(device|GPU|gpu)"):
        open_sandbox(HOMEWORK.assignment, WhereToGrade("container", gpu=0)).__enter__()
    assert containers() == []


def test_an_engine_that_is_not_there_is_said(monkeypatch):
    monkeypatch.setenv("DOCKER_HOST", "unix:///nonexistent.sock")
    with pytest.raises(InfraError, match="the engine of docker does not answer"):
        open_sandbox(HOMEWORK.assignment, WhereToGrade("container"))


def test_a_user_without_permission_is_told_the_command():
    if os.geteuid() != 0:
        pytest.skip("only root can be somebody else")
    nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    said = subprocess.run(
        [*nobody, "docker", "image", "inspect", engine.IMAGE],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": os.environ["PATH"]},
    )
    assert said.returncode != 0
    assert "usermod -aG docker" in engine._reason("docker", said.stderr)
