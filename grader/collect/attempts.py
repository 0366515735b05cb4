"""Attempt numbers in the names that people and platforms give: "s1001_attempt2.zip"."""

from __future__ import annotations

import re

_ATTEMPT = re.compile(r"^(?P<who>.+?)[\s_.-]+attempt[\s_.-]*(?P<number>\d{1,4})$", re.IGNORECASE)


def split_attempt(stem: str) -> tuple[str, int]:
    """Who, and which attempt: 1 where the name does not say."""
    found = _ATTEMPT.match(stem)
    return (found["who"], int(found["number"])) if found else (stem, 1)
