"""The data profiles by name, and the one that an assignment names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from grader.data import cifar10, digits, shapes
from grader.data.data import Data
from grader.data.folder import folder
from grader.errors import UsageError
from grader.seed import Seed
from grader.spec import Assignment


@dataclass(frozen=True)
class Profile:
    """How one profile's data come to be."""

    name: str  # in assignment.toml
    load: Callable[[int, Path | None], Data]  # from a seed and the folder that `--data` names
    is_drawn: bool = False  # whether the seed decides which images there are
    from_folder: bool = False  # whether it is read from that folder


_EVERY = (
    Profile("digits", lambda _seed, _folder: digits.load()),
    Profile("shapes", lambda seed, _folder: shapes.load(seed), is_drawn=True),
    Profile("cifar10", lambda _seed, folder: cifar10.load(folder), from_folder=True),
)
PROFILES = {profile.name: profile for profile in _EVERY}


def load(name: str, seed: int = 0) -> Data:
    """The data of a profile; a `seed` decides which images are drawn, where they are drawn.

    Raises `UsageError` where there is no such profile, or where staff have to provide it first.
    """
    profile = PROFILES.get(name)
    if profile is None:
        raise UsageError(f"there is no data profile {name!r}; assignment.toml may name {', '.join(PROFILES)}")
    return _load(name, seed if profile.is_drawn else 0, folder() if profile.from_folder else None)


@lru_cache(maxsize=2)  # once per process, but not every seed's
def _load(name: str, seed: int, root: Path | None) -> Data:
    return PROFILES[name].load(seed, root)


def training_data(assignment: Assignment, seed: Seed | None = None) -> Data | None:
    """What an assignment's networks are trained and judged on, if there are any.

    Where it is drawn, then from the run's secret seed, or a fresh one. Raises `UsageError` as `load` does.
    """
    names = {training.data for training in assignment.training.values()}  # one, by the specification
    if not names:
        return None
    return load(names.pop(), (seed or Seed.fresh()).number("training data"))
