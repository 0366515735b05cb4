"""The folder with the data that staff provide: option `--data`, which workers find in their environment."""

from __future__ import annotations

import os
from pathlib import Path

VARIABLE = "GRADER_DATA"


def folder() -> Path | None:
    """What `--data` names; None where nothing was said."""
    named = os.environ.get(VARIABLE)
    return Path(named) if named else None


def use(path: Path) -> None:
    """Make a folder the one that is read, here and in every worker that is started from now on."""
    os.environ[VARIABLE] = str(path.resolve())
