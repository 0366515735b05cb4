"""What answers are called in messages that students read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from grader.guest import frames


class Fields(dict[str, Any]):
    """The fields of an object of the student's, by name, to be compared with a dataclass; `type_name` is its type."""

    def __init__(self, type_name: str, fields: Mapping[str, Any]) -> None:
        super().__init__(fields)
        self.type_name = type_name


def kind(value: Any) -> str:
    """What a value is, in the words of a student: "a tensor of shape (3, 4)", "None", "a numpy array"."""
    if isinstance(value, torch.Tensor):
        return f"a tensor of shape {tuple(value.shape)}"
    if isinstance(value, np.ndarray | np.generic):
        return "a numpy array" if np.ndim(value) else "a numpy number"
    if frames.is_frame(value):
        return f"a pandas {type(value).__name__} of {len(value)}"
    if isinstance(value, Fields):
        return _with_article(value.type_name)
    if isinstance(value, tuple | list | dict | set | frozenset):
        return f"a {type(value).__name__} of {len(value)}"
    if value is None:
        return "None"
    return _with_article(getattr(value, "_type_name", type(value).__name__))  # of a handle: what it stands for


def _with_article(name: str) -> str:
    return f"{'an' if name[:1] in tuple('aeiouAEIOU') else 'a'} {name}"


def percent(share: float) -> str:
    """A share of the elements, as it is told: "12%", "all"."""
    if share == 1:
        return "all"
    if share > 0.99:
        return "over 99%"
    return f"{share:.0%}" if share >= 0.01 else f"{share:.2%}" if share >= 0.0001 else "under 0.01%"


def short(value: Any, limit: int = 80) -> str:
    """A value spelt out, in at most so many characters."""
    text = repr(value)
    return text if len(text) <= limit else text[: limit - 1] + "…"
