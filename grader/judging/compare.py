"""Whether a student's answer agrees with the expected one, and how to say so without giving it away.

Pure: plain data in, a `Disagreement` or None out. The order is type → shape → dtype → finiteness → value, so that
the first message is the most useful one. Nothing here trusts the answer beyond what the bridge decoded.
"""

from __future__ import annotations

import contextlib
import dataclasses
import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import torch

from grader.guest import codec, frames
from grader.judging import tables
from grader.judging.wording import Fields, kind, percent, short
from grader.outcome import Evidence

__all__ = ["Disagreement", "compare", "kind", "watched"]  # kind: for suites

# Error allowed per element, relative to the expected tensor's largest one: any order of summation stays orders of
# magnitude below, every known mistake orders of magnitude above.
TOLERANCE = {
    torch.float64: 1e-9,
    torch.float32: 2e-5,
    torch.float16: 2e-2,
    torch.bfloat16: 6e-2,
    torch.complex128: 1e-9,
    torch.complex64: 2e-5,
}
_WATCHED: list[list[tuple[float, float]]] = []  # who wants to know how close answers are
LEVELS = (1e-8, 1e-6, 1e-5, 1e-3, 1e-2, 1e-1, 1.0, 10.0)  # where a level of an error map ends: of the largest number
FLOAT32 = 1e-5  # of the largest number: what a computation in float32 is off by, at most
FACT_ELEMENTS = 3  # from which on one factor for all tells anything
MAP_SIDE = 28  # cells of an error map along each axis, at most


@contextlib.contextmanager
def watched() -> Iterator[list[tuple[float, float]]]:
    """Note (error, tolerance), both relative, of every floating tensor that is compared meanwhile: to calibrate."""
    seen: list[tuple[float, float]] = []
    _WATCHED.append(seen)
    try:
        yield seen
    finally:
        _WATCHED.remove(seen)


