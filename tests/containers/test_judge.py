"""The judge's image: built without a network, it grades a class as compose.yaml starts it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from grader.homework import load_homework
from grader.sandbox import container_engine as engine
from tests.containers import compose, machine
from tests.long import test_workers

HOMEWORK = load_homework(machine.ROOT, "hw1_conv")


@pytest.fixture(scope="module", autouse=True)
def image() -> str:
    return machine.judge()


@pytest.fixture
def folders(tmp_path):
    """The folders that compose.yaml mounts: this course, two submissions, an empty one for the reports."""
    for name, source in (("ada", HOMEWORK.reference_source), ("ben", HOMEWORK.starter_source)):
        (tmp_path / "submissions" / name).mkdir(parents=True)
        (tmp_path / "submissions" / name / "conv.py").write_text(source)
    (tmp_path / "out").mkdir()
    return {
        "COURSE": str(machine.ROOT),
        "SUBMISSIONS": str(tmp_path / "submissions"),
        "OUT": str(tmp_path / "out"),
    }


GRADE = ("grade", "hw1_conv", "/submissions", "-o", "/out")


def check_reports(folders):
    for name, score in (("ada", HOMEWORK.assignment.points), ("ben", 0)):
        with open(f"{folders['OUT']}/{name}/report.json") as file:
            report = json.load(file)
        assert report["score"] == score
        assert report["provenance"]["isolation"] == "in-container"
    assert os.path.exists(f"{folders['OUT']}/class.html")


def test_a_class_is_graded(folders):
    command = ["docker", "run", "--rm", *compose.options(folders), compose.SERVICE["image"], *GRADE]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "2 graded" in ended.stdout
    check_reports(folders)


def test_compose_itself_starts_it(folders):
    client = next((one for one in (["docker", "compose"], ["docker-compose"]) if _answers(one)), None)
    if client is None:
        pytest.skip("compose is not installed: apt-get install docker-compose")
    file = machine.ROOT / "docker" / "compose.yaml"
    ended = subprocess.run(
        [*client, "-f", str(file), "run", "--rm", "grader", *GRADE],
        capture_output=True, text=True, check=False, timeout=300, env=os.environ | folders,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stdout + ended.stderr
    check_reports(folders)
    ended = subprocess.run([*client, "-f", str(file), "config"], capture_output=True, text=True, check=False)
    assert "the course's folder, as an absolute path" in ended.stderr


def test_two_workers_write_the_gradebook_of_one(tmp_path):
    """With a class whose submissions tell where their files are; both workers are in the same container."""
    test_workers.write_class(tmp_path)
    places = {"COURSE": str(machine.ROOT), "SUBMISSIONS": str(tmp_path), "OUT": str(tmp_path)}
    for workers in (1, 2):
        told = test_workers.arguments("in-container", workers, Path("/out"))
        command = ["docker", "run", "--rm", *compose.options(places), compose.SERVICE["image"], *told]
        ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
        assert ended.returncode == 0, ended.stdout + ended.stderr
    one, two = (test_workers.written("in-container", workers, tmp_path) for workers in (1, 2))
    assert {name: one[name] == two[name] for name in one} == dict.fromkeys(one, True)


def _answers(client: list[str]) -> bool:
    if not shutil.which(client[0]):
        return False
    return subprocess.run([*client, "version"], capture_output=True, check=False).returncode == 0


def test_it_is_labelled_and_holds_no_course():
    (about,) = json.loads(engine.must("docker", "image", "inspect", compose.SERVICE["image"]))
    labels = about["Config"]["Labels"]
    assert len(labels["grader.engine"]) == len(labels["grader.wheels"]) == 16
    assert labels["org.opencontainers.image.version"] != "unknown"
    assert labels["org.opencontainers.image.base.name"] == machine.BASE
    assert labels["org.opencontainers.image.base.digest"].startswith("sha256:")
    run = ["docker", "run", "--rm", "--network=none", "--entrypoint=/usr/bin/find", compose.SERVICE["image"]]
    found = engine.must(*run, "/", "-xdev", "(", "-name", "hw1_conv", "-o", "-name", "mistakes", ")")
    assert found == ""
