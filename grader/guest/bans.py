"""Banned operators, refused by torch's own dispatcher.

A ban in Python (patched names, a scan of the source) is walked around through `torch.ops`, an alias or another thread.
A kernel that overrides the operator in the dispatcher is reached whatever name, thread or TorchScript calls it. The
overriding objects are kept alive without a Python reference, so that no walk over the garbage collector finds them.
"""

from __future__ import annotations

import ctypes
import fnmatch
import sys
from collections import defaultdict
from collections.abc import Iterable
from typing import Any, NoReturn

import numpy as np
import numpy.random  # numpy loads it on first use: better once here than in every fork
import torch

# Every key by which a dense, sparse, quantised or meta tensor on a CPU or GPU can reach a kernel, under autograd,
# autocast, vmap, tracing and functionalisation too.
_KEYS = (
    "CompositeImplicitAutograd",
    "CompositeExplicitAutograd",
    "CPU",
    "CUDA",
    "Meta",
    "MkldnnCPU",
    "SparseCPU",
    "SparseCsrCPU",
    "SparseCUDA",
    "QuantizedCPU",
    "QuantizedCUDA",
    "AutogradCPU",
    "AutogradCUDA",
    "AutogradMeta",
    "AutogradOther",
    "AutocastCPU",
    "AutocastCUDA",
    "BackendSelect",
    "CatchAll",
)
_NUMPY_NAMES = ("convolve", "correlate", "correlate2")


class OperatorBanned(RuntimeError):
    """The submission called an operator that the assignment forbids."""


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


def ban(patterns: Iterable[str]) -> int:
    """Refuse every operator that matches, for the rest of this process and its forks. Returns how many."""
    patterns = tuple(patterns)
    if not patterns:
        return 0
    banned = matching(patterns, torch._C._dispatch_get_all_op_names())
    by_namespace: dict[str, list[str]] = defaultdict(list)
    for full in banned:
        by_namespace[full.split("::")[0]].append(full)
    for namespace, names in by_namespace.items():
        _override(namespace, names)
    _drop_python_twins(banned)
    _refuse_numpy()
    return len(banned)


def _override(namespace: str, names: list[str]) -> None:
    library = torch._C._dispatch_library("IMPL", namespace, "")
    for full in names:
        refuse = _refusal(full.split("::")[1].split(".")[0])
        for key in _KEYS:
            try:
                library.impl(full, key if key != "CatchAll" else "", refuse)
            except RuntimeError:  # a key that this operator or this build of torch does not know
                continue
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(library))  # the override ends with the object: let it never end


def _refusal(name: str) -> Any:
    def refuse(*_args: Any, **_kwargs: Any) -> NoReturn:
        raise OperatorBanned(f"this assignment forbids torch's operator `{name}`")

    return refuse


def _drop_python_twins(banned: list[str]) -> None:
    """torch carries Python versions of many operators for its compiler; those of banned ones are taken out."""
    bases = {full.split("::")[1].split(".")[0] for full in banned}
    tables = getattr(sys.modules.get("torch._decomp"), "global_decomposition_table", {})
    for table in tables.values():
        for operator in [op for op in table if getattr(op, "__name__", "").split(".")[0] in bases]:
            del table[operator]
    for name, module in list(sys.modules.items()):
        if name.startswith(("torch._refs", "torch._decomp", "torch._prims", "torch._meta_registrations")):
            for attribute in [a for a in vars(module) if a in bases]:
                setattr(module, attribute, _refusal(attribute))


def _refuse_numpy() -> None:
    """`numpy.convolve` and `numpy.correlate` go, with the C functions behind them."""
    for name, module in list(sys.modules.items()):
        if name == "numpy" or name.startswith("numpy."):
            for attribute in _NUMPY_NAMES:
                if attribute in vars(module):
                    setattr(module, attribute, _numpy_refusal(attribute))


def _numpy_refusal(name: str) -> Any:
    def refuse(*_args: Any, **_kwargs: Any) -> NoReturn:
        raise OperatorBanned(f"this assignment forbids `numpy.{name}`")

    return refuse


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
