"""Says which wait ran out: a machine on which each one does so is slow, and nobody sees why.

No wait of half a second or more ends in silence. A run over a class keeps what is said in its staff folder.
"""

from __future__ import annotations

import logging

LOG = logging.getLogger("grader.waits")


def ran_out(what: str, seconds: float) -> None:
    """Note that `what` ("a fork's end") did not come within so many seconds."""
    LOG.warning("waited %g s in vain for %s", seconds, what)
