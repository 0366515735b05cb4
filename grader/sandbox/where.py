"""Where submissions are graded, as the options of a command say it. Imports no torch."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True)
class WhereToGrade:
    """The isolation, the container engine and the GPU that were asked for; handed on whole from command to sandbox."""

    tier: str | None = None  # None: the best one that this machine offers
    engine: str | None = None  # "docker" or "podman", of tier container; None: either
    gpu: int | None = None  # the number of the GPU that submissions, or trainings alone, may use
    device: str = "cpu"  # what networks are trained on; with "cuda" no other check has the GPU
    strict: bool = False  # a sandbox of its own for every submission
    packages: tuple[str, ...] = ()  # what the assignment lets in beside torch and numpy

    @property
    def trains_apart(self) -> bool:
        """Whether networks are trained in a sandbox of their own, which alone has the GPU."""
        return self.device == "cuda"

    @property
    def has_gpu(self) -> bool:
        """Whether submissions, or trainings, have a GPU, which a process that has it open cannot share with a fork."""
        return self.trains_apart or self.gpu is not None

    @property
    def of_checks(self) -> WhereToGrade:
        """Where everything but trainings runs."""
        return replace(self, gpu=None) if self.trains_apart else self

    @property
    def of_trainings(self) -> WhereToGrade:
        """Where trainings run that have a sandbox of their own: with the first GPU, if none is named."""
        return replace(self, gpu=self.gpu or 0)

    def but(self, **changes: Any) -> WhereToGrade:
        """The same but for what is given. Another tier has no use for the engine of the one before, nor the reverse."""
        given = {name: value for name, value in changes.items() if value is not None}
        if "tier" in given:
            given = {"engine": None, **given}
        elif "engine" in given:
            given = {"tier": None, **given}
        if given.get("device") == "cpu" and self.trains_apart:
            given = {"gpu": None, **given}  # which was for trainings alone
        return replace(self, **given)


ANYWHERE = WhereToGrade()  # the best tier that this machine offers
