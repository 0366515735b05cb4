"""The images: a guest's, which holds no secret, and a judge's. No step of a build needs a network."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import grader
from grader.commands.package import wheels
from grader.errors import GraderError, UsageError
from grader.sandbox import container_engine as engines
from grader.sandbox import layout

BASE = "python:3.12-slim-bookworm"
JUDGE_IMAGE = "grader"
ENGINE_FILES = ("*.py", "*.j2", "*.css", "*.js", "*.json", "*.sh", "run_autograder")


def recipes() -> Path:
    """The folder of the Dockerfiles. Raises `UsageError` where the grader was installed without them."""
    folder = Path(grader.__file__).resolve().parents[1] / "docker"
    if not (folder / "guest.Dockerfile").is_file():
        raise UsageError("images are built from a checkout of the grader: its docker/ holds the recipes")
    return folder


def build_guest(
    source: Path, base: str, engine: str | None, *, cuda: bool = False, packages: Sequence[str] = ()
) -> None:
    """Build the guest's image from the wheels in `source`, with the packages that courses let in.

    With `cuda` it is the one for a GPU, under a name of its own.
    """
    chosen = wheels.guests(source, cuda=cuda, packages=layout.distributions(packages))
    with _context() as context:
        lay_out_guest(context, chosen)
        labels = {
            "GUEST": engines.guest_digest(),
            "WHEELS": wheels.digest(chosen),
            "VARIANT": "cuda" if cuda else "cpu",
        }
        _build(context, recipes() / "guest.Dockerfile", engines.image(cuda=cuda), base, labels, engine)


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
    everything = (wheels.GRADER,)
    chosen = wheels.chosen(everything, source)
    with _context() as context:
        _link(chosen, context / "wheels")
        (context / "requirements.txt").write_text("\n".join(wheels.requirements(everything, source)) + "\n")
        copy_engine(context / "engine")
        labels = {"ENGINE": _digest(context / "engine"), "WHEELS": wheels.digest(chosen)}
        _build(context, recipes() / "grader.Dockerfile", JUDGE_IMAGE, base, labels, engine)


def copy_engine(target: Path) -> None:
    """The grader's own code and templates: files of known kinds, and no others."""
    package = Path(grader.__file__).resolve().parent
    for pattern in ENGINE_FILES:
        for path in package.rglob(pattern):
            if "__pycache__" not in path.parts:
                copy = target / "grader" / path.relative_to(package)
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, copy)


def _digest(folder: Path) -> str:
    """Names what is in a folder."""
    found = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        found.update(f"{path.relative_to(folder)}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    return found.hexdigest()[:16]


def _link(paths: list[Path], folder: Path) -> None:
    folder.mkdir()
    for path in paths:
        try:
            (folder / path.name).hardlink_to(path)
        except OSError:  # on another file system
            shutil.copy(path, folder / path.name)


def _build(
    context: Path,
    recipe: Path,
    image: str,
    base: str,
    labels: dict[str, str],
    engine: str | None,
    *,
    anew: bool = False,
) -> None:
    client = engines.client(engine)
    if not client:
        raise GraderError(engines.missing(engine))
    for path in (context, *context.rglob("*")):
        if path.parent.name != "wheels":  # which are somebody's own, perhaps, and in no layer of what is made
            os.utime(path, (0, 0))
    known = engines.run(client, "image", "inspect", "--format", "{{.Id}}", base)
    digest = known.stdout.strip() if known.returncode == 0 else "unknown"  # before it was pulled
    given = {"BASE": base, "BASE_DIGEST": digest, "VERSION": grader.__version__, **labels}
    arguments = [f"--build-arg={name}={value}" for name, value in given.items()]
    arguments += ["--no-cache"] if anew else []
    command = [client, "build", "--network=none", "--force-rm", *arguments, f"--tag={image}", f"--file={recipe}"]
    said: deque[str] = deque(maxlen=20)
    with subprocess.Popen(
        [*command, str(context)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as building:
        for line in building.stdout or ():
            said.append(line.decode(errors="replace"))
            sys.stderr.write(said[-1])
    if building.returncode:
        raise GraderError(f"{client} could not build the image {image}: {_why(client, said)}")


def _why(client: str, said: Iterable[str]) -> str:
    if any("no space left on device" in line.lower() for line in said):
        return (
            f"the disk that {client} keeps images on is full. `{client} system df` shows what uses the space; nothing "
            "of the new image is kept, and an older one is unchanged"
        )
    return "the reason is above; an older one is unchanged"


@contextlib.contextmanager
def _context() -> Iterator[Path]:
    """A folder to lay out a build in, gone afterwards. Raises `GraderError` where it cannot be written."""
    try:
        with tempfile.TemporaryDirectory(prefix="grader-build-") as name:
            yield Path(name)
    except OSError as error:
        raise GraderError(
            f"the files of the image cannot be written to {tempfile.gettempdir()}: {error.strerror}. "
            "Nothing was built; set TMPDIR to another folder"
        ) from error
