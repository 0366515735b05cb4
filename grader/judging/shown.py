"""Values of an example as a person reads them, as Python writes them, and as JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

from grader.judging.inputs import SHOWN, STEPS
from grader.outcome import Shown

TEXT = 2_000  # characters of a value
CHUNK = 1_024  # numbers


def shown(name: str, value: Any) -> Shown:
    """A value to look at."""
    if isinstance(value, np.ndarray):
        value = torch.as_tensor(value)
    if not isinstance(value, torch.Tensor):
        return Shown(name, _cut(literal(value)))
    form = f"{str(value.dtype).removeprefix('torch.')}[{'×'.join(map(str, value.shape)) or 'scalar'}]"
    if not 0 < value.numel() <= SHOWN:
        return Shown(name, f"a tensor of shape {tuple(value.shape)}", form)
    flat = torch.atleast_2d(value.detach()).reshape(-1, *torch.atleast_2d(value).shape[-2:])
    planes = tuple(tuple(tuple(map(number, row)) for row in plane) for plane in flat.tolist())
    return Shown(name, _cut(literal(value)), form, planes)


def number(value: Any) -> str:
    """A number in few characters: "3", "-0.25", "0.3333"."""
    if isinstance(value, float):
        if value.is_integer() and abs(value) < 1e9:
            return str(int(value))
        return f"{value:.4g}"
    return str(value)


def literal(value: Any) -> str:
    """A value as Python that makes it, where `torch` is imported."""
    match value:
        case torch.Tensor():
            data = _nested(value.detach().tolist())
            usual = torch.float32 if value.is_floating_point() else torch.int64 if value.dtype is torch.int64 else None
            dtype = "" if value.dtype in (usual, torch.bool) else f", dtype={value.dtype}"
            if value.numel() > SHOWN and (formula := _formula(value)):
                return formula
            if value.numel() == 0:
                return f"torch.zeros({tuple(value.shape)}{dtype})"
            return f"torch.tensor({data}{dtype})"
        case np.ndarray():
            return literal(torch.as_tensor(value))
        case list():
            return f"[{', '.join(map(literal, value))}]"
        case tuple():
            return f"({', '.join(map(literal, value))}{',' if len(value) == 1 else ''})"
        case dict():
            return f"{{{', '.join(f'{key!r}: {literal(item)}' for key, item in value.items())}}}"
        case float() if not math.isfinite(value):
            return f'float("{value}")'
    return repr(value)


def numbers(value: Any) -> Iterator[float]:
    """Every number in plain data, but for truths."""
    match value:
        case torch.Tensor():
            if value.dtype is not torch.bool and not value.is_complex():
                for some in value.detach().flatten().split(CHUNK):  # a reader may stop early
                    yield from some.double().tolist()
        case np.ndarray():
            yield from numbers(torch.as_tensor(value))
        case list() | tuple():
            for item in value:
                yield from numbers(item)
        case dict():
            yield from numbers(list(value.values()))
        case int() | float() if not isinstance(value, bool):
            yield float(value)


def is_small(value: float) -> bool:
    """Whether a number is whole and has one or two digits."""
    return math.isfinite(value) and abs(value) < 100 and value == round(value)


def as_json(function: str, args: tuple[Any, ...], kwargs: dict[str, Any], expected: Any, raises: str) -> str:
    """An example as a file: a call and what it should give."""
    packed = {
        "function": function,
        "args": _pack(list(args)),
        "kwargs": {key: _pack(one) for key, one in kwargs.items()},
    }
    packed |= {"raises": raises} if raises else {"expected": _pack(expected)}
    return json.dumps(packed)


def from_json(packed: Any) -> Any:
    """A value of such a file. Raises `ValueError` where it is none."""
    match packed:
        case list():
            return [from_json(item) for item in packed]
        case {"tensor": data, "dtype": str(name), "shape": list(sizes)}:
            dtype = getattr(torch, name, None)
            if not isinstance(dtype, torch.dtype):
                raise ValueError(f"{name!r} is no dtype of torch")  # noqa: TRY004 - the file is wrong
            return torch.tensor(_floats(data), dtype=dtype).reshape(sizes)
        case {"tuple": list(items)}:
            return tuple(from_json(item) for item in items)
        case {"dict": list(items)}:
            return {from_json(key): from_json(item) for key, item in items}
        case {"float": str(text)}:
            return float(text)
        case dict():
            raise ValueError("it holds something of no known kind")
    return packed


def _formula(value: torch.Tensor) -> str:
    """A large tensor of `Small`'s, or one of equal elements, as what makes it; "" for any other."""
    flat, made_of = value.detach().flatten(), tuple(value.shape)
    dtype = "" if value.dtype is torch.float32 else f", dtype={value.dtype}"
    if bool((flat == flat[0]).all()):
        return f"torch.full({made_of}, {_nested(flat[0].item())}{dtype})"
    for step in STEPS:
        if torch.equal((torch.arange(len(flat)) * step % 10 - 4).to(value.dtype), flat):
            return f"(torch.arange({len(flat)}) * {step} % 10 - 4).to({value.dtype}).reshape({made_of})"
    return ""


def _pack(value: Any) -> Any:
    match value:
        case np.ndarray():
            return _pack(torch.as_tensor(value))
        case torch.Tensor():
            flat = [_pack(item) for item in value.detach().flatten().tolist()]
            return {"tensor": flat, "dtype": str(value.dtype).removeprefix("torch."), "shape": list(value.shape)}
        case list():
            return [_pack(item) for item in value]
        case tuple():
            return {"tuple": [_pack(item) for item in value]}
        case dict():
            return {"dict": [[_pack(key), _pack(item)] for key, item in value.items()]}
        case float() if not math.isfinite(value):
            return {"float": str(value)}
    return value


def _floats(data: list[Any]) -> list[Any]:
    return [from_json(item) for item in data]


def _nested(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_nested, value))}]"
    if isinstance(value, float):
        if not math.isfinite(value):
            return f'float("{value}")'
        return f"{int(value)}.0" if value.is_integer() and abs(value) < 1e9 else repr(value)
    return repr(value)


def _cut(text: str) -> str:
    return text if len(text) <= TEXT else text[: TEXT - 1] + "…"
