"""The images: a guest's, which holds no secret, and a judge's. No step of a build needs a network."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import grader
from grader.errors import GraderError, UsageError
from grader.package import wheels
from grader.sandbox import engine as engines

BASE = "python:3.12-slim-bookworm"
JUDGE_IMAGE = "grader"
ENGINE_FILES = ("*.py", "*.j2", "*.css", "*.js", "*.json", "*.sh", "run_autograder")


def recipes() -> Path:
    """The folder of the Dockerfiles. Raises `UsageError` where the grader was installed without them."""
    folder = Path(grader.__file__).resolve().parents[1] / "docker"
    if not (folder / "guest.Dockerfile").is_file():
        raise UsageError("images are built from a checkout of the grader: its docker/ holds the recipes")
    return folder


def build_guest(source: Path, base: str, engine: str | None, variant: str = "cpu") -> None:
    """Build the guest's image from the wheels in `source`."""
    chosen = wheels.chosen(wheels.GUEST, source)
    with tempfile.TemporaryDirectory() as name:
        context = Path(name)
        lay_out_guest(context, chosen)
        labels = {"GUEST": engines.guest_digest(), "WHEELS": wheels.digest(chosen), "VARIANT": variant}
        _build(context, recipes() / "guest.Dockerfile", engines.IMAGE, base, labels, engine)


def lay_out_guest(context: Path, chosen: list[Path]) -> None:
    """All that a guest's image is made of, and nothing else."""
    _link(chosen, context / "wheels")
    (context / "guest").mkdir()
    for path in engines.guest_files():
        shutil.copy(path, context / "guest" / path.name)
    shutil.copy(grader.__file__, context / "__init__.py")
    shutil.copy(recipes() / "zygote", context / "zygote")


def build_judge(source: Path, base: str, engine: str | None) -> None:
    """Build the judge's image from the wheels in `source`. The course is mounted when it runs."""
    chosen = wheels.chosen(wheels.JUDGE, source)
    with tempfile.TemporaryDirectory() as name:
        context = Path(name)
        _link(chosen, context / "wheels")
        (context / "requirements.txt").write_text("\n".join(wheels.requirements(wheels.JUDGE, source)) + "\n")
        copy_engine(context / "engine")
        _build(context, recipes() / "grader.Dockerfile", JUDGE_IMAGE, base, {"WHEELS": wheels.digest(chosen)}, engine)


def copy_engine(target: Path) -> None:
    """The grader's own code and templates: files of known kinds, and no others."""
    package = Path(grader.__file__).resolve().parent
    for pattern in ENGINE_FILES:
        for path in package.rglob(pattern):
            if "__pycache__" not in path.parts:
                copy = target / "grader" / path.relative_to(package)
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, copy)


def _link(paths: list[Path], folder: Path) -> None:
    folder.mkdir()
    for path in paths:
        try:
            (folder / path.name).hardlink_to(path)
        except OSError:  # on another file system
            shutil.copy(path, folder / path.name)


def _build(context: Path, recipe: Path, image: str, base: str, labels: dict[str, str], engine: str | None) -> None:
    client = engines.client(engine)
    if not client:
        raise GraderError(engines.missing(engine))
    given = {"BASE": base, "VERSION": grader.__version__, **labels}
    arguments = [f"--build-arg={name}={value}" for name, value in given.items()]
    command = [client, "build", "--network=none", *arguments, f"--tag={image}", f"--file={recipe}", str(context)]
    ended = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=sys.stderr, check=False)
    if ended.returncode:
        raise GraderError(f"{client} could not build the image {image}, and says why above; an older one is kept")
