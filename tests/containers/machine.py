"""A real engine, real images: made from nothing but Debian's archive and pip, since no registry need be reachable."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

from grader.commands.package import wheels
from grader.commands.package.image import JUDGE_IMAGE
from grader.sandbox import container_engine as engines

ROOT = Path(__file__).resolve().parents[2]
OUT = ROOT / "out" / "containers"
BASE, GRADESCOPE, COURSE = "grader-base", "grader-gradescope", "grader-gradescope-course"
SUITE, PYTHON = "bookworm", "3.11"  # Debian's, and its Python
TORCH, TORCHVISION = "2.13.0", "0.28.0"  # versions of which pip finds builds without CUDA
# The attacks have a second homework's sandbox open beside their own, 200 MB that no grading has.
ROOM = ("--memory=1g", "--memory-swap=1g")
LIMITS = ("--cpus=0.5", "--memory=768m", "--memory-swap=768m")  # Gradescope's default container


def lacking() -> str:
    """Why these tests cannot run here; empty if they can."""
    if not engines.client("docker"):
        return "docker is not installed: apt-get install docker.io debootstrap"
    asked = engines.run("docker", "version", "--format", "{{.Server.Version}}")
    if asked.returncode:
        return f"no engine answers: dockerd --iptables=false --bridge=none & ({asked.stderr.strip().splitlines()[-1:]})"
    if not _has(BASE) and (os.geteuid() != 0 or not shutil.which("debootstrap")):
        return "there is no base image, and only root with debootstrap can make one"
    return ""


def lacking_podman() -> str:
    """Why nothing can be graded in podman; empty if it can, by the guest's image that Docker has."""
    if not engines.client("podman"):
        return "podman is not installed: apt-get install podman crun"
    if engines.missing("podman"):
        saved = subprocess.Popen(["docker", "save", engines.IMAGE], stdout=subprocess.PIPE)
        subprocess.run(["podman", "load", "--quiet"], stdin=saved.stdout, check=False, stdout=sys.stderr)
        saved.wait()
    return engines.missing("podman")


@cache
def wheelhouse() -> Path:
    """A folder of all wheels that the grader needs."""
    folder = OUT / "wheels"
    folder.mkdir(parents=True, exist_ok=True)
    pins = [line for line in wheels.requirements([wheels.GRADER]) if not line.startswith(("torch==", "torchvision=="))]
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder)]
    command += [
        "--only-binary=:all:",
        f"--python-version={PYTHON}",
        f"torch=={TORCH}",
        f"torchvision=={TORCHVISION}",
        *pins,
    ]
    subprocess.run(command, check=True)
    return folder


@cache
def base() -> str:
    """The image to start from: Debian with Python, and nothing else."""
    if not _has(BASE):
        root = OUT / "root"
        shutil.rmtree(root, ignore_errors=True)
        root.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            ["debootstrap", "--variant=minbase", "--include=python3,python3-venv", SUITE, str(root)],
            check=True,
            stdout=sys.stderr,
        )
        packed = subprocess.Popen(
            ["tar", "-C", str(root), "--exclude=./var/cache/apt", "--exclude=./var/lib/apt/lists", "-c", "."],
            stdout=subprocess.PIPE,
        )
        subprocess.run(["docker", "import", "-", BASE], stdin=packed.stdout, check=True, stdout=sys.stderr)
        assert packed.wait() == 0
        shutil.rmtree(root)
    return BASE


@cache
def guest() -> str:
    """The guest's image, of the code as it is now."""
    if engines.missing("docker"):
        grader("package", "guest", "--wheels", str(wheelhouse()), "--base", base())
    return engines.IMAGE


@cache
def judge() -> str:
    """The judge's image, of the code as it is now."""
    grader("package", "judge", "--wheels", str(wheelhouse()), "--base", base())
    return JUDGE_IMAGE


