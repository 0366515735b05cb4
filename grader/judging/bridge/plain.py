"""Plain data, as it comes over the wire: a walk through it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def parts(answer: Any) -> Iterator[Any]:
    """An answer, and all that its lists, tuples and dictionaries hold."""
    yield answer
    inner = answer.values() if isinstance(answer, dict) else answer if isinstance(answer, list | tuple) else ()
    for item in inner:
        yield from parts(item)
