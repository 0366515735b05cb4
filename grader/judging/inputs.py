"""Inputs drawn from what a handout allows: `assignments/HOMEWORK/inputs.py` says once per function how they are made.

Each function of that file is given a `Draw`. One with a single argument returns `draw.call(…)`, the arguments for the
homework's function of the same name. One with two is an experiment: it is given the homework's module as well, uses it,
and returns what it saw.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any, TypeVar

import torch
from torch import Tensor

from grader.homework import Homework, module_from_source

T = TypeVar("T")
NAME = "inputs.py"
# How often values of a tensor are of each kind; what is far from 1, or tied, is where formulas break.
KINDS = ("normal",) * 10 + ("whole",) * 4 + ("zero", "equal", "tiny", "large", "half zero")


@dataclass(frozen=True)
class Call:
    """Arguments for a function."""

    args: tuple[Any, ...]
    kwargs: dict[str, Any]


class Draw:
    """Random sizes and values, the same for the same number."""

    def __init__(self, number: int) -> None:
        self.generator = torch.Generator().manual_seed(number)

    def whole(self, least: int, most: int) -> int:
        """A whole number from least to most."""
        return int(torch.randint(least, most + 1, (), generator=self.generator))

    def size(self, least: int = 1, most: int = 4) -> int:
        """A size; the least one comes often, for that is where axes get lost."""
        return least if self.flag(0.3) else self.whole(least, most)

    def flag(self, p: float = 0.5) -> bool:
        """True with probability p."""
        return float(torch.rand((), generator=self.generator)) < p

    def one_of(self, *options: T) -> T:
        """One of these."""
        return options[self.whole(0, len(options) - 1)]

    def number(self, least: float = -3.0, most: float = 3.0) -> float:
        """A real number; every fifth is whole."""
        drawn = least + (most - least) * float(torch.rand((), generator=self.generator, dtype=torch.float64))
        return float(min(max(round(drawn), least), most)) if self.flag(0.2) else drawn

    def tensor(self, *shape: int, dtype: torch.dtype = torch.float64) -> Tensor:
        """Values of any sign: mostly normal, at times whole, equal, zero, tiny, large or half of them zero."""
        kind = self.one_of(*KINDS)
        normal = torch.randn(shape, generator=self.generator, dtype=torch.float64)
        made = {
            "normal": normal,
            "whole": (2 * normal).round(),
            "zero": torch.zeros_like(normal),
            "equal": torch.full_like(normal, float(normal.flatten()[0]) if normal.numel() else 0.0),
            "tiny": normal * 1e-6,
            "large": normal * 1e3,
            "half zero": normal * (normal > 0),
        }[kind]
        return made.to(dtype)

    def positive(self, *shape: int, dtype: torch.dtype = torch.float64) -> Tensor:
        """Values above 0, from 0.001 to 100."""
        spread = torch.rand(shape, generator=self.generator, dtype=torch.float64) * 5 - 3
        return (10**spread).to(dtype)

    def labels(self, count: int, classes: int) -> Tensor:
        """Class numbers."""
        return torch.randint(0, classes, (count,), generator=self.generator)

    def dtype(self) -> torch.dtype:
        """float64, and at times float32."""
        return torch.float32 if self.flag(0.15) else torch.float64

    @staticmethod
    def call(*args: Any, **kwargs: Any) -> Call:
        """The arguments of one call."""
        return Call(args, kwargs)


Experiment = Callable[[Draw, ModuleType], Any]


def experiments(homework: Homework) -> dict[str, Experiment]:
    """Name → what draws inputs, uses a module with them, and returns what it saw; empty where nothing is declared."""
    path = homework.public / NAME
    if not path.is_file():
        return {}
    module = module_from_source(f"inputs_of_{homework.assignment.name}", path.read_text("utf-8"), str(path))
    return {
        name: _experiment(name, made)
        for name, made in vars(module).items()
        if inspect.isfunction(made) and made.__module__ == module.__name__ and not name.startswith("_")
    }


def _experiment(name: str, made: Callable[..., Any]) -> Experiment:
    if len(inspect.signature(made).parameters) > 1:
        return made

    def asked(draw: Draw, module: ModuleType) -> Any:
        call = made(draw)
        answer = getattr(module, name)(*call.args, **call.kwargs)
        return answer, call.args, call.kwargs  # also what became of the arguments

    return asked
