"""The isolation tiers, best first, and which of them this machine offers. Imports no torch."""

from __future__ import annotations

from types import ModuleType

from grader.errors import InfraError, UsageError
from grader.sandbox import bubblewrap, container, in_container, namespaces
from grader.sandbox import gpu as gpus

TIERS: dict[str, ModuleType] = {
    "bubblewrap": bubblewrap,
    "namespaces": namespaces,
    "container": container,
    "in-container": in_container,
}


def offered(tier: str | None = None, engine: str | None = None, gpu: int | None = None) -> str:
    """The name of this tier, or of the best one that this machine offers; an engine asks for `container`.

    Raises `InfraError` with what is missing, the GPU of this number for one; `UsageError` where tier and engine do not
    belong together.
    """
    if engine:
        if tier not in (None, "container"):
            raise UsageError(f"an engine belongs to isolation container; {tier} has none")
        tier = "container"
    if gpu is not None and (lacking := gpus.missing(gpu)):
        raise InfraError(lacking)
    reasons = []
    for name in [tier] if tier else TIERS:
        lacking = container.missing(engine, gpu) if name == "container" else TIERS[name].missing()
        if not lacking:
            return name
        reasons.append(f"{name}: {lacking}")
    raise InfraError("this machine offers no isolation to grade in. " + "; ".join(reasons) + ". See `grader doctor`.")
