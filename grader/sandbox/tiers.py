"""The isolation tiers, best first, and which of them this machine offers. Imports no torch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from grader.errors import InfraError, UsageError
from grader.sandbox import bubblewrap, container, in_container, namespaces
from grader.sandbox import gpu as gpus
from grader.sandbox.launch import Launched
from grader.sandbox.where import ANYWHERE, WhereToGrade

if TYPE_CHECKING:
    from grader.spec import Limits


class Tier(Protocol):
    """What a module of a tier says of itself."""

    NAME: str
    ABOUT: str  # what its walls are, for `grader doctor`

    def missing(self, where: WhereToGrade = ANYWHERE) -> str:
        """Why this tier is not available here; empty if it is."""

    def facts(self, where: WhereToGrade) -> dict[str, str]:
        """What of it may change a verdict, beside its name."""

    def launch(self, control: int, limits: Limits, where: WhereToGrade) -> Launched:
        """How to start the zygote, whose control socket is descriptor `control`."""


_EVERY: tuple[Tier, ...] = (bubblewrap, namespaces, container, in_container)  # best first
TIERS: dict[str, Tier] = {tier.NAME: tier for tier in _EVERY}


def offered(where: WhereToGrade) -> Tier:
    """The tier that is asked for, or the best one that this machine offers; an engine asks for `container`.

    Raises `InfraError` with what is missing, the GPU of this number for one; `UsageError` where tier and engine do not
    belong together.
    """
    asked = where.tier
    if where.engine:
        if asked not in (None, container.NAME):
            raise UsageError(f"an engine belongs to isolation container; {asked} has none")
        asked = container.NAME
    if where.gpu is not None and (lacking := gpus.missing(where.gpu)):
        raise InfraError(lacking)
    reasons = []
    for tier in [TIERS[asked]] if asked else TIERS.values():
        lacking = tier.missing(where)
        if not lacking:
            return tier
        reasons.append(f"{tier.NAME}: {lacking}")
    raise InfraError("this machine offers no isolation to grade in. " + "; ".join(reasons) + ". See `grader doctor`.")
