"""Inputs drawn from what a handout allows: `assignments/HOMEWORK/inputs.py` says once per function how they are made.

Each function of that file is given a `Draw`. One with a single argument returns `draw.call(…)`, the arguments for the
homework's function of the same name, or `draw.ask(…)`, with the name of another function of its, or of a probe. One
with two is an experiment: it is given the homework's module as well, uses it, and returns what it saw.

The same declaration serves `grader mutate`, which wants inputs of all kinds, and a report's smallest example, which
wants them small: there sizes begin at their least, and values are the whole numbers that a person reads (`Small`).
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any, TypeVar

import torch
from torch import Tensor

from grader.guest.codec import PROBES
from grader.homework import Homework, module_from_source

T = TypeVar("T")
NAME = "inputs.py"
SHOWN = 64  # elements: a larger tensor is given by a formula
STEPS = (1, 3, 7)  # of that formula: (arange(n) * step % 10 - 4)
ODD = 3  # the level of `Small` from which values are odd, too
# How often values of a tensor are of each kind; what is far from 1, or tied, is where formulas break.
KINDS = ("normal",) * 10 + ("whole",) * 4 + ("zero", "equal", "tiny", "large", "half zero")


@dataclass(frozen=True)
class Call:
    """Arguments for a function."""

    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    function: str = ""  # that of the declaration's name, if none is named


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

    @staticmethod
    def ask(function: str, *args: Any, **kwargs: Any) -> Call:
        """A call of this function: "conv2d_forward", or "probes.gradients" for one of `probes.py`."""
        return Call(args, kwargs, function)


class Small(Draw):
    """As `Draw`, but small: whole numbers go up to `level` above their least, and values have one digit.

    From level `ODD` on values are also equal, zero or large at times, and float32.
    """

    def __init__(self, number: int, level: int) -> None:
        super().__init__(number)
        self.level = level

    def whole(self, least: int, most: int) -> int:
        """A whole number from least to `level` above it."""
        return super().whole(least, max(least, min(most, least + self.level)))

    def size(self, least: int = 1, most: int = 4) -> int:
        """A size from least to `level` above it."""
        return self.whole(least, most)

    def one_of(self, *options: T) -> T:
        """One of these."""
        return options[super().whole(0, len(options) - 1)]

    def number(self, least: float = -3.0, most: float = 3.0) -> float:
        """A whole number from least to most, but not 0 where there is another; else one with a fraction of quarters."""
        step = next(step for step in (1, 2, 4, 100) if math.floor(most * step) - math.ceil(least * step) > 1)
        found = [i / step for i in range(math.ceil(least * step), math.floor(most * step) + 1) if i]
        return float(self.one_of(*found))

    def tensor(self, *shape: int, dtype: torch.dtype = torch.float64) -> Tensor:
        """Whole numbers of one digit and any sign."""
        kind = self.one_of("any", "any", "equal", "zero", "large") if self.level >= ODD else "any"
        made = torch.randint(-4, 6, shape, generator=self.generator).to(torch.float64)
        if made.numel() > SHOWN:
            made = (torch.arange(made.numel()) * self.one_of(*STEPS) % 10 - 4).double().reshape(shape)
        if kind == "equal":
            made = torch.full_like(made, float(made.flatten()[0]) if made.numel() else 0.0)
        return ({"zero": 0.0, "large": 1000.0}.get(kind, 1.0) * made).to(dtype)

    def positive(self, *shape: int, dtype: torch.dtype = torch.float64) -> Tensor:
        """Whole numbers from 1 to 4."""
        return torch.randint(1, 5, shape, generator=self.generator).to(dtype)

    def dtype(self) -> torch.dtype:
        """float64; from level `ODD` on float32 at times."""
        return torch.float32 if self.level >= ODD and self.flag() else torch.float64


Experiment = Callable[[Draw, Any], Any]


def declared(homework: Homework) -> dict[str, Callable[..., Any]]:
    """Name → function of the homework's `inputs.py`; empty where there is no such file."""
    path = homework.public / NAME
    if not path.is_file():
        return {}
    module = module_from_source(f"inputs_of_{homework.assignment.name}", path.read_text("utf-8"), str(path))
    return {
        name: made
        for name, made in vars(module).items()
        if inspect.isfunction(made) and made.__module__ == module.__name__ and not name.startswith("_")
    }


def drawers(homework: Homework) -> dict[str, Callable[[Draw], Call]]:
    """Those declarations that draw the arguments of one call, by name."""
    return {name: made for name, made in declared(homework).items() if not _is_experiment(made)}


def experiments(homework: Homework) -> dict[str, Experiment]:
    """Name → what draws inputs, uses a module with them, and returns what it saw."""
    return {
        name: made if _is_experiment(made) else _experiment(homework, name, made)
        for name, made in declared(homework).items()
    }


def _is_experiment(made: Callable[..., Any]) -> bool:
    return len(inspect.signature(made).parameters) > 1


def _experiment(homework: Homework, name: str, made: Callable[..., Any]) -> Experiment:
    probes = module_from_source("probes_of_inputs", homework.probes_source, "probes.py")

    def asked(draw: Draw, module: ModuleType) -> Any:
        call = made(draw)
        function = call.function or name
        if function.startswith(PROBES):
            answer = getattr(probes, function.removeprefix(PROBES))(module, *call.args, **call.kwargs)
        else:
            answer = getattr(module, function)(*call.args, **call.kwargs)
        return answer, call.args, call.kwargs  # also what became of the arguments

    return asked
