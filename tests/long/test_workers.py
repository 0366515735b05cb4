"""How many workers grade a class, and in which tier, changes no byte of its gradebook."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from grader.sandbox.tiers import TIERS
from tests.grader.course import REFERENCE, write_course
from tests.hostile import contained

ROOT = Path(__file__).resolve().parents[2]
# Each fails, or not, in a way of its own; some tell where their files are.
CLASS = {
    "right": REFERENCE,
    "wrong": REFERENCE.replace("2 * x", "x * x"),
    "raises": REFERENCE.replace("2 * x", "x.no_such_thing"),
    "misses_a_name": f"from helper import nothing\n{REFERENCE}",
    "is_no_python": f"{REFERENCE}\nreturn return\n",
    "imports_what_is_not_there": f"import numba\n{REFERENCE}",
    "ends_itself": REFERENCE.replace("return 2 * x", "import os; os._exit(3)"),
    "tells_its_file": REFERENCE.replace("return x + 1", "raise ValueError(__file__)"),
    "writes_files": "import tempfile, torch\n"
    + REFERENCE.replace(
        "return 2 * x", "f = tempfile.TemporaryFile(); torch.save(2 * x, f); f.seek(0); return torch.load(f)"
    ),
    "uses_a_helper": REFERENCE.replace("return 2 * x", "import helper; return helper.double(x)"),
}
HELPER = "def double(x):\n    return x + x\n"


@cache
def lacking(tier: str) -> str:
    """Why this tier is not to be had here; empty if it is."""
    return contained.lacking() if tier == "in-container" else TIERS[tier].missing()


def arguments(tier: str, workers: int, place: Path) -> list[str]:
    """What the grader is told, where `place` is the folder of `write_class`."""
    told = ["grade", "hw0", str(place / "class"), "-o", str(place / f"out-{tier}-{workers}"), "-j", str(workers)]
    return [*told, "--isolation", tier, "--course", str(place / "course"), "--seed", "636f6e766f6c7574"]


def gradebook(tier: str, workers: int, place: Path) -> dict[str, bytes]:
    """The files of the gradebook of that class, graded anew."""
    if tier == "in-container":
        command = contained.inside("-m", "grader", *arguments(tier, workers, Path("/srv/out")))
        environment = contained.environment(place)
    else:
        command = [sys.executable, "-m", "grader", *arguments(tier, workers, place)]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    ended = subprocess.run(command, check=False, capture_output=True, text=True, env=environment, cwd=ROOT)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return written(tier, workers, place)


def written(tier: str, workers: int, place: Path) -> dict[str, bytes]:
    """The files of a gradebook."""
    files = {path.name: path.read_bytes() for path in (place / f"out-{tier}-{workers}" / "gradebook").iterdir()}
    assert len(files) >= 9
    return files


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a course, and a class of twenty."""
    return write_class(tmp_path_factory.mktemp("place"))


def write_class(folder: Path) -> Path:
    """Write a course, and a class of it with each kind of submission twice."""
    write_course(folder / "course")
    for name, source in CLASS.items():
        for number in range(2):
            own = folder / "class" / f"{name}_{number}"
            own.mkdir(parents=True)
            (own / "hw0.py").write_text(f"# {name} {number}\n{source}")
            (own / "helper.py").write_text(HELPER)
    return folder


@pytest.fixture(scope="module")
def first(place: Path) -> dict[str, bytes]:
    """What one worker writes in the best tier that this machine offers."""
    tier = next(tier for tier in TIERS if not lacking(tier))
    return gradebook(tier, 1, place)


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("tier", [tier for tier in TIERS if tier != "container"])
def test_the_gradebook_is_the_same_byte_for_byte(tier, workers, place, first):
    if why := lacking(tier):
        pytest.skip(f"tier {tier}: {why}")
    files = gradebook(tier, workers, place)
    assert {name: files[name] == first[name] for name in first} == dict.fromkeys(first, True)
    assert files.keys() == first.keys()
