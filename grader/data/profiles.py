"""The data profiles by name."""

from __future__ import annotations

from functools import cache

from grader.data import digits
from grader.data.data import Data

PROFILES = {"digits": digits.load}


@cache
def load(profile: str) -> Data:
    """The data of a profile, loaded once per process. Raises `UsageError` where staff have to provide it first."""
    return PROFILES[profile]()
