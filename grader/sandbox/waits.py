"""Logs each wait that timed out: if many do, a machine is slow without a visible reason.

Every wait of half a second or more is logged. A run over a class keeps the log in its staff folder.
"""

from __future__ import annotations

import logging
from pathlib import Path

LOG = logging.getLogger("grader.sandbox.waits")
FILE = "waits.log"  # in the staff's folder


def ran_out(what: str, seconds: float) -> None:
    """Note that `what` ("a fork's end") did not come within so many seconds."""
    LOG.warning("waited %g s in vain for %s", seconds, what)


def keep(path: Path) -> None:
    """Write what runs out to this file from now on, and nowhere else. It is made when there is something to say."""
    handler = logging.FileHandler(path, encoding="utf-8", delay=True)
    handler.setFormatter(logging.Formatter("%(asctime)s process %(process)d %(message)s"))
    LOG.addHandler(handler)
    LOG.propagate = False
