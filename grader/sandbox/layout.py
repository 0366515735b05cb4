"""What the sandbox's root holds, read-only: Python, torch, numpy, the guest's code, and nothing else."""

from __future__ import annotations

import contextlib
import importlib.metadata
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import grader
from grader.errors import UsageError
from grader.sandbox import gpu

WANTED = ("torch", "numpy", "msgspec")
# What torch requires for its compiler or its tests, and homework does not: sympy would bring a convolution of its own.
# A course that wants one says so (`sandbox.packages`).
UNWANTED = frozenset(
    {"sympy", "mpmath", "networkx", "jinja2", "markupsafe", "setuptools", "triton", "fsspec", "filelock"}
)
ENVIRONMENT = {"HOME": "/tmp", "LANG": "C.UTF-8", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}

Kind = Literal["read", "device", "link", "empty", "mask"]


@dataclass(frozen=True)
class Mount:
    """One entry of the root: `source` of this machine (or a link's text) at `target`."""

    kind: Kind
    source: str
    target: str


def mounts(number: int | None = None, packages: tuple[str, ...] = ()) -> tuple[Mount, ...]:
    """The entries in the order in which they have to be made, with the devices of the GPU of this number.

    `packages` are an assignment's own, beside torch and numpy. Raises `UsageError` for one that is not installed.
    """
    return (*_without_gpu(packages), *(Mount("device", path, device) for path, device in gpu.present(number)))


@cache
def _without_gpu(packages: tuple[str, ...]) -> tuple[Mount, ...]:
    return (*_system(), *_python(), *_packages(packages), *_engine(), *_rest())


def distributions(packages: Iterable[str]) -> tuple[str, ...]:
    """The distributions that are meant: by their own name ("scikit-learn") or a module's ("sklearn", "scipy.stats").

    Raises `UsageError` for one that is not installed here.
    """
    return tuple(dict.fromkeys(_distribution(name) for name in packages))


def modules(packages: Iterable[str]) -> tuple[str, ...]:
    """The modules that the zygote imports for these packages."""
    found: dict[str, None] = {}
    for name in packages:
        distribution = _distribution(name)
        if _normal(name) != distribution:
            found[name] = None  # a module by its own name
            continue
        tops = [top for top, owners in _owners().items() if distribution in owners and not top.startswith("_")]
        plain = [top for top in tops if _normal(top) == distribution]
        found |= dict.fromkeys(plain or sorted(tops))
    return tuple(found)


def _distribution(name: str) -> str:
    with contextlib.suppress(importlib.metadata.PackageNotFoundError, ValueError):
        importlib.metadata.distribution(name)
        return _normal(name)
    if owners := _owners().get(name.partition(".")[0]):
        return owners[0]
    raise UsageError(f"sandbox.packages: {name} is not installed where the grader is: pip install {name}")


@cache
def _owners() -> dict[str, list[str]]:
    """Top-level module → the distributions that it is of."""
    return {top: [_normal(one) for one in names] for top, names in importlib.metadata.packages_distributions().items()}


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def command(control: int, folder: str = "") -> list[str]:
    """The command that runs the zygote, with its control socket as descriptor `control`.

    The engine and the packages are in the root, or in `folder`.
    """
    places = [f"{folder}/engine", f"{folder}/packages"]
    start = f"import sys; sys.path[:0] = {places!r}; from grader.guest.zygote import main; main({control})"
    return [str(_executable()), "-I", "-S", "-B", "-c", start]


def _executable() -> Path:
    return Path(sys.executable).resolve()


def _system() -> list[Mount]:
    found = []
    for name in (
        "/usr/lib",
        "/usr/lib64",
        "/usr/local/lib",
        "/lib",
        "/lib64",
        "/etc/ld.so.cache",
        "/usr/share/zoneinfo",
    ):
        path = Path(name)
        if path.is_symlink():
            found.append(Mount("link", str(path.readlink()), name))
        elif path.exists():
            found.append(Mount("read", name, name))
    return found


