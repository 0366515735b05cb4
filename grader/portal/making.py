"""What a process of ours makes for a page: one at a time for each thing, and not again and again where it fails."""

from __future__ import annotations

import subprocess
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Sequence

from starlette.exceptions import HTTPException

from grader.errors import UsageError

WAIT_SECONDS = 3.0  # for another who makes the same: longer would hold threads that pages need
AGAIN_SECONDS = 60.0  # after it failed
_locks: defaultdict[tuple[str, ...], threading.Lock] = defaultdict(threading.Lock)
_failed: dict[tuple[str, ...], tuple[float, str]] = {}  # command → when, and what it said


def make(command: Sequence[str], seconds: float, is_made: Callable[[], bool]) -> None:
    """Run a command unless what it makes is there by now.

    Raises `UsageError` with its last words where it fails, or failed in the last minute, and 503 while it runs.
    """
    key = tuple(command)
    if not _locks[key].acquire(timeout=WAIT_SECONDS):
        raise HTTPException(503, "This is being made at this moment. Ask for it again in some seconds.")
    try:
        if is_made():
            return
        at, said = _failed.get(key, (0.0, ""))
        if said and time.monotonic() - at < AGAIN_SECONDS:
            raise UsageError(said)
        _failed.pop(key, None)
        try:
            made = subprocess.run(command, capture_output=True, check=False, timeout=seconds)
            said = made.stderr.decode("utf-8", "replace").strip()[-500:] or "It cannot be made."
            is_bad = made.returncode != 0
        except subprocess.SubprocessError:
            said, is_bad = "It took too long to make.", True
        if is_bad:
            _failed[key] = time.monotonic(), said
            raise UsageError(said)
    finally:
        _locks[key].release()
