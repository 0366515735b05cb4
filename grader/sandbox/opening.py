"""A sandbox of the tier that is asked for, or of the best one that this machine offers."""

from __future__ import annotations

import functools
from dataclasses import replace
from pathlib import Path

import torch

from grader.data import training_data
from grader.guest.data import FILES
from grader.sandbox import layout
from grader.sandbox.tiers import offered
from grader.sandbox.trainer import Trainer
from grader.sandbox.where import ANYWHERE, WhereToGrade
from grader.sandbox.zygote import LIFETIME, Zygote
from grader.seed import Seed
from grader.spec import Assignment

ON_GPU = WhereToGrade(device="cuda")


def open_sandbox(assignment: Assignment, where: WhereToGrade = ANYWHERE, *, seed: Seed | None = None) -> Zygote:
    """A sandbox for an assignment, to be entered as a context manager.

    What the assignment trains networks with is in every fork's memory; where it is drawn, from the run's `seed`. Raises
    `InfraError` with what is missing, and `UsageError` where that is data.
    """
    return _zygote(assignment, where.of_checks, seed)


def open_trainer(assignment: Assignment, where: WhereToGrade = ON_GPU, *, seed: Seed | None = None) -> Trainer:
    """A sandbox whose forks have opened a GPU, for trainings, to be entered as a context manager.

    Data that is drawn is drawn from the run's `seed`. The device is "cuda" but in tests, which have none. Raises
    `InfraError` with what is missing.
    """
    where = where.of_trainings
    assert where.gpu is not None
    return Trainer(_zygote(assignment, where, seed, device=where.device), where.gpu)


def _zygote(assignment: Assignment, where: WhereToGrade, seed: Seed | None, *, device: str = "") -> Zygote:
    where = replace(where, packages=assignment.sandbox.packages)
    tier = offered(where)
    data = training_data(assignment, seed)
    files = {FILES + name: _content(path) for name, path in assignment.data_files.items()}
    megabytes = -(
        -sum(file.numel() for file in files.values()) // 2**20
    )  # each fork has its own, on top of what it may
    limits = assignment.limits
    if files:
        more = {"files_mb": limits.files_mb + megabytes, "memory_mb": limits.memory_mb + megabytes}
        limits = limits.model_copy(update=more)
    return Zygote(
        tier.NAME,
        functools.partial(tier.launch, where=where),
        limits,
        assignment.banned,
        lifetime=1 if where.strict and not device else LIFETIME,
        data={**(data.training if data else {}), **files},
        modules=layout.modules(where.packages),
        gpu=where.gpu is not None,
        device=device,
    )


def _content(path: Path) -> torch.Tensor:
    """A data file's bytes."""
    return torch.frombuffer(bytearray(path.read_bytes()), dtype=torch.uint8)
