"""A sandbox of the tier that is asked for, or of the best one that this machine offers."""

from __future__ import annotations

from grader.data import training_data
from grader.sandbox import container
from grader.sandbox.launch import Launch
from grader.sandbox.offer import TIERS, offered
from grader.sandbox.zygote import LIFETIME, Zygote
from grader.seed import Seed
from grader.spec import Assignment

__all__ = ["TIERS", "open_sandbox"]


def open_sandbox(
    assignment: Assignment,
    tier: str | None = None,
    *,
    strict: bool = False,
    engine: str | None = None,
    gpu: int | None = None,
    seed: Seed | None = None,
) -> Zygote:
    """A sandbox for an assignment, to be entered as a context manager: of this tier, or of the best one offered.

    `strict` starts a sandbox of its own for every submission. An `engine` ("docker", "podman") and a `gpu` are asked of
    tier `container`. What the assignment trains networks with is in every fork's memory; where it is drawn, from the
    run's `seed`. Raises `InfraError` with what is missing, and `UsageError` where that is data.
    """
    name = offered(tier, engine, gpu)
    launch: Launch = container.by(engine, gpu) if name == "container" else TIERS[name].launch
    data = training_data(assignment, seed)
    return Zygote(
        name,
        launch,
        assignment.limits,
        assignment.banned,
        lifetime=1 if strict else LIFETIME,
        data=data.training if data else None,
    )
