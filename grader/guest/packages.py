"""Packages that a course lets into its sandbox: imported in the zygote, once, before there is any fork.

Whatever one leaves running or open there would be shared by all forks, so one that does is refused.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import sys
import warnings
from collections.abc import Sequence

LOADED: list[str] = []  # what was asked for, for the message of an import that fails


def load(modules: Sequence[str]) -> None:
    """Import each module by its name. Ends this process with a sentence where one is missing, or leaves something."""
    for name in modules:
        before = _left()
        try:
            with warnings.catch_warnings(action="ignore"), contextlib.redirect_stdout(None):
                importlib.import_module(name)
        except Exception as error:
            sys.exit(
                f"package {name} cannot be imported in the sandbox: {type(error).__name__}: {error}".split("\n")[0]
            )
        after = _left()
        for what, count in after.items():
            if count > before[what]:
                sys.exit(f"package {name} is refused: its import leaves a {what}, which all submissions would share")
        LOADED.append(name)


def _left() -> dict[str, int]:
    with open("/proc/thread-self/children") as file:
        processes = len(file.read().split())
    return {
        "thread": len(os.listdir("/proc/self/task")),
        "descriptor": len(os.listdir("/proc/self/fd")),
        "process": processes,
    }
