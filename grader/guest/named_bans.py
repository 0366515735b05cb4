"""Python's functions, banned by their dotted name: `numpy.argmax`, `scipy.signal.*`, `pandas.DataFrame.corr`.

A library has a function under several names, and hands it on inside. So the object itself is changed where Python
allows it, and taken out of every module and class of its library. That stops calls by any name; a function that does
the same work under another name is another ban.
"""

from __future__ import annotations

import ctypes
import fnmatch
import gc
import sys
from collections.abc import Iterable, Iterator
from types import BuiltinFunctionType, FunctionType
from typing import Any

from grader.guest.closed import divert, refusal, silence

_NEVER = ("__init__", "__new__", "__class__", "__getattr__", "__getattribute__", "__call__")


def is_named(pattern: str) -> bool:
    """Whether a pattern of the list of bans names functions of Python, and not operators of torch."""
    return "." in pattern and "::" not in pattern


def ban_named(patterns: Iterable[str]) -> None:
    """Refuse what the patterns name, for the rest of this process."""
    for pattern in patterns:
        for name, owner, attribute, value in list(named(pattern)):
            _refuse(name, owner, attribute, value)


def named(pattern: str) -> Iterator[tuple[str, Any, str, Any]]:
    """(dotted name, owner, attribute, value) of all functions and methods that a pattern names."""
    owner_pattern, _, last = pattern.rpartition(".")
    root = pattern.partition(".")[0]
    for module_name, module in list(sys.modules.items()):
        if module_name == root or module_name.startswith(f"{root}."):
            for name, value in list(vars(module).items()):
                if isinstance(value, type) and f"{module_name}.{name}" == owner_pattern:
                    methods = [one for one in vars(value) if fnmatch.fnmatchcase(one, last) and one not in _NEVER]
                    yield from ((f"{owner_pattern}.{one}", value, one, vars(value)[one]) for one in methods)
            if fnmatch.fnmatchcase(module_name, owner_pattern):
                for name, value in list(vars(module).items()):
                    is_function = callable(value) and not isinstance(value, type) and not name.startswith("_")
                    if is_function and fnmatch.fnmatchcase(name, last):
                        yield f"{module_name}.{name}", module, name, value


def _refuse(name: str, owner: Any, attribute: str, value: Any) -> None:
    refuse = refusal(f"`{name}`")
    inner = getattr(value, "__wrapped__", None)  # of numpy's functions that others may override
    if isinstance(value, FunctionType):
        silence(value, f"`{name}`")
    elif type(value) is BuiltinFunctionType:
        divert(value, refuse)
    elif isinstance(inner, FunctionType):
        silence(inner, f"`{name}`")
    if isinstance(owner, type):
        if not isinstance(value, FunctionType):
            (methods,) = (held for held in gc.get_referents(vars(owner)) if type(held) is dict)  # a sealed type's, too
            methods[attribute] = refuse
            ctypes.pythonapi.PyType_Modified(ctypes.py_object(owner))
        return
    root = name.partition(".")[0]
    for module_name, module in list(sys.modules.items()):
        if module_name == root or module_name.startswith(f"{root}."):
            for held in [held for held, other in vars(module).items() if other is value]:
                setattr(module, held, refuse)
