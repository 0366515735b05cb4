"""Which distributions a judge and a guest need, and whether a folder of wheels holds them."""

from __future__ import annotations

import hashlib
import importlib.metadata
import re
from collections.abc import Sequence
from pathlib import Path

from grader.errors import UsageError

GUEST = ("torch", "numpy", "msgspec")
# One submission's judge keeps no ledger and draws no gradebook. The whole grader is what its distribution requires.
JUDGE = (*GUEST, "click", "gradescope-utils", "jinja2", "pydantic", "pytest", "rich", "scikit-learn", "tzdata")
GRADER = "grader"
# What torch's CUDA build requires, and its CPU build does not.
CUDA = ("nvidia-", "cuda-", "triton")


def requirements(names: Sequence[str], folder: Path | None = None) -> list[str]:
    """`name==version` of these distributions and all that they require, sorted: as installed, or as in `folder`.

    Raises `UsageError` with what the folder lacks.
    """
    needed = _closure(names)
    if folder is None:
        return sorted(f"{name}=={importlib.metadata.version(name).split('+')[0]}" for name in needed)
    there = {_normal(path.name.split("-")[0]): path.name.split("-")[1] for path in find(folder)}
    lacking = [f"{name}=={importlib.metadata.version(name).split('+')[0]}" for name in needed if name not in there]
    if lacking:
        raise UsageError(
            f"{folder} lacks wheels: pip download --no-deps -d {folder} {' '.join(sorted(lacking))}; "
            "for a machine without a GPU, torch from the index of its CPU builds"
        )
    return sorted(f"{name}=={there[name]}" for name in needed)


def find(folder: Path) -> list[Path]:
    """The wheels in a folder. Raises `UsageError` where there are none."""
    wheels = sorted(folder.glob("*.whl"))
    if not wheels:
        raise UsageError(f"{folder} holds no wheels")
    return wheels


def chosen(names: Sequence[str], folder: Path) -> list[Path]:
    """The wheels of these distributions and all that they require."""
    needed = {line.split("==")[0] for line in requirements(names, folder)}
    return [path for path in find(folder) if _normal(path.name.split("-")[0]) in needed]


def digest(wheels: Sequence[Path]) -> str:
    """Names what was built from these wheels."""
    found = hashlib.sha256()
    for path in wheels:
        found.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return found.hexdigest()[:16]


def _closure(names: Sequence[str]) -> list[str]:
    from packaging.requirements import Requirement

    seen: set[tuple[str, str]] = set()
    queue = [(_normal(name), "") for name in names]
    while queue:
        name, extra = queue.pop()
        if (name, extra) in seen or name.startswith(CUDA):
            continue
        try:
            required = [Requirement(text) for text in importlib.metadata.requires(name) or []]
        except importlib.metadata.PackageNotFoundError:
            continue  # required on another platform only
        seen.add((name, extra))
        for one in required:
            if one.marker is None or one.marker.evaluate({"extra": extra}):
                queue += [(_normal(one.name), wanted) for wanted in ("", *one.extras)]
    return sorted({name for name, _ in seen} - {GRADER})


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
