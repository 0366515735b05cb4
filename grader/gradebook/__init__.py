"""A class's grades as one table, its statistics, the files that learning platforms import, and the class page.

What it offers is loaded when it is first asked for: the ledger needs `entry` alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from grader.gradebook.page import write_class_page
    from grader.gradebook.write import write_gradebook

__all__ = ["write_class_page", "write_gradebook"]


def __getattr__(name: str) -> Any:
    from importlib import import_module

    places = {"write_class_page": "page", "write_gradebook": "write"}
    if name not in places:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{places[name]}"), name)
