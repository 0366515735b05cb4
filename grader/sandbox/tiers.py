"""The isolation tiers, best first, and which of them this machine offers."""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType

from torch import Tensor

from grader.bridge.errors import InfraError
from grader.errors import UsageError
from grader.sandbox import bubblewrap, container, in_container, namespaces
from grader.sandbox.launch import Launch
from grader.sandbox.zygote import LIFETIME, Zygote
from grader.spec import Assignment

TIERS: dict[str, ModuleType] = {
    "bubblewrap": bubblewrap,
    "namespaces": namespaces,
    "container": container,
    "in-container": in_container,
}


def open_sandbox(
    assignment: Assignment,
    tier: str | None = None,
    *,
    strict: bool = False,
    engine: str | None = None,
    gpu: int | None = None,
) -> Zygote:
    """A sandbox for an assignment, to be entered as a context manager: of this tier, or of the best one offered.

    `strict` starts a sandbox of its own for every submission. An `engine` ("docker", "podman") and a `gpu` are asked of
    tier `container`. What the assignment trains networks with is in every fork's memory. Raises `InfraError` with what
    is missing.
    """
    if engine or gpu is not None:
        if tier not in (None, "container"):
            raise UsageError(f"an engine and a GPU belong to isolation container; {tier} has neither")
        tier = "container"
    reasons = []
    for name in [tier] if tier else TIERS:
        lacking = container.missing(engine) if name == "container" else TIERS[name].missing()
        if not lacking:
            lifetime = 1 if strict else LIFETIME
            launch: Launch = container.by(engine, gpu) if name == "container" else TIERS[name].launch
            return Zygote(name, launch, assignment.limits, assignment.banned, lifetime=lifetime, data=_data(assignment))
        reasons.append(f"{name}: {lacking}")
    raise InfraError("this machine offers no isolation to grade in. " + "; ".join(reasons) + ". See `grader doctor`.")


def _data(assignment: Assignment) -> Mapping[str, Tensor]:
    from grader.data import load

    profiles = {training.data for training in assignment.training.values()}
    return {name: tensor for profile in profiles for name, tensor in load(profile).training.items()}
