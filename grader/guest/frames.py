"""Frames and series of pandas as columns of plain data, and back. pandas is imported only where one is met."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

MOST_COLUMNS = 1_024  # of all frames in one message, levels of indexes too: pandas takes 0.1 ms for each
MOST_LEVELS = 8  # of one index
TIMES = tuple(f"{name}[{unit}]" for name in ("datetime64", "timedelta64") for unit in ("s", "ms", "us", "ns"))
_LISTED = ("str", "object", "category")  # dtypes whose values travel one by one
_VALUES = (str, int, float, bool, type(None))
_LABELS = (*_VALUES, tuple)


class Column(NamedTuple):
    """One column, or one level of an index: its label, its dtype's name, and its data as an array or a list."""

    label: Any
    dtype: str
    data: Any


class Parts(NamedTuple):
    """What a frame, a series or an index is made of. A series has one column, an index none."""

    kind: str  # "DataFrame", "Series", "Index"
    columns: list[Column]
    levels: list[Column]  # of the index


def is_frame(value: Any) -> bool:
    """Whether a value is a frame, a series or an index of pandas."""
    pandas = sys.modules.get("pandas")
    return pandas is not None and isinstance(value, pandas.DataFrame | pandas.Series | pandas.Index)


def taken_apart(value: Any) -> Parts:
    """The columns of a frame, a series or an index. Raises `ValueError` for a dtype that cannot be sent."""
    import pandas as pd

    if getattr(value if isinstance(value, pd.Index) else value.index, "nlevels", 1) > MOST_LEVELS:
        raise ValueError(f"an index of more than {MOST_LEVELS} levels cannot be sent")
    if isinstance(value, pd.Index):
        return Parts("Index", [], _levels(value))
    if isinstance(value, pd.Series):
        return Parts("Series", [_column(value.name, value)], _levels(value.index))
    if value.shape[1] > MOST_COLUMNS:
        raise ValueError(f"a frame of more than {MOST_COLUMNS} columns cannot be sent")
    columns = [_column(label, value.iloc[:, place]) for place, label in enumerate(value.columns)]
    return Parts("DataFrame", columns, _levels(value.index))


def put_together(parts: Parts) -> Any:
    """The frame, series or index that is made of these columns. Raises `ValueError` where they do not fit together."""
    import pandas as pd

    if not 0 < len(parts.levels) <= MOST_LEVELS or len(parts.columns) > MOST_COLUMNS:
        raise ValueError("a frame has no index, or too many columns or levels")
    sizes = {len(column.data) for column in (*parts.columns, *parts.levels)}
    if len(sizes) > 1:
        raise ValueError("the columns of a frame differ in length")
    levels = [pd.Index(_values(column), name=column.label) for column in parts.levels]
    index = levels[0] if len(levels) == 1 else pd.MultiIndex.from_arrays(levels)
    if parts.kind == "Index" and not parts.columns:
        return index
    columns = [pd.Series(_values(column), index=index) for column in parts.columns]
    if parts.kind == "Series" and len(columns) == 1:
        return columns[0].rename(parts.columns[0].label)
    if parts.kind != "DataFrame":
        raise ValueError("neither a frame nor a series")
    frame = pd.DataFrame(dict(enumerate(columns)), index=index)
    frame.columns = _labels([column.label for column in parts.columns])
    return frame


def _labels(labels: Sequence[Any]) -> Any:
    import pandas as pd

    if labels and all(isinstance(label, tuple) and len(label) == len(labels[0]) for label in labels):
        return pd.MultiIndex.from_tuples(labels)
    return pd.Index(labels)


def _levels(index: Any) -> list[Column]:
    return [_column(name, index.get_level_values(place)) for place, name in enumerate(index.names)]


def _column(label: Any, values: Any) -> Column:
    """A column of a frame or a level of an index, as it travels."""
    label = tuple(map(_plain, label)) if isinstance(label, tuple) else _plain(label)
    if not isinstance(label, _LABELS):
        raise ValueError(f"a column that is named by a {type(label).__name__} cannot be sent")  # noqa: TRY004 - one kind
    dtype = values.dtype
    if isinstance(dtype, np.dtype) and dtype.kind in "biufc":
        return Column(label, dtype.name, np.asarray(values))
    name = str(dtype)
    if name in TIMES:
        return Column(label, name, np.asarray(values).view(np.int64))
    name = "str" if name.startswith("string") else name
    if name not in _LISTED:
        raise ValueError(f"a column of dtype {dtype} cannot be sent")
    listed = [_plain(one) for one in values]
    if not all(type(one) in _VALUES for one in listed):
        raise ValueError("a column that holds other objects than texts and numbers cannot be sent")
    return Column(label, name, listed)


def _plain(value: Any) -> Any:
    import pandas as pd

    if value is pd.NA or value is pd.NaT:
        return None
    return value.item() if isinstance(value, np.generic) else value


def _values(column: Column) -> Any:
    import pandas as pd

    if column.dtype in TIMES:
        if not isinstance(column.data, np.ndarray) or column.data.dtype != np.int64:
            raise ValueError("a column of times holds no integers")
        return column.data.view(column.dtype)
    if column.dtype in _LISTED:
        if not isinstance(column.data, list) or not all(type(one) in _VALUES for one in column.data):
            raise ValueError("a column holds other objects than texts and numbers")
        if column.dtype == "str" and not all(isinstance(one, str | float | None) for one in column.data):
            raise ValueError("a column of texts holds something else")
        return pd.array(column.data, dtype=column.dtype) if column.data else pd.array([], dtype=column.dtype)
    if not isinstance(column.data, np.ndarray) or column.data.ndim != 1:
        raise ValueError("a column of numbers holds none")
    return column.data
