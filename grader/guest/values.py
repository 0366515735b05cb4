"""What both sides of the wire do with values: the operators that objects have, and whether an argument was changed."""

from __future__ import annotations

import contextlib
import io
import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from grader.guest import frames

PRINTED_CAP = 200_000  # characters of what one call prints; more is cut off

OPERATORS = {
    name: getattr(operator, name) for name in ("add", "sub", "mul", "truediv", "pow", "neg", "matmul", "getitem")
}


def differs(sent: Any, now: Any) -> bool:
    """Whether an argument no longer holds the tensors that were sent: itself, or in lists and dictionaries."""
    match sent:
        case torch.Tensor():
            return not (isinstance(now, torch.Tensor) and same_tensor(sent, now.detach().to(sent.device)))
        case np.ndarray():
            is_alike = isinstance(now, np.ndarray) and now.dtype == sent.dtype
            return not (is_alike and np.array_equal(sent, now, equal_nan=sent.dtype.kind in "fc"))
        case list() | tuple():
            return not isinstance(now, list | tuple) or len(sent) != len(now) or any(map(differs, sent, now))
        case set():
            return bool(now != sent)
        case _ if frames.is_frame(sent):
            return type(now) is not type(sent) or not now.equals(sent)
        case dict():
            if not isinstance(now, dict) or sent.keys() != now.keys():
                return True
            return any(differs(sent[key], now[key]) for key in sent)
    return False


def same_tensor(one: torch.Tensor, other: torch.Tensor) -> bool:
    """Whether two tensors are equal element by element, where NaN equals NaN."""
    return one.shape == other.shape and bool(((one == other) | ((one != one) & (other != other))).all())  # noqa: PLR0124


def printing(function: Callable[..., Any]) -> Callable[..., str]:
    """A function that returns what another one prints, in place of what it returns."""

    def ask(*args: Any, **kwargs: Any) -> str:
        page = _Page()
        with contextlib.redirect_stdout(page):
            function(*args, **kwargs)
        return page.getvalue()

    return ask


class _Page(io.StringIO):
    """Takes what is printed, up to `PRINTED_CAP`: a loop that prints for ever is ended by its time, not by memory."""

    def write(self, text: str) -> int:
        super().write(text[: max(PRINTED_CAP - self.tell(), 0)])
        return len(text)
