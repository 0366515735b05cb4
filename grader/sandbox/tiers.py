"""The isolation tiers, best first, and which of them this machine offers."""

from __future__ import annotations

from types import ModuleType

from grader.bridge.errors import InfraError
from grader.sandbox import bubblewrap, namespaces
from grader.sandbox.zygote import LIFETIME, Zygote
from grader.spec import Assignment

TIERS: dict[str, ModuleType] = {"bubblewrap": bubblewrap, "namespaces": namespaces}


def open_sandbox(assignment: Assignment, tier: str | None = None, *, strict: bool = False) -> Zygote:
    """A sandbox for an assignment, to be entered as a context manager: of this tier, or of the best one offered.

    `strict` starts a sandbox of its own for every submission. Raises `InfraError` with what is missing.
    """
    reasons = []
    for name in [tier] if tier else TIERS:
        lacking = TIERS[name].missing()
        if not lacking:
            lifetime = 1 if strict else LIFETIME
            return Zygote(name, TIERS[name].launch, assignment.limits, assignment.banned, lifetime=lifetime)
        reasons.append(f"{name}: {lacking}")
    raise InfraError("this machine offers no isolation to grade in. " + "; ".join(reasons) + ". See `grader doctor`.")
