"""Banned operators, refused by torch's own dispatcher.

A ban in Python (patched names, a scan of the source) can be avoided through `torch.ops`, an alias or another thread. A
kernel that overrides the operator in the dispatcher is reached by every name, from every thread and from TorchScript.
The overriding objects are kept alive without a Python reference, so that no walk over the garbage collector finds them.

The ban `autograd` is not a pattern. With it no operator records what it did, so there is no graph to differentiate, and
the engine that would walk one refuses to.
"""

from __future__ import annotations

import contextlib
import ctypes
import fnmatch
import gc
import importlib
import inspect
import re
import sys
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterable
from types import BuiltinFunctionType, CodeType, FunctionType
from typing import Any, NoReturn

import numpy as np
import numpy.random  # numpy loads it on first use: better once here than in every fork
import torch
from torch._ops import OpOverload, OpOverloadPacket
from torch.library import fallthrough_kernel

from grader.guest.closed import close_imports, close_torchscript, divert, keep_for_ever, refusal, replace, silence
from grader.guest.named_bans import ban_named, is_named, named

AUTOGRAD = "autograd"  # in an assignment's list, bans the engine …
_AUTOGRAD_OPERATORS = ("_backward", "_make_dual", "backward", "grad")  # … and these ways to it and around it
# The doors to it get the same sentence. Behind them, where no operator is recorded, every derivative is 0.
_AUTOGRAD_DOORS = {
    "torch.autograd": ("backward", "grad"),
    "torch.autograd.functional": ("hessian", "hvp", "jacobian", "jvp", "vhp", "vjp"),
    "torch.autograd.forward_ad": ("make_dual",),
    "torch.func": ("grad", "grad_and_value", "hessian", "jacfwd", "jacrev", "jvp", "linearize", "vjp"),
}
# Where torch has its operators once more, in Python; those that it loads on first use are loaded for the ban.
_TWINS = (
    "torch._decomp",
    "torch._meta_registrations",
    "torch._numpy",
    "torch._prims",
    "torch._refs",
    "torch._subclasses",
    "torch.masked",
    "torch.nested._internal",
)
_LOADED_LATE = (
    "torch._decomp.decompositions_for_jvp",
    "torch._numpy",
    "torch._subclasses.complex_tensor",
    "torch.masked.maskedtensor._ops_refs",
    "torch.nested._internal.ops",
)
_NUMPY_NAMES = ("convolve", "correlate", "correlate2")


TYPE_OFFSET = object.__basicsize__ - 8  # of the pointer to its type in a Python object, bytes


def matching(patterns: Iterable[str], names: Iterable[str]) -> list[str]:
    """The operators ("aten::conv2d", overloads "aten::conv2d.padding") that a list of globs bans.

    A glob is held against the base name ("conv2d"), or against "namespace::name" where it holds "::".
    """
    banned = []
    for full in names:
        name = full.split(".")[0]
        base = name.split("::")[-1]
        if any(fnmatch.fnmatchcase(name if "::" in pattern else base, pattern) for pattern in patterns):
            banned.append(full)
    return banned


def idle(patterns: Iterable[str]) -> list[str]:
    """Those of the patterns that match nothing. To be asked before they are banned."""
    operators = torch._C._dispatch_get_all_op_names()
    return [
        pattern
        for pattern in patterns
        if not (any(named(pattern)) if is_named(pattern) else pattern == AUTOGRAD or matching([pattern], operators))
    ]


def ban(patterns: Iterable[str]) -> int:
    """Refuse every operator that matches, for the rest of this process and its forks. Returns how many."""
    patterns = tuple(patterns)
    if not patterns:
        return 0
    ban_named(filter(is_named, patterns))
    patterns = tuple(pattern for pattern in patterns if not is_named(pattern))
    if AUTOGRAD in patterns:
        patterns += _AUTOGRAD_OPERATORS
        _stop_autograd()
    banned = matching(patterns, torch._C._dispatch_get_all_op_names())
    by_namespace: dict[str, list[str]] = defaultdict(list)
    for full in banned:
        by_namespace[full.split("::")[0]].append(full)
    keys = dispatch_keys()
    for namespace, names in by_namespace.items():
        _override(namespace, names, keys)
    _drop_python_twins(patterns, banned)
    close_torchscript()
    _refuse_numpy()
    close_imports()
    return len(banned)


def dispatch_keys() -> list[str]:
    """Every key for which this torch takes kernels: backends, aliases of many, and what lies above them."""
    known = set(torch._C.DispatchKey.__members__) | set(re.findall(r"\w+", repr(torch._C._dispatch_keyset_full())))
    known |= set(re.findall(r"^\w+", torch._C._dispatch_dump_table("aten::add.Tensor"), re.MULTILINE))
    keys = []
    for key in sorted(known):
        with contextlib.suppress(RuntimeError):  # the name of a range, or a key that is none of ours to register
            torch._C._dispatch_key_parse(key)
            keys.append(key)
    return keys


def _override(namespace: str, names: list[str], keys: list[str]) -> None:
    library = torch._C._dispatch_library("IMPL", namespace, "")
    for full in names:
        refuse = _refusal(full.split("::")[1].split(".")[0])
        for key in keys:
            library.impl(full, key, refuse)
    _keep_for_ever(library)


