"""A sandbox of the tier that is asked for, or of the best one that this machine offers."""

from __future__ import annotations

import functools
from collections.abc import Mapping

from torch import Tensor

from grader.sandbox import container
from grader.sandbox.launch import Launch
from grader.sandbox.offer import TIERS, offered
from grader.sandbox.trainer import Trainer
from grader.sandbox.zygote import LIFETIME, Zygote
from grader.spec import Assignment

__all__ = ["TIERS", "open_sandbox", "open_trainer"]


def open_sandbox(
    assignment: Assignment,
    tier: str | None = None,
    *,
    strict: bool = False,
    engine: str | None = None,
    gpu: int | None = None,
) -> Zygote:
    """A sandbox for an assignment, to be entered as a context manager: of this tier, or of the best one offered.

    `strict` starts a sandbox of its own for every submission. An `engine` ("docker", "podman") is asked of tier
    `container`. Every fork may open the `gpu` of this number. What the assignment trains networks with is in every
    fork's memory. Raises `InfraError` with what is missing.
    """
    return _zygote(assignment, tier, engine, gpu, lifetime=1 if strict else LIFETIME)


def open_trainer(
    assignment: Assignment, tier: str | None = None, *, engine: str | None = None, gpu: int = 0, device: str = "cuda"
) -> Trainer:
    """A sandbox whose forks have opened this GPU, for trainings, to be entered as a context manager.

    `device` is "cuda" but in tests, which have none. Raises `InfraError` with what is missing.
    """
    return Trainer(_zygote(assignment, tier, engine, gpu, device=device), gpu)


def _zygote(
    assignment: Assignment,
    tier: str | None,
    engine: str | None,
    gpu: int | None,
    *,
    lifetime: int = LIFETIME,
    device: str = "",
) -> Zygote:
    name = offered(tier, engine, gpu)
    launch: Launch = functools.partial(TIERS[name].launch, gpu=gpu)
    if name == "container":
        launch = container.by(engine, gpu)
    data = _data(assignment)
    return Zygote(
        name,
        launch,
        assignment.limits,
        assignment.banned,
        lifetime=lifetime,
        data=data,
        gpu=gpu is not None,
        device=device,
    )


def _data(assignment: Assignment) -> Mapping[str, Tensor]:
    from grader.data import load

    profiles = {training.data for training in assignment.training.values()}
    return {name: tensor for profile in profiles for name, tensor in load(profile).training.items()}
