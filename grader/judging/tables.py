"""Whether a frame, series or index of pandas agrees with the expected one.

The rows' labels, the columns and their order have to match, then each column. A missing value agrees with a missing
value. Integers of any size agree, and texts of any dtype; the names of a series and of an index do not count.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from grader.guest.frames import TIMES, Column, is_frame, taken_apart
from grader.judging.wording import kind, percent, short

Relative = Callable[[np.ndarray, np.ndarray], float]  # the tolerance that fits two columns


def difference(answer: Any, expected: Any, name: str, relative: Relative) -> str:
    """How `answer`, which is called `name`, differs from `expected`: a sentence for the student, "" where it agrees."""
    asked = taken_apart(expected)
    got = taken_apart(answer) if is_frame(answer) else None
    if got is None or got.kind != asked.kind:
        return f"{name} is {kind(answer)}; a pandas {asked.kind} is asked for"
    labels, others = ([column.label for column in one.columns] for one in (got, asked))
    if got.kind == "DataFrame" and labels != others:
        shown = ", ".join(map(short, labels[:12])) or "none"
        missing = [label for label in others if label not in labels]
        if missing:
            return f"{name} has no column {short(missing[0])}; it has {shown}"
        return f"{name} has the columns {shown}; fewer, or another order, are asked for"
    if len(answer) != len(expected):
        return f"{name} has {len(answer)} rows; {len(expected)} are asked for"
    if len(got.levels) != len(asked.levels):
        return f"the index of {name} has {len(got.levels)} levels; {len(asked.levels)} are asked for"
    rows = [(f"the index of {name}", *pair) for pair in zip(got.levels, asked.levels, strict=True)]
    columns = [
        (name if asked.kind == "Series" else f"column {short(one.label)} of {name}", one, other)
        for one, other in zip(got.columns, asked.columns, strict=True)
    ]
    return next(filter(None, (_column(*each, relative) for each in (*rows, *columns))), "")


def _column(name: str, answer: Column, expected: Column, relative: Relative) -> str:
    if not len(expected.data):
        return ""
    kinds = [_kind(answer), _kind(expected)]
    if kinds[0] != kinds[1]:
        return f"{name} holds {kinds[0]}; {kinds[1]} are asked for"
    wrong = (_wrong_floats if kinds[1] == "floats" else _wrong_others)(answer, expected, relative)
    return f"{name} is wrong in {percent(float(wrong.mean()))} of its rows" if wrong.any() else ""


def _wrong_floats(answer: Column, expected: Column, relative: Relative) -> Any:
    one, other = np.asarray(answer.data), np.asarray(expected.data)
    size = np.abs(other[np.isfinite(other)])
    allowed = relative(one, other) * (float(size.max(initial=0.0)) or 1.0)
    with np.errstate(invalid="ignore"):
        is_near = (one == other) | (np.abs(one - other) <= allowed)
    return ~(is_near | (np.isnan(one) & np.isnan(other)))


def _wrong_others(answer: Column, expected: Column, _: Relative) -> Any:
    pairs = zip(_listed(answer), _listed(expected), strict=True)
    return np.array([type(one) is not type(other) or one != other for one, other in pairs])


def _listed(column: Column) -> list[Any]:
    if column.dtype in TIMES:  # as whole microseconds, whatever unit pandas chose
        unit = f"{column.dtype.partition('[')[0]}[us]"
        return column.data.view(column.dtype).astype(unit).view(np.int64).tolist()  # type: ignore[no-any-return]
    found = column.data.tolist() if isinstance(column.data, np.ndarray) else column.data
    return [None if isinstance(one, float) and math.isnan(one) else one for one in found]


def _kind(column: Column) -> str:
    if column.dtype in TIMES:
        return "times"
    if not isinstance(column.data, np.ndarray):
        return "texts"
    return {"f": "floats", "c": "complex numbers", "b": "truth values"}.get(column.data.dtype.kind, "integers")