def _keep_for_ever(library: Any) -> None:
    """Let nothing end this library, with which its overrides would end."""
    keep_for_ever(library)
    type_of_object = ctypes.c_void_p.from_address(id(library) + TYPE_OFFSET)
    type_of_object.value = id(object)  # a search of memory for the type finds nothing that could be reset


def _refusal(name: str) -> Callable[..., NoReturn]:
    return refusal(f"torch's operator `{name}`")


def _stop_autograd() -> None:
    """Let no operator be recorded, backwards or forwards, and let the engine refuse every call from Python."""
    library = torch._C._dispatch_library("IMPL", "aten", "")
    for full in torch._C._dispatch_get_all_op_names():
        if full.startswith("aten::"):
            library.impl(full, "Autograd", fallthrough_kernel)
    _keep_for_ever(library)
    engine = type(torch.autograd.Variable._execution_engine)
    (methods,) = (held for held in gc.get_referents(vars(engine)) if type(held) is dict)  # of a type that is sealed
    refuse = refusal(f"`{AUTOGRAD}`")
    methods["run_backward"] = refuse
    ctypes.pythonapi.PyType_Modified(ctypes.py_object(engine))
    for module, names in _AUTOGRAD_DOORS.items():
        for name in names:
            replace(getattr(importlib.import_module(module), name), refuse)


def _drop_python_twins(patterns: tuple[str, ...], banned: list[str]) -> None:
    """torch carries Python versions of many operators for its compiler; those of banned ones are taken out.

    What does their work for them goes too: functions that a pattern names, `native_batch_norm_helper` for example, and
    private ones that nothing else uses.
    """
    bases = {full.split("::")[1].split(".")[0] for full in banned}
    for name in _LOADED_LATE:
        with contextlib.suppress(ImportError), warnings.catch_warnings(action="ignore"):  # as versions have them
            importlib.import_module(name)
    for name, module in list(sys.modules.items()):
        if name.startswith(_TWINS):
            for value in list(vars(module).values()):
                if isinstance(value, dict):
                    _drop_operators(value, bases)
            named = [a for a, value in vars(module).items() if isinstance(value, FunctionType)]
            dropped = {a for a in vars(module) if a in bases} | set(matching(patterns, named))
            for attribute in dropped | _helpers(vars(module), dropped):
                value = vars(module)[attribute]
                if isinstance(value, FunctionType) and value.__module__.startswith(_TWINS):
                    silence(value, f"torch's operator `{attribute}`")
                else:
                    setattr(module, attribute, _refusal(attribute))


def _drop_operators(table: dict[Any, Any], bases: set[str]) -> None:
    for key, value in list(table.items()):
        if isinstance(value, dict):  # a table of tables
            _drop_operators(value, bases)
        elif isinstance(key, OpOverload | OpOverloadPacket) and key.__name__.split(".")[0] in bases:
            del table[key]


def _helpers(namespace: dict[str, Any], dropped: set[str]) -> set[str]:
    """The private functions of a module that nothing but the dropped ones uses: they do those ones' work."""
    used = {name: _names(code) for name in namespace if (code := _code_of(namespace[name])) is not None}
    private = {name for name in used if name.startswith("_")}
    helpers: set[str] = set()
    while True:
        gone = dropped | helpers
        found = {
            name
            for name in private - gone
            if (users := {user for user in used if user != name and name in used[user]}) and users <= gone
        }
        if not found:
            return helpers
        helpers |= found


def _code_of(value: Any) -> CodeType | None:
    code = getattr(inspect.unwrap(value), "__code__", None) if isinstance(value, FunctionType) else None
    return code if isinstance(code, CodeType) else None


def _names(code: CodeType) -> set[str]:
    inner = [_names(one) for one in code.co_consts if isinstance(one, CodeType)]
    return set(code.co_names).union(*inner)


def _refuse_numpy() -> None:
    """`numpy.convolve` and `numpy.correlate` go, with the C functions behind them."""
    for name, module in list(sys.modules.items()):
        if name == "numpy" or name.startswith("numpy."):
            for attribute in _NUMPY_NAMES:
                value = vars(module).get(attribute)
                refuse = refusal(f"`numpy.{attribute}`")
                if type(value) is BuiltinFunctionType:
                    divert(value, refuse)
                elif value is not None:
                    setattr(module, attribute, refuse)


def warm_up() -> None:
    """Run what torch and numpy set up on first use, so that each fork finds it done.

    Call after `torch.set_num_threads(1)`: a fork after multi-threaded operators hangs.
    """
    for dtype in (torch.float64, torch.float32):
        a = torch.randn(4, 4, dtype=dtype)
        b = a @ a + torch.einsum("ij,jk->ik", a, a)
        torch.nn.functional.pad(b, (1, 1)).amax((0, 1))
        b[a > 0].sum().item()
        torch.as_strided(b, (2, 2), (4, 1)).reshape(-1).argmax()
        torch.tensor(b.numpy() @ np.eye(4, dtype=b.numpy().dtype)).clamp(min=0)
        torch.zeros(4, dtype=dtype).index_add_(0, torch.tensor([1]), torch.ones(1, dtype=dtype))
