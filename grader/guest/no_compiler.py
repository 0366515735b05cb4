"""Replaces the parts of torch that call its compiler, which is not in the sandbox.

Much of eager torch asks the compiler a question that has one answer without it: `y.backward(dout)` and
`torch.unravel_index` compare sizes by way of `torch.fx.experimental.symbolic_shapes`, `torch.optim` and `torch.func`
mark functions by way of `torch._dynamo`. Both need sympy. A correct submission must not fail because of that.
"""

from __future__ import annotations

import contextlib
import sys
from types import ModuleType
from typing import Any

import torch
import torch.testing


def install() -> None:
    """Put the substitutes where torch looks, and make `torch.compile` hand its function back."""
    _module(
        "torch.fx.experimental.symbolic_shapes",
        expect_true=bool,
        sym_eq=lambda one, other: bool(one == other),
        sym_and=lambda *conditions: all(conditions),
        sym_or=lambda *conditions: any(conditions),
        guard_or_false=bool,
        guard_or_true=bool,
        guard_size_oblivious=bool,
        statically_known_true=bool,
        is_symbolic=_never,
        is_nested_int=_never,
        has_free_symbols=_never,
        has_free_unbacked_symbols=_never,
        free_unbacked_symbols=lambda _: set(),
        has_guarding_hint=lambda _: True,
        guarding_hint_or_throw=int,
        _advise_is_size=lambda _size: None,
        _advise_is_bounded=lambda _size, _bound: None,
    )
    compiled_autograd = _module("torch._dynamo.compiled_autograd", _disable=contextlib.nullcontext)
    _module(
        "torch._dynamo",
        compiled_autograd=compiled_autograd,
        disable=as_it_is,
        allow_in_graph=as_it_is,
        disallow_in_graph=as_it_is,
        graph_break=lambda *_args, **_kwargs: None,
    )
    torch.compile = as_it_is  # type: ignore[assignment]
    torch.use_deterministic_algorithms = _use_deterministic_algorithms
    torch.testing._comparison._HAS_DTENSOR = False  # else `assert_close` looks for tensors of many machines


def _module(name: str, **names: Any) -> ModuleType:
    module = ModuleType(name)
    vars(module).update(names)
    sys.modules[name] = module
    return module


def _never(_: Any) -> bool:
    """Sizes are plain numbers here."""
    return False


def _use_deterministic_algorithms(mode: bool, *, warn_only: bool = False) -> None:
    """Without a word to the compiler."""
    torch._C._set_deterministic_algorithms(mode, warn_only=warn_only)


def as_it_is(function: Any = None, *_args: Any, **_kwargs: Any) -> Any:
    """A decorator, with or without arguments, that changes nothing."""
    if function is not None:
        return function
    return as_it_is
