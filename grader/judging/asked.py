"""How a check asked the student's code, in words that tell no hidden value: forms, options, the outline of a program.

A tensor is told by its dtype and shape. Numbers are told where they are options: by name, or beside a tensor.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import torch

from grader.guest import codec
from grader.guest.values import OPERATORS
from grader.homework import Homework
from grader.judging.bridge.examination import RecordedCall
from grader.judging.bridge.student import Handle
from grader.judging.trees import parts
from grader.outcome import Asked

STEPS = 6  # of a check with objects that are told: the last ones
ITEMS = 8  # of a list
WIDTH = 300  # characters of one step
SIGNS = {"add": "+", "sub": "-", "mul": "*", "truediv": "/", "pow": "**", "matmul": "@"}


class Outline:
    """The names that a homework's handout gives: its functions, their parameters, and what they are made of."""

    def __init__(self, homework: Homework) -> None:
        self._homework = homework

    @cached_property
    def parameters(self) -> dict[str, tuple[str, ...]]:
        """Function of the handout (or of `probes.py`, then with its prefix) → the names of its parameters."""
        probes = {codec.PROBES + name: found[1:] for name, found in _signatures(self._homework.probes_source).items()}
        return {**_signatures(self._homework.starter_source), **probes}

    @cached_property
    def _used(self) -> dict[str, tuple[str, ...]]:
        """Function → functions of the handout that the model answer's, or the probe, names."""
        names = [name for name in self.parameters if not name.startswith(codec.PROBES)]
        used = {name: _named(node, names) for name, node in _definitions(self._homework.reference_source).items()}
        return used | {
            codec.PROBES + name: _named(node, names)
            for name, node in _definitions(self._homework.probes_source).items()
        }

    def built_on(self, function: str) -> tuple[str, ...]:
        """What the model answer's function is made of, directly or not."""
        found: dict[str, None] = {}
        left = list(self._used.get(function, ()))
        while left:
            name = left.pop()
            if name not in found and name != function:
                found[name] = None
                left += self._used.get(name, ())
        return tuple(sorted(found))

    def asked(self, calls: Sequence[RecordedCall], blamed: RecordedCall | None = None) -> Asked:
        """What a check asked until it ended with what `blamed` answered, or the last call."""
        own = [call for call in calls if call.experiment is None]
        if not own:
            return Asked()
        place = next((i for i, call in enumerate(own) if call is blamed), len(own) - 1)
        last, before = own[place], own[: place + 1]
        function = self._function(before)
        has_objects = last.target is not None or any(
            isinstance(part, Handle) for part in parts((last.args, last.kwargs))
        )
        steps = before[-STEPS:] if has_objects else [last]
        text = "\n".join(self._step(call) for call in steps)
        return Asked(
            function,
            f"…\n{text}" if has_objects and len(before) > STEPS else text,
            self.built_on(function),
            by_chance=len(own) < len(calls),
        )

    def _function(self, calls: Sequence[RecordedCall]) -> str:
        """The function or class of the handout that the last of these calls is about."""
        for call in reversed(calls):
            names = list(_candidates(call))
            for name in names:
                if name in self.parameters and not name.startswith(codec.PROBES):
                    return name
            used = self._used.get(call.function, ()) if call.function.startswith(codec.PROBES) else ()
            if used:
                return used[0]
        return ""

    def _step(self, call: RecordedCall) -> str:
        if call.operation == "get":
            text = f"{_kind(call.target)}.{call.args[0]}"
        elif call.operation in OPERATORS:
            text = _operation(call)
        else:
            names = self.parameters.get(_bare(call.function), ())
            are_options = any(isinstance(part, torch.Tensor | np.ndarray | Handle) for part in parts(call.args))
            words = [told(value, is_option=are_options) for value in call.args]
            given = [f"{name}: {word}" for name, word in zip(names, words, strict=False)] + words[len(names) :]
            given += [f"{name}={told(value, is_option=True)}" for name, value in call.kwargs.items()]
            name = _bare(call.function).removeprefix(codec.PROBES).removesuffix(".call")
            text = f"{name}({', '.join(given)})"
        return text if len(text) <= WIDTH else text[: WIDTH - 1] + "…"


def told(value: Any, *, is_option: bool = False) -> str:
    """A value without what it holds: "float64[3×2×6×9]", "a list of 5", "int"; options as they are."""
    match value:
        case torch.Tensor() | np.ndarray():
            shape = "×".join(map(str, value.shape)) or "scalar"
            return f"{str(value.dtype).removeprefix('torch.')}[{shape}]"
        case codec.Shared():
            return told(value.tensor)
        case Handle():
            return _kind(value)
        case bool() | str() | None:
            return repr(value)
        case int() | float():
            return f"{value:g}" if is_option else type(value).__name__
        case dict():
            items = [f"{key!r}: {told(item)}" for key, item in list(value.items())[:ITEMS]]
            return f"{{{', '.join([*items, '…'] if len(value) > ITEMS else items)}}}"
        case list() | tuple():
            items = [told(item) for item in value[:ITEMS]]
            inner = ", ".join([*items, "…"] if len(value) > ITEMS else items)
            return f"[{inner}]" if isinstance(value, list) else f"({inner})"
    return type(value).__name__


def _operation(call: RecordedCall) -> str:
    sides = call.args if call.target is None else (call.target, *call.args)
    words = [told(side) for side in sides]
    if call.operation in SIGNS and len(words) == 2:
        return f"{words[0]} {SIGNS[call.operation]} {words[1]}"
    return f"-{words[0]}" if call.operation == "neg" else f"{call.operation}({', '.join(words)})"


def _kind(value: Any) -> str:
    return str(getattr(value, "_type_name", type(value).__name__))


def _candidates(call: RecordedCall) -> Iterator[str]:
    """The names that a call may be about, the likeliest first."""
    if call.target is not None:
        yield _kind(call.target)
    elif call.operation == "call":
        yield _bare(call.function)
    for part in parts((call.args, call.kwargs)):
        if isinstance(part, Handle):
            yield _kind(part)
        elif isinstance(part, str) and call.function.startswith(codec.PROBES):
            yield part


def _bare(name: str) -> str:
    """A function's name, whether it was asked for what it prints, or with stand-ins in the place of others."""
    return name.removeprefix(codec.PRINTED).removeprefix(codec.WIRED)


def _definitions(source: str) -> dict[str, ast.AST]:
    kinds = ast.FunctionDef | ast.ClassDef
    return {node.name: node for node in ast.parse(source).body if isinstance(node, kinds)}


def _signatures(source: str) -> dict[str, tuple[str, ...]]:
    found = {}
    for name, node in _definitions(source).items():
        if isinstance(node, ast.ClassDef):
            made = [one for one in node.body if isinstance(one, ast.FunctionDef) and one.name == "__init__"]
            found[name] = tuple(one.arg for one in made[0].args.args[1:]) if made else ()
        elif isinstance(node, ast.FunctionDef):
            found[name] = tuple(one.arg for one in node.args.args)
    return found


def _named(node: ast.AST, names: Sequence[str]) -> tuple[str, ...]:
    """Which of these names a definition uses, in their order of use."""
    found: Mapping[str, None] = dict.fromkeys(
        one.id if isinstance(one, ast.Name) else one.attr
        for one in ast.walk(node)
        if isinstance(one, ast.Name | ast.Attribute)
    )
    return tuple(name for name in found if name in names)
