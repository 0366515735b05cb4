"""Which distributions a judge and a guest need, and whether a folder of wheels holds them."""

from __future__ import annotations

import hashlib
import importlib.metadata
import re
import zipfile
from collections.abc import Collection, Sequence
from pathlib import Path

from grader.errors import UsageError
from grader.sandbox.layout import UNWANTED

GUEST = ("torch", "numpy", "msgspec")
# One submission's judge keeps no ledger and draws no gradebook. The whole grader is what its distribution requires.
JUDGE = (*GUEST, "click", "gradescope-utils", "jinja2", "pydantic", "pytest", "rich", "scikit-learn", "tzdata")
GRADER = "grader"
# What torch's CUDA build requires, and its CPU build does not.
CUDA = ("nvidia-", "cuda-", "triton")


def requirements(names: Sequence[str], folder: Path | None = None, without: Collection[str] = ()) -> list[str]:
    """`name==version` of these distributions and all that they require, sorted: as installed, or as in `folder`.

    Raises `UsageError` with what the folder lacks.
    """
    needed = _closure(names, without)
    if folder is None:
        return sorted(f"{name}=={importlib.metadata.version(name).split('+')[0]}" for name in needed)
    there = {name: path.name.split("-")[1] for name, path in _by_name(folder).items()}
    lacking = [f"{name}=={importlib.metadata.version(name).split('+')[0]}" for name in needed if name not in there]
    if lacking:
        raise _lacks(folder, lacking, "; for a machine without a GPU, torch from the index of its CPU builds")
    return sorted(f"{name}=={there[name]}" for name in needed)


def _lacks(folder: Path, lacking: Sequence[str], more: str = "") -> UsageError:
    return UsageError(f"{folder} lacks wheels: pip download --no-deps -d {folder} {' '.join(sorted(lacking))}{more}")


def find(folder: Path) -> list[Path]:
    """The wheels in a folder. Raises `UsageError` where there are none."""
    wheels = sorted(folder.glob("*.whl"))
    if not wheels:
        raise UsageError(f"{folder} holds no wheels")
    return wheels


def chosen(names: Sequence[str], folder: Path, without: Collection[str] = ()) -> list[Path]:
    """The wheels of these distributions and all that they require, without CUDA. Raises `UsageError`."""
    if _is_cuda(folder):
        raise UsageError(f"{folder} holds torch's CUDA build: that is for `grader package guest --cuda` alone")
    return _chosen(names, folder, without)


def guests(folder: Path, *, cuda: bool = False, packages: Sequence[str] = ()) -> list[Path]:
    """The wheels of a guest's image, with those that courses let in; with `cuda`,
    torch's CUDA build and the libraries that it requires.

    Raises `UsageError` with what the folder lacks, and where its torch is the other build.
    """
    if not cuda:
        return chosen((*GUEST, *packages), folder, UNWANTED - set(packages))
    wheels = _chosen((*GUEST, *packages), folder, UNWANTED - set(packages))
    if not _is_cuda(folder):
        raise UsageError(f"{folder} holds torch's CPU build: --cuda takes pip's own, `pip download torch -d {folder}`")
    return sorted({*wheels, *_libraries(folder)})


def _chosen(names: Sequence[str], folder: Path, without: Collection[str]) -> list[Path]:
    needed = {line.split("==")[0] for line in requirements(names, folder, without)}
    return [path for path in find(folder) if _normal(path.name.split("-")[0]) in needed]


def _by_name(folder: Path) -> dict[str, Path]:
    return {_normal(path.name.split("-")[0]): path for path in find(folder)}


def _is_cuda(folder: Path) -> bool:
    torch = _by_name(folder).get("torch")
    return torch is not None and any(text.startswith(CUDA) for text in _required(torch))


def _libraries(folder: Path) -> set[Path]:
    """The wheels of CUDA's libraries that torch's wheel requires; what is installed here may be another torch."""
    from packaging.requirements import Requirement

    there = _by_name(folder)
    lacking: set[str] = set()
    seen: set[tuple[str, str]] = set()
    queue = [("torch", "")]
    while queue:
        name, extra = queue.pop()
        if (name, extra) in seen:
            continue
        seen.add((name, extra))
        for one in map(Requirement, _required(there[name])):
            required = _normal(one.name)
            if not required.startswith(CUDA) or required in UNWANTED:
                continue
            if one.marker is not None and not one.marker.evaluate({"extra": extra}):
                continue
            if required in there:
                queue += [(required, wanted) for wanted in ("", *one.extras)]
            else:
                lacking.add(f"{one.name}{one.specifier}")
    if lacking:
        raise _lacks(folder, [*lacking])
    return {there[name] for name, _ in seen}


def _required(wheel: Path) -> list[str]:
    """What a wheel says that it requires."""
    try:
        with zipfile.ZipFile(wheel) as archive:
            about = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
            lines = archive.read(about).decode().splitlines()
    except (zipfile.BadZipFile, StopIteration):
        raise UsageError(f"{wheel} is no wheel: fetch it again") from None
    return [line.removeprefix("Requires-Dist:").strip() for line in lines if line.startswith("Requires-Dist:")]


def digest(wheels: Sequence[Path]) -> str:
    """Names what was built from these wheels."""
    found = hashlib.sha256()
    for path in wheels:
        found.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return found.hexdigest()[:16]


def _closure(names: Sequence[str], without: Collection[str] = ()) -> list[str]:
    from packaging.requirements import Requirement

    seen: set[tuple[str, str]] = set()
    queue = [(_normal(name), "") for name in names]
    while queue:
        name, extra = queue.pop()
        if (name, extra) in seen or name.startswith(CUDA) or name in without:
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
