"""Functions of staff's in the place of a module's own, for a while: what `probes.py` judges a composition with."""

from __future__ import annotations

import contextlib
import operator
from collections.abc import Iterator, Mapping
from types import ModuleType
from typing import Any


@contextlib.contextmanager
def standing_in(module: ModuleType, stand_ins: Mapping[str, Any]) -> Iterator[None]:
    """Meanwhile, the module's names mean these functions and classes, also in its tables, `{18: (BasicBlock, [2, 2])}`.

    Names that it did not have are gone afterwards. An alias that it made of a function, or a default, stays as it is.
    """
    own = vars(module).copy()
    changed = dict(stand_ins)
    others = {id(own[name]): stand_in for name, stand_in in stand_ins.items() if name in own}
    for name, value in own.items():
        table = _replaced(value, others)
        if table is not value and name not in stand_ins:
            changed[name] = table
    vars(module).update(changed)
    try:
        yield
    finally:
        for name in changed:
            vars(module).pop(name, None)
        vars(module).update((name, own[name]) for name in changed if name in own)


def _replaced(table: Any, others: Mapping[int, Any], depth: int = 3) -> Any:
    """The table with others in the place of these objects; itself, if it is no table of Python's own or holds none."""
    if type(table) not in (dict, list, tuple) or not depth:
        return table
    entries = list(table.values() if type(table) is dict else table)
    new = [others.get(id(entry), _replaced(entry, others, depth - 1)) for entry in entries]
    if all(map(operator.is_, new, entries)):
        return table
    return dict(zip(table, new, strict=True)) if type(table) is dict else type(table)(new)
