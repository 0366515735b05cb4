"""Replaces a module's functions by functions of staff for a while: with these `probes.py` judges a composition."""

from __future__ import annotations

import contextlib
import operator
from collections.abc import Callable, Iterator, Mapping
from types import ModuleType
from typing import Any


@contextlib.contextmanager
def standing_in(module: ModuleType, stand_ins: Mapping[str, Any]) -> Iterator[None]:
    """Meanwhile, the module's names mean these functions and classes, also in its tables, `{18: (BasicBlock, [2, 2])}`.

    Tables are the dictionaries, lists and tuples that the module names, three deep. Names that it did not have are gone
    afterwards. A default argument, an attribute of a class, and what the module keeps on its own meanwhile stay as they
    are.
    """
    own = vars(module).copy()
    tables = _Tables({id(own[name]): stand_in for name, stand_in in stand_ins.items() if callable(own.get(name))})
    changed = {name: tables.replaced(value) for name, value in own.items() if not name.startswith("__")}
    changed = {name: value for name, value in changed.items() if value is not own[name]} | dict(stand_ins)
    vars(module).update(changed)
    try:
        yield
    finally:
        for name in changed:
            vars(module).pop(name, None)
        vars(module).update((name, own[name]) for name in changed if name in own)


def wired(module: ModuleType, name: str, stand_ins: Mapping[str, Any]) -> Callable[..., Any]:
    """The module's function of this name, with the stand-ins in the place of all others while it runs."""
    others = {one: stand_in for one, stand_in in stand_ins.items() if one != name}

    def ask(*args: Any, **kwargs: Any) -> Any:
        with standing_in(module, others):
            return getattr(module, name)(*args, **kwargs)

    return ask


class _Tables:
    """Python's own containers with others in the place of these objects, which are given by their identity."""

    def __init__(self, others: Mapping[int, Any]) -> None:
        self._others = others
        self._known: dict[int, Any] = {}  # one table under two names stays one

    def replaced(self, table: Any, depth: int = 3) -> Any:
        """The table with the others in it; itself, if it is none or nothing in it is replaced."""
        if type(table) not in (dict, list, tuple) or not depth:
            return table
        if id(table) not in self._known:
            self._known[id(table)] = table  # it may hold itself
            self._known[id(table)] = self._rebuilt(table, depth)
        return self._known[id(table)]

    def _rebuilt(self, table: Any, depth: int) -> Any:
        entries = [*table, *table.values()] if type(table) is dict else list(table)
        new = [self._others.get(id(entry), self.replaced(entry, depth - 1)) for entry in entries]
        if all(map(operator.is_, new, entries)):
            return table
        if type(table) is dict:
            return dict(zip(new[: len(table)], new[len(table) :], strict=True))
        return type(table)(new)