def _python() -> list[Mount]:
    base = Path(sys.base_prefix)
    prefix = [] if base in (Path("/usr"), Path("/usr/local")) else [Mount("read", str(base), str(base))]
    executable = _executable()
    if not any(executable.is_relative_to(mount.target) for mount in [*prefix, *_system()]):
        prefix.append(Mount("read", str(executable), str(executable)))
    shown = [mount.target for mount in [*_system(), *prefix]]
    return prefix + [Mount("mask", "", str(path)) for path in _foreign_packages() if _below(path, shown)]


def _foreign_packages() -> list[Path]:
    """Folders with packages of the system's or the base Python's: whatever is there, homework may not use it."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    base = Path(sys.base_prefix)
    folders = [
        *(base / lib / version / "site-packages" for lib in ("lib", "lib64")),
        *(
            Path(root) / lib / "dist-packages"
            for root in ("/usr/lib", "/usr/local/lib")
            for lib in ("python3", version)
        ),
    ]
    return sorted({folder for folder in folders if folder.is_dir() and not folder.is_symlink()})


def _below(path: Path, roots: list[str]) -> bool:
    return any(path.is_relative_to(root) for root in roots)


def _packages(packages: tuple[str, ...]) -> list[Mount]:
    """Each top-level entry of each wanted distribution, side by side in /packages, as they are in site-packages."""
    entries: dict[str, Path] = {}
    always = _closure(WANTED)
    for name in (*always, *_closure(distributions(packages), frozenset(always), frozenset())):
        distribution = importlib.metadata.distribution(name)
        for file in distribution.files or ():
            top = file.parts[0]
            if top not in ("..", "__pycache__") and not top.endswith((".dist-info", ".pth")):
                entries[top] = Path(str(distribution.locate_file(top)))
    return [Mount("read", str(path.resolve()), f"/packages/{top}") for top, path in sorted(entries.items())]


def packages_folder() -> str:
    """Where torch is installed."""
    return str(importlib.metadata.distribution("torch").locate_file(""))


def _closure(
    names: tuple[str, ...], there: frozenset[str] = frozenset(), without: frozenset[str] = UNWANTED
) -> list[str]:
    """The distributions and all that they require here, without extras, the unwanted and what is there already."""
    seen: dict[str, None] = {}
    queue = list(names)
    while queue:
        name = _normal(queue.pop())
        if name in seen or name in without or name in there:
            continue
        try:
            requirements = importlib.metadata.requires(name) or []
        except importlib.metadata.PackageNotFoundError:
            continue  # required on another platform only
        seen[name] = None
        queue += [match[0] for text in requirements if "extra ==" not in text if (match := re.match(r"[\w.-]+", text))]
    return list(seen)


def engine_folder() -> str:
    """Where the engine's package is."""
    return str(Path(grader.__file__).resolve().parent.parent)


def _engine() -> list[Mount]:
    folder = Path(engine_folder()) / "grader"
    return [
        Mount("read", str(folder / "__init__.py"), "/engine/grader/__init__.py"),
        Mount("read", str(folder / "guest"), "/engine/grader/guest"),
    ]


def _rest() -> list[Mount]:
    devices = [Mount("device", f"/dev/{name}", f"/dev/{name}") for name in ("null", "zero", "urandom", "random")]
    return [*devices, Mount("empty", "", "/dev/shm"), Mount("empty", "", "/tmp")]


def parents(mount: Mount, packages: tuple[str, ...] = ()) -> list[str]:
    """The folders above a mount's target that are the root's own, outermost first."""
    above = [str(parent) for parent in reversed(Path(mount.target).parents)][1:]
    shown = [other.target for other in mounts(None, packages) if other.kind == "read"]
    return [folder for folder in above if not _below(Path(folder), shown)]
