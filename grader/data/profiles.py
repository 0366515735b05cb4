"""The data profiles by name."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from grader.data import cifar10, digits, shapes
from grader.data.data import Data
from grader.data.folder import folder
from grader.seed import Seed
from grader.spec import Assignment

FROM_FOLDER = frozenset({"cifar10"})  # read from what `--data` names


def load(profile: str, seed: int = 0) -> Data:
    """The data of a profile; a `seed` decides which images are drawn, where they are drawn.

    Raises `UsageError` where staff have to provide it first.
    """
    return _load(profile, seed if profile == "shapes" else 0, folder() if profile in FROM_FOLDER else None)


@lru_cache(maxsize=2)  # once per process, but not every seed's
def _load(profile: str, seed: int, root: Path | None) -> Data:
    match profile:
        case "digits":
            return digits.load()
        case "cifar10":
            return cifar10.load(root)
        case "shapes":
            return shapes.load(seed)
    raise ValueError(f"there is no data profile {profile!r}")


def training_data(assignment: Assignment, seed: Seed | None = None) -> Data | None:
    """What an assignment's networks are trained and judged on, if there are any.

    Where it is drawn, then from the run's secret seed, or a fresh one. Raises `UsageError` as `load` does.
    """
    profiles = {training.data for training in assignment.training.values()}  # one, by the specification
    if not profiles:
        return None
    return load(profiles.pop(), (seed or Seed.fresh()).number("training data"))
