"""Whether a student's answer agrees with the expected one, and how to say so without giving it away.

Pure: plain data in, a `Disagreement` or None out. The order is type → shape → dtype → finiteness → value, so that
the first message is the most useful one. Nothing here trusts the answer beyond what the bridge decoded.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

from grader.outcome import Evidence

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


def compare(
    answer: Any, expected: Any, *, output: str | None = None, tolerance: float | None = None
) -> Disagreement | None:
    """How `answer` differs from `expected`, or None where it agrees.

    `expected` decides the type: a tensor (shape, dtype and values must match), an int, float, bool, str or None, or a
    list or tuple of these (a list answers for a tuple). `tolerance` is relative, see `TOLERANCE`; floats outside
    tensors use float64's.
    """
    name = f"`{output}`" if output else "the result"
    if isinstance(expected, torch.Tensor):
        return _compare_tensor(answer, expected.detach(), name, output, tolerance)
    if isinstance(expected, list | tuple):
        return _compare_sequence(answer, expected, output, tolerance)
    return _compare_scalar(answer, expected, name, tolerance)


def kind(value: Any) -> str:
    """What a value is, in the words of a student: "a tensor of shape (3, 4)", "None", "a numpy array"."""
    if isinstance(value, torch.Tensor):
        return f"a tensor of shape {tuple(value.shape)}"
    if isinstance(value, np.ndarray | np.generic):
        return "a numpy array" if np.ndim(value) else "a numpy number"
    if isinstance(value, tuple | list | dict):
        return f"a {type(value).__name__} of {len(value)}"
    if value is None:
        return "None"
    name = getattr(value, "_type_name", type(value).__name__)  # of a handle: the type of what it stands for
    return f"{'an' if name[:1] in tuple('aeiouAEIOU') else 'a'} {name}"


def _compare_scalar(answer: Any, expected: Any, name: str, tolerance: float | None) -> Disagreement | None:
    if isinstance(expected, float):
        if isinstance(answer, np.ndarray | np.generic) and not np.ndim(answer) and answer.dtype == np.float64:
            answer = float(answer)  # numpy's number of 64 bits is a float of Python's
        if isinstance(answer, bool) or not isinstance(answer, int | float):
            return Disagreement(f"{name} is {kind(answer)}; a float is asked for")
        relative = TOLERANCE[torch.float64] if tolerance is None else tolerance
        allowed = relative * max(abs(expected), 1.0) if math.isfinite(expected) else 0.0
        if answer == expected or abs(answer - expected) <= allowed:
            return None
        return Disagreement(
            f"{name} is {answer:.6g}, which is wrong" if math.isfinite(answer) else f"{name} is {answer}"
        )
    if type(answer) is not type(expected):
        asked = "None" if expected is None else kind(expected)
        return Disagreement(f"{name} is {kind(answer)}; {asked} is asked for")
    return None if answer == expected else Disagreement(f"{name} is {_short(answer)}, which is wrong")


def _compare_sequence(answer: Any, expected: Any, output: str | None, tolerance: float | None) -> Disagreement | None:
    if not isinstance(answer, list | tuple):
        return Disagreement(f"the result is {kind(answer)}; a tuple of {len(expected)} is asked for")
    if len(answer) != len(expected):
        return Disagreement(f"the result has {len(answer)} entries; {len(expected)} are asked for")
    for i, (one, other) in enumerate(zip(answer, expected, strict=True)):
        wrong = compare(one, other, output=f"{output or 'result'}[{i}]", tolerance=tolerance)
        if wrong:
            return wrong
    return None


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
    return _wrong_values(answer, expected, error, ratio, wrong, name, output)


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
        error_map=_error_map(ratio),
    )
    if (answer.is_floating_point() or answer.is_complex()) and not bool(torch.isfinite(answer).all()):
        bad = float((~torch.isfinite(answer)).double().mean())
        return Disagreement(f"{name} holds NaN or infinity in {_percent(bad)} of its elements", evidence)
    return Disagreement(f"{name} is wrong in {_percent(share)} of its elements", evidence)


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


def _error_map(ratio: torch.Tensor) -> tuple[tuple[int, ...], ...]:
    """The worst error over all but the last two axes, as levels 0 (within tolerance) to 9, one per decade and a bit.

    Levels tell where and how badly, never a value.
    """
    plane = torch.atleast_2d(ratio.clamp(max=1e30)).reshape(-1, *torch.atleast_2d(ratio).shape[-2:]).amax(0)
    rows, columns = plane.shape
    step = (-(-rows // MAP_SIDE), -(-columns // MAP_SIDE))
    if step != (1, 1):
        plane = torch.nn.functional.max_pool2d(plane[None], step, ceil_mode=True)[0]
    levels = torch.where(plane <= 1, 0.0, (1 + plane.log10()).clamp(1, 9)).int()
    return tuple(tuple(row) for row in levels.tolist())


def _percent(share: float) -> str:
    if share == 1:
        return "all"
    if share > 0.99:
        return "over 99%"
    return f"{share:.0%}" if share >= 0.01 else f"{share:.2%}" if share >= 0.0001 else "under 0.01%"


def _short(value: Any, limit: int = 80) -> str:
    text = repr(value)
    return text if len(text) <= limit else text[: limit - 1] + "…"