class Disagreement(AssertionError):
    """A wrong answer. `message` is for the student; `evidence` describes a wrong tensor."""

    def __init__(self, message: str, evidence: Evidence | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.evidence = evidence
        self.call: Any = None  # the recorded call whose answer it is, where that is known


def compare(
    answer: Any, expected: Any, *, output: str | None = None, tolerance: float | None = None
) -> Disagreement | None:
    """How `answer` differs from `expected`, or None where it agrees.

    `expected` decides the type: a tensor or a numpy array (shape, dtype and values must match), a number (numpy's are
    numbers, too), bool, str, None or set, a frame or series of pandas (see `grader.judging.tables`), or a list, tuple,
    dictionary, named tuple or dataclass of these, to any depth. A list answers for a tuple. `tolerance` is relative,
    see `TOLERANCE`; numbers of Python's use float64's. An object of the student's answers for a dataclass once its
    fields were read, see `Fields`.
    """
    name = f"`{output}`" if output else "the result"
    if isinstance(expected, torch.Tensor):
        return _compare_tensor(answer, expected.detach(), name, output, tolerance)
    if is_number(expected):
        return _compare_number(answer, expected, name, tolerance)
    if isinstance(expected, np.ndarray):
        return _compare_array(answer, expected, name, output, tolerance)
    if frames.is_frame(expected):
        wrong = tables.difference(answer, expected, name, lambda *data: tolerance or max(map(tolerance_of, data)))
        return Disagreement(wrong) if wrong else None
    if isinstance(expected, list | tuple):
        return _compare_sequence(answer, expected, name, output, tolerance)
    if isinstance(expected, dict):
        return _compare_dict(answer, expected, name, output, tolerance)
    if is_record(expected):
        return _compare_record(answer, expected, name, output, tolerance)
    return _compare_other(answer, expected, name)


def is_record(value: Any) -> bool:
    """Whether a value is an object of a dataclass."""
    return dataclasses.is_dataclass(value) and not isinstance(value, type)


def fields_of(record: Any) -> tuple[str, ...]:
    """The names of a dataclass's fields that are compared: those that are public, and that it compares itself."""
    return tuple(one.name for one in dataclasses.fields(record) if one.compare and not one.name.startswith("_"))


def is_number(value: Any) -> bool:
    """Whether a value is a number of Python's or numpy's, or a truth value."""
    if isinstance(value, np.ndarray | np.generic):
        return not np.ndim(value) and value.dtype.kind in "biufc"
    return isinstance(value, int | float | complex)  # bool is an int


def as_number(value: Any) -> Any:
    """A number as one of Python's own."""
    return value.item() if isinstance(value, np.ndarray | np.generic) else value


def tolerance_of(number: Any) -> float:
    """The relative tolerance that fits a number's precision."""
    if isinstance(number, np.ndarray | np.generic):  # an array's too
        return _BY_NAME.get(number.dtype.name, TOLERANCE[torch.float64])
    return TOLERANCE[torch.float64]


_BY_NAME = {str(dtype).removeprefix("torch."): value for dtype, value in TOLERANCE.items()}


def _compare_number(answer: Any, expected: Any, name: str, tolerance: float | None) -> Disagreement | None:
    relative = max(tolerance_of(answer), tolerance_of(expected)) if tolerance is None else tolerance
    expected, given = as_number(expected), answer
    answer = as_number(answer) if is_number(answer) else answer
    asked = type(expected)
    accepted: tuple[type, ...] = {bool: (bool,), int: (int,), float: (int, float), complex: (int, float, complex)}[
        asked
    ]
    if not isinstance(answer, accepted) or isinstance(answer, bool) != (asked is bool):
        return Disagreement(
            f"{name} is {kind(given if isinstance(given, np.ndarray) else answer)}; {kind(expected)} is asked for"
        )
    if answer == expected or (
        isinstance(answer, int | float | complex) and asked in (float, complex) and _is_near(answer, expected, relative)
    ):
        return None
    if isinstance(answer, float | complex):
        spelt = f"{answer:.6g}" if isinstance(answer, complex) or math.isfinite(answer) else str(answer)
        return Disagreement(f"{name} is {spelt}" + (", which is wrong" if np.isfinite(answer) else ""))
    return Disagreement(f"{name} is {short(answer)}, which is wrong")


def _is_near(answer: complex, expected: complex, relative: float) -> bool:
    try:
        return bool(np.isfinite(expected)) and abs(answer - expected) <= relative * max(abs(expected), 1.0)
    except OverflowError:  # an integer beyond any float
        return False


def _compare_other(answer: Any, expected: Any, name: str) -> Disagreement | None:
    """Texts, None, sets, and whatever else compares by itself."""
    is_set = isinstance(expected, set | frozenset)
    if not (isinstance(answer, set | frozenset) if is_set else type(answer) is type(expected)):
        asked = "None" if expected is None else "a set" if is_set else kind(expected)
        return Disagreement(f"{name} is {kind(answer)}; {asked} is asked for")
    if answer == expected:
        return None
    if is_set and len(answer) != len(expected):
        return Disagreement(f"{name} has {len(answer)} elements; {len(expected)} are asked for")
    return Disagreement(f"{name} is {short(answer)}, which is wrong")


def _compare_sequence(
    answer: Any, expected: Any, name: str, output: str | None, tolerance: float | None
) -> Disagreement | None:
    fields = getattr(expected, "_fields", None)  # of a named tuple
    if not isinstance(answer, list | tuple):
        asked = "a list" if isinstance(expected, list) else "a tuple"
        what = f"{asked} ({', '.join(fields)})" if fields else f"{asked} of {len(expected)}"
        return Disagreement(f"{name} is {kind(answer)}; {what} is asked for")
    if len(answer) != len(expected):
        return Disagreement(f"{name} has {len(answer)} entries; {len(expected)} are asked for")
    for i, (one, other) in enumerate(zip(answer, expected, strict=True)):
        inner = f"{output or 'result'}.{fields[i]}" if fields else f"{output or 'result'}[{i}]"
        if wrong := compare(one, other, output=inner, tolerance=tolerance):
            return wrong
    return None


def _compare_dict(
    answer: Any, expected: Mapping[Any, Any], name: str, output: str | None, tolerance: float | None
) -> Disagreement | None:
    if not isinstance(answer, dict) or isinstance(answer, Fields):
        return Disagreement(f"{name} is {kind(answer)}; a dictionary is asked for")
    expected = {as_number(key): value for key, value in expected.items()}
    if missing := [key for key in expected if key not in answer]:
        return Disagreement(
            f"{name} has {len(answer)} keys; {len(expected)} are asked for, and one is missing: {short(missing[0])}"
        )
    if extra := [key for key in answer if key not in expected]:
        return Disagreement(f"{name} has a key that is not asked for: {short(extra[0])}")
    for key, other in expected.items():
        if wrong := compare(answer[key], other, output=f"{output or 'result'}[{short(key)}]", tolerance=tolerance):
            return wrong
    return None


def _compare_record(
    answer: Any, expected: Any, name: str, output: str | None, tolerance: float | None
) -> Disagreement | None:
    names = fields_of(expected)
    if is_record(answer):
        answer = Fields(type(answer).__name__, {one: getattr(answer, one) for one in names if hasattr(answer, one)})
    if not isinstance(answer, Fields):
        return Disagreement(f"{name} is {kind(answer)}; an object with {', '.join(names)} is asked for")
    for one in names:
        if one not in answer:
            return Disagreement(f"{name} has no `{one}`")
        inner = f"{output or 'result'}.{one}"
        if wrong := compare(answer[one], getattr(expected, one), output=inner, tolerance=tolerance):
            return wrong
    return None


def _compare_array(
    answer: Any, expected: np.ndarray, name: str, output: str | None, tolerance: float | None
) -> Disagreement | None:
    """As tensors are compared. Texts and mixed arrays are equal element by element."""
    if not isinstance(answer, np.ndarray):
        return Disagreement(f"{name} is {kind(answer)}; a numpy array is asked for")
    if answer.shape != expected.shape:
        return Disagreement(f"{name} has shape {answer.shape}; {expected.shape} is asked for")
    if expected.dtype.kind in "biufc" and answer.dtype.kind in "biufc":
        if expected.dtype.name not in _SENT:
            expected = expected.astype(_WIDEST[expected.dtype.kind])
        ours = torch.from_numpy(np.array(expected))
        return _compare_tensor(torch.from_numpy(np.array(answer)), ours, name, output, tolerance)
    if expected.dtype.kind == answer.dtype.kind or {expected.dtype.kind, answer.dtype.kind} <= set("UO"):
        wrong = np.asarray(answer != expected, dtype=bool)
        if not wrong.any():
            return None
        return Disagreement(f"{name} is wrong in {percent(float(wrong.mean()))} of its elements")
    return Disagreement(f"{name} has dtype {answer.dtype}; {expected.dtype} is asked for")


_SENT = {name for _, name in codec.DTYPES}
_WIDEST = {"u": "int64", "i": "int64", "f": "float64", "c": "complex128", "b": "bool"}


def _compare_tensor(
    answer: Any, expected: torch.Tensor, name: str, output: str | None, tolerance: float | None
) -> Disagreement | None:
    if not isinstance(answer, torch.Tensor):
        return Disagreement(f"{name} is {kind(answer)}; a torch.Tensor is asked for")
    if answer.shape != expected.shape or answer.dtype != expected.dtype:
        return _wrong_form(answer, expected, name, output)
    if expected.numel() == 0 or _plainly_right(answer, expected, tolerance):
        return None
    error, allowed = _errors(answer, expected, tolerance)
    wrong = ~(error <= allowed)  # NaN and infinity are "not within tolerance"
    if not bool(wrong.any()):
        return None
    ratio = torch.where(wrong, error / allowed, (error / allowed).nan_to_num(nan=0.0))
    relative = TOLERANCE.get(expected.dtype, 1.0) if tolerance is None else tolerance
    levels = _error_map(ratio, relative)
    return _wrong_values(answer, expected, error, ratio, wrong, levels, name, output)


def _plainly_right(answer: torch.Tensor, expected: torch.Tensor, tolerance: float | None) -> bool:
    """The common case in three operators. Says no where anything is infinite or NaN: the long way will tell."""
    if not expected.is_floating_point():
        return False
    relative = TOLERANCE[expected.dtype] if tolerance is None else tolerance
    largest = float(torch.linalg.vector_norm(expected, math.inf))
    error = float(torch.linalg.vector_norm(answer - expected, math.inf))
    for seen in _WATCHED:
        seen.append((error / (largest or 1.0), relative))
    return 0 < largest < math.inf and error <= relative * largest


def _wrong_form(answer: torch.Tensor, expected: torch.Tensor, name: str, output: str | None) -> Disagreement:
    evidence = _evidence(answer, expected, output)
    if answer.shape != expected.shape:
        message = f"{name} has shape {tuple(answer.shape)}; {tuple(expected.shape)} is asked for"
    else:
        message = f"{name} has dtype {evidence.dtype}; {evidence.expected_dtype} is asked for"
    return Disagreement(message, evidence)


def _errors(answer: torch.Tensor, expected: torch.Tensor, tolerance: float | None) -> tuple[torch.Tensor, torch.Tensor]:
    """Absolute error and what is allowed of it, both float64 and of `expected`'s shape."""
    if not (expected.is_floating_point() or expected.is_complex()):
        error = (answer.double() - expected.double()).abs().clamp(min=1)  # integers of 64 bits may round to the same
        return torch.where(answer == expected, 0.0, error), torch.full(expected.shape, 0.5, dtype=torch.float64)
    relative = TOLERANCE[expected.dtype] if tolerance is None else tolerance
    wide = torch.complex128 if expected.is_complex() else torch.float64
    size = expected.to(wide).abs()
    scale = float(size[torch.isfinite(size)].amax()) if bool(torch.isfinite(size).any()) else 0.0
    error = (answer.to(wide) - expected.to(wide)).abs()
    error = torch.where(answer == expected, 0.0, error)  # ±inf where infinity is right
    return error, torch.full_like(error, relative * (scale or 1.0))


def _wrong_values(
    answer: torch.Tensor,
    expected: torch.Tensor,
    error: torch.Tensor,
    ratio: torch.Tensor,
    wrong: torch.Tensor,
    levels: tuple[tuple[int, ...], ...],
    name: str,
    output: str | None,
) -> Disagreement:
    ratio = ratio.nan_to_num(nan=math.inf)
    worst = int(ratio.argmax())
    where = tuple(int(i) for i in np.unravel_index(worst, tuple(expected.shape))) if expected.dim() else ()
    share = float(wrong.double().mean())
    evidence = _evidence(
        answer,
        expected,
        output,
        wrong_share=share,
        largest_error=float(error.nan_to_num(nan=math.inf).reshape(-1)[worst]),
        largest_error_at=where,
        error_over_tolerance=float(ratio.reshape(-1)[worst]),
        error_map=levels,
        fact=_fact(answer, expected),
    )
    if (answer.is_floating_point() or answer.is_complex()) and not bool(torch.isfinite(answer).all()):
        bad = float((~torch.isfinite(answer)).double().mean())
        return Disagreement(f"{name} holds NaN or infinity in {percent(bad)} of its elements", evidence)
    return Disagreement(f"{name} is wrong in {percent(share)} of its elements", evidence)


def _evidence(answer: torch.Tensor, expected: torch.Tensor, output: str | None, **seen: Any) -> Evidence:
    return Evidence(
        output=output,
        shape=tuple(answer.shape),
        dtype=_dtype(answer),
        expected_shape=tuple(expected.shape),
        expected_dtype=_dtype(expected),
        **seen,
    )


def _dtype(tensor: torch.Tensor) -> str:
    return str(tensor.dtype).removeprefix("torch.")


def _error_map(ratio: torch.Tensor, tolerance: float) -> tuple[tuple[int, ...], ...]:
    """The worst error over all but the last two axes, as levels, of its size beside the largest expected number.

    0 is within tolerance; 1 to 3 are rounding, of float32 or of a sum; 4 to 6 are nearly right, 7 to 9 wrong: up to as
    large as that number, ten times as large, and more. Levels tell where and how badly, never a value.
    """
    plane = torch.atleast_2d(ratio.clamp(max=1e30)).reshape(-1, *torch.atleast_2d(ratio).shape[-2:]).amax(0)
    rows, columns = plane.shape
    step = (-(-rows // MAP_SIDE), -(-columns // MAP_SIDE))
    if step != (1, 1):
        plane = torch.nn.functional.max_pool2d(plane[None], step, ceil_mode=True)[0]
    levels = torch.bucketize(plane * tolerance, torch.tensor(LEVELS, dtype=plane.dtype)) + 1
    levels = torch.where(plane <= 1, 0, levels)
    return tuple(tuple(row) for row in levels.tolist())


def _fact(answer: torch.Tensor, expected: torch.Tensor) -> str:
    """What explains every element of a wrong answer, if one simple thing does: measured, it names no mistake."""
    if not (expected.is_floating_point() and answer.is_floating_point()) or expected.numel() < FACT_ELEMENTS:
        return ""
    one, other = answer.detach().double().flatten(), expected.double().flatten()
    if not bool(torch.isfinite(one).all() and torch.isfinite(other).all()):
        return ""
    scale, slack = float(other.abs().max()), 100 * TOLERANCE[expected.dtype]
    if not scale or bool((other == other[0]).all()):
        return ""  # any factor, and any offset, would explain it
    error = (one - other).abs()
    if expected.dtype is torch.float64 and float(error.max()) < FLOAT32 * scale:
        return "it is right to the precision of float32, and no further"
    if bool(((one + other).abs() <= slack * scale).all()):
        return "every element has the wrong sign, and is right but for that"
    factor = float(one @ other) / float(other @ other)
    if bool(((one - factor * other).abs() <= slack * scale * max(1.0, abs(factor))).all()):
        return _factor(factor, expected)
    if bool(((one - other) - (one - other).mean()).abs().max() <= slack * scale):
        return "every element is off by one and the same number"
    return ""


def _factor(factor: float, expected: torch.Tensor) -> str:
    """A factor in words: of the sizes of the tensor, if it is made of them, or a small whole number."""
    for n in dict.fromkeys([*range(2, 11), *expected.shape, expected.numel()]):
        for k, words in ((n, f"{n} times"), (1 / n, f"1/{n} of")):
            if n > 1 and math.isclose(factor, k, rel_tol=1e-6):
                return f"every element is {words} the expected one"
    for n in dict.fromkeys([*expected.shape, expected.numel(), *range(3, 11)]):
        for k, words in ((n - 1, f"{n - 1}/{n}"), (n / (n - 1) * n if n > 1 else 0, f"{n}/{n - 1}")):
            if n > 2 and math.isclose(factor * n, k, rel_tol=1e-6):  # of 2 it is a half
                return f"every element is {words} of the expected one"
    return "every element is the expected one times one and the same number"
