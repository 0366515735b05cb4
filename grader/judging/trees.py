"""Plain data, as it comes over the wire: lists, tuples and dictionaries, and what they hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any


def parts(answer: Any) -> Iterator[Any]:
    """An answer, and all that its lists, tuples and dictionaries hold."""
    yield answer
    inner = answer.values() if isinstance(answer, dict) else answer if isinstance(answer, list | tuple) else ()
    for item in inner:
        yield from parts(item)


def tree_map(change: Callable[[Any], Any], value: Any) -> Any:
    """Plain data of the same form, with each leaf changed; what `change` returns is not looked into."""
    match value:
        case list():
            return [tree_map(change, item) for item in value]
        case tuple():
            return tuple(tree_map(change, item) for item in value)
        case dict():
            return {key: tree_map(change, item) for key, item in value.items()}
    return change(value)