@cache
def gradescope() -> str:
    """An image as Gradescope builds one: autograder.zip unpacked to /autograder/source, setup.sh run."""
    context = OUT / "gradescope"
    shutil.rmtree(context, ignore_errors=True)
    context.mkdir(parents=True)
    archive = context / "autograder.zip"
    grader("package", "gradescope", "hw1_conv", "-o", str(archive), "--wheels", str(wheelhouse()))
    subprocess.run([sys.executable, "-m", "zipfile", "-e", str(archive), str(context / "source")], check=True)
    archive.unlink()
    _write(
        context / "Dockerfile",
        f"FROM {base()}",
        "COPY source /autograder/source",
        "RUN bash /autograder/source/setup.sh && cp /autograder/source/run_autograder /autograder/"
        " && chmod 755 /autograder/run_autograder",
        "WORKDIR /autograder",
    )
    _build(context, GRADESCOPE)
    shutil.rmtree(context)
    return GRADESCOPE


@cache
def course() -> str:
    """The same with the whole course and the attacks in it, root's alone."""
    context = OUT / "course"
    shutil.rmtree(context, ignore_errors=True)
    for name in ("assignments", "reference", "tests"):
        shutil.copytree(ROOT / name, context / name, ignore=shutil.ignore_patterns("__pycache__"))
    _write(
        context / "Dockerfile",
        f"FROM {gradescope()}",
        "COPY . /autograder/source/repo",
        "RUN chmod -R go-rwx /autograder/source",
    )
    _build(context, COURSE)
    shutil.rmtree(context)
    return COURSE


INSIDE = """
set -e
export PYTHONPATH=/autograder/source/engine:/autograder/source/repo OMP_NUM_THREADS=1
cd /autograder/source/repo
exec /opt/grader/bin/python "$@"
"""


def inside(*arguments: str, limits: tuple[str, ...] = LIMITS[1:]) -> list[str]:
    """The command that runs Python in a default container, as root, in Gradescope's layout; /out is `OUT`."""
    command = ["docker", "run", "--rm", "--network=none", *limits, f"--volume={OUT}:/out", course()]
    return [*command, "bash", "-c", INSIDE, "inside", *arguments]


def autograde(
    source: str | None, metadata: object, folder: Path, *, limits: tuple[str, ...] = LIMITS
) -> tuple[dict, float]:
    """What run_autograder makes of a submission, in Gradescope's default container; and its peak of memory in MB."""
    for name in ("submission", "results"):
        (folder / name).mkdir(parents=True)
    if source is not None:
        (folder / "submission" / "conv.py").write_text(source)
    (folder / "submission_metadata.json").write_text(metadata if isinstance(metadata, str) else json.dumps(metadata))
    volumes = [
        f"--volume={folder / name}:/autograder/{name}" for name in ("submission", "results", "submission_metadata.json")
    ]
    peak = "for f in memory/memory.max_usage_in_bytes memory.peak; do [ -e /sys/fs/cgroup/$f ] && cat /sys/fs/cgroup/$f > /autograder/results/peak; done; true"
    command = ["docker", "run", "--rm", "--network=none", *limits, *volumes, gradescope()]
    subprocess.run([*command, "bash", "-c", f"/autograder/run_autograder; {peak}"], check=True, timeout=600)
    results = json.loads((folder / "results" / "results.json").read_text())
    return results, int((folder / "results" / "peak").read_text() or 0) / 1e6


def grader(*arguments: str) -> None:
    """Run one of the grader's commands."""
    environment = os.environ | {"PYTHONPATH": str(ROOT), "DOCKER_BUILDKIT": "0"}
    subprocess.run(
        [sys.executable, "-m", "grader", *arguments], check=True, cwd=ROOT, env=environment, stdout=sys.stderr
    )


def _has(image: str) -> bool:
    return engines.run("docker", "image", "inspect", image).returncode == 0


def _write(path: Path, *lines: str) -> None:
    path.write_text("\n".join(lines) + "\n")


def _build(context: Path, image: str) -> None:
    command = ["docker", "build", "--quiet", "--network=none", f"--tag={image}", str(context)]
    subprocess.run(command, check=True, env=os.environ | {"DOCKER_BUILDKIT": "0"}, stdout=sys.stderr)
