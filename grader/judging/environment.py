"""The machine and software that a grade was made with, as far as they can change a verdict. Imports no torch."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import platform
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import grader
from grader.guest import linux
from grader.sandbox.cgroup import make_cgroup
from grader.sandbox.tiers import offered
from grader.sandbox.where import WhereToGrade

SOFTWARE = ("torch", "numpy", "pytest", "gradescope-utils")


@dataclass(frozen=True)
class Environment:
    """The facts, and the name that a ledger keeps them under."""

    facts: Mapping[str, str]
    where: WhereToGrade  # with the tier, engine and GPU that were found for what was asked

    @property
    def sha256(self) -> str:
        """Names the facts."""
        return hashlib.sha256(json.dumps(dict(self.facts), sort_keys=True).encode()).hexdigest()


def environment(where: WhereToGrade) -> Environment:
    """This machine's, for what is asked for or the best that it offers. Raises `GraderError` where it offers none."""
    if where.trains_apart:
        where = where.of_trainings
    tier = offered(where)
    of_tier = tier.facts(where)
    where = replace(where, tier=tier.NAME, engine=of_tier.get("client"))
    if where.trains_apart:
        offered(where.of_checks)  # what all other checks run in has no GPU
    group = make_cgroup(64 << 20, 16)
    if group is not None:
        group.close()
    return Environment(
        {
            "python": platform.python_version(),
            **{name: importlib.metadata.version(name) for name in SOFTWARE},
            "machine": platform.machine(),
            "engine": engine_sha256(),
            "tier": tier.NAME,
            "strict": str(where.strict),
            "landlock": str(linux.landlock_version()),
            "memory control group": str(group is not None),
            **of_tier,
            **({} if where.gpu is None else {"gpu": str(where.gpu)}),
            **({} if where.device == "cpu" else {"device": where.device}),
        },
        where,
    )


# A verdict or its message passes through these folders, and through the files above them.
DECIDING = ("data", "guest", "judging", "sandbox")


def engine_sources() -> list[Path]:
    """The engine's own sources that may decide over a grade."""
    folder = Path(grader.__file__).parent
    return sorted([*folder.glob("*.py"), *(path for name in DECIDING for path in (folder / name).rglob("*.py"))])


@cache
def engine_sha256() -> str:
    """Names these sources."""
    folder = Path(grader.__file__).parent
    digest = hashlib.sha256()
    for path in engine_sources():
        digest.update(f"{path.relative_to(folder)}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()
