"""Cores apart for submissions, and for what prepares the next fork: so neither interrupts the other."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable


def divided(cores: Iterable[int]) -> tuple[set[int], set[int]]:
    """These cores in two halves, for the zygote and for its forks once they serve. One alone is for both."""
    ordered = sorted(cores)
    half = len(ordered) // 2
    return (set(ordered[:half]), set(ordered[half:])) if half else (set(ordered), set(ordered))


def keep_to(cores: Iterable[int]) -> None:
    """Let this thread, and what it forks, run on these cores alone, where the kernel allows that."""
    with contextlib.suppress(OSError):
        os.sched_setaffinity(0, cores)
