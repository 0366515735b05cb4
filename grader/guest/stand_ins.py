"""Functions of staff's in the place of a module's own, for a while: what `probes.py` judges a composition with."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from types import ModuleType
from typing import Any


@contextlib.contextmanager
def standing_in(module: ModuleType, stand_ins: Mapping[str, Any]) -> Iterator[None]:
    """Meanwhile, the module's names mean these functions and classes; names that it did not have are gone afterwards.

    Only what looks a name up in the module sees them: an alias that the module made of its own function stays as it is.
    """
    own = vars(module).copy()
    vars(module).update(stand_ins)
    try:
        yield
    finally:
        for name in stand_ins:
            vars(module).pop(name, None)
        vars(module).update((name, own[name]) for name in stand_ins if name in own)
