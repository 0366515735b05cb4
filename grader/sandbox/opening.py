"""A sandbox of the tier that is asked for, or of the best one that this machine offers."""

from __future__ import annotations

import functools

from grader.data import training_data
from grader.sandbox import container
from grader.sandbox.launch import Launch
from grader.sandbox.tiers import TIERS, offered
from grader.sandbox.trainer import Trainer
from grader.sandbox.zygote import LIFETIME, Zygote
from grader.seed import Seed
from grader.spec import Assignment

__all__ = ["TIERS", "open_sandbox", "open_trainer"]


def open_sandbox(
    assignment: Assignment,
    tier: str | None = None,
    *,
    strict: bool = False,
    engine: str | None = None,
    gpu: int | None = None,
    seed: Seed | None = None,
    apart: bool = False,
) -> Zygote:
    """A sandbox for an assignment, to be entered as a context manager: of this tier, or of the best one offered.

    `strict` starts a sandbox of its own for every submission. An `engine` ("docker", "podman") is asked of tier
    `container`. Every fork may open the `gpu` of this number. What the assignment trains networks with is in every
    fork's memory; where it is drawn, from the run's `seed`. `apart` gives submissions cores of their own, on which no
    fork is prepared: for a run's only worker. Raises `InfraError` with what is missing, and `UsageError` where that is
    data.
    """
    return _zygote(assignment, tier, engine, gpu, seed, lifetime=1 if strict else LIFETIME, apart=apart)


def open_trainer(
    assignment: Assignment,
    tier: str | None = None,
    *,
    engine: str | None = None,
    gpu: int = 0,
    device: str = "cuda",
    seed: Seed | None = None,
) -> Trainer:
    """A sandbox whose forks have opened this GPU, for trainings, to be entered as a context manager.

    Data that is drawn is drawn from the run's `seed`. `device` is "cuda" but in tests, which have none. Raises
    `InfraError` with what is missing.
    """
    return Trainer(_zygote(assignment, tier, engine, gpu, seed, device=device), gpu)


def _zygote(
    assignment: Assignment,
    tier: str | None,
    engine: str | None,
    gpu: int | None,
    seed: Seed | None,
    *,
    lifetime: int = LIFETIME,
    device: str = "",
    apart: bool = False,
) -> Zygote:
    name = offered(tier, engine, gpu)
    launch: Launch = functools.partial(TIERS[name].launch, gpu=gpu)
    if name == "container":
        launch = container.by(engine, gpu)
    data = training_data(assignment, seed)
    return Zygote(
        name,
        launch,
        assignment.limits,
        assignment.banned,
        lifetime=lifetime,
        data=data.training if data else None,
        gpu=gpu is not None,
        device=device,
        apart=apart,
    )
