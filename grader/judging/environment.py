"""What machine and software a grade was made with, as far as it can decide over a verdict. Imports no torch."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import grader
from grader.guest import linux
from grader.sandbox import container
from grader.sandbox.cgroup import make_cgroup
from grader.sandbox.tiers import offered

SOFTWARE = ("torch", "numpy", "pytest", "gradescope-utils")


@dataclass(frozen=True)
class Environment:
    """The facts, and the name that a ledger keeps them under."""

    facts: Mapping[str, str]

    @property
    def sha256(self) -> str:
        """Names the facts."""
        return hashlib.sha256(json.dumps(dict(self.facts), sort_keys=True).encode()).hexdigest()

    @property
    def tier(self) -> str:
        """The isolation to grade in."""
        return self.facts["tier"]


def environment(
    tier: str | None = None,
    *,
    strict: bool = False,
    engine: str | None = None,
    gpu: int | None = None,
    device: str = "cpu",
) -> Environment:
    """This machine's, for this tier or the best one that it offers. Raises `GraderError` where it offers none.

    `device` is what networks are trained on; "cuda" is the first GPU, unless `gpu` is another one's number.
    """
    gpu = 0 if gpu is None and device == "cuda" else gpu
    tier = offered(tier, engine, gpu)
    if device == "cuda":
        offered(tier, engine)  # what all other checks run in, has no GPU
    group = make_cgroup(64 << 20, 16)
    if group is not None:
        group.close()
    return Environment(
        {
            "python": platform.python_version(),
            **{name: importlib.metadata.version(name) for name in SOFTWARE},
            "machine": platform.machine(),
            "engine": engine_sha256(),
            "tier": tier,
            "strict": str(strict),
            "landlock": str(linux.landlock_version()),
            "memory control group": str(group is not None),
            **(container.facts(engine, gpu) if tier == "container" else {}),
            **({} if gpu is None else {"gpu": str(gpu)}),
            **({} if device == "cpu" else {"device": device}),
        }
    )


JUDGING = (
    *("arguments", "calibration", "collected", "compare", "diagnose", "draws", "homework", "judge", "objects"),
    *("outcome", "plugin", "scoring", "seed", "session", "suite", "training", "verdict", "waits"),
)


def engine_sources() -> list[Path]:
    """The engine's own sources: those that a verdict or its message passes through."""
    folder = Path(grader.__file__).parent
    folders = [path for name in ("bridge", "data", "guest", "sandbox") for path in (folder / name).rglob("*.py")]
    return sorted([*(folder / f"{name}.py" for name in JUDGING), *folders])


@cache
def engine_sha256() -> str:
    """Names these sources."""
    folder = Path(grader.__file__).parent
    digest = hashlib.sha256()
    for path in engine_sources():
        digest.update(f"{path.relative_to(folder)}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()
