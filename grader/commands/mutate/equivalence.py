"""Is a surviving mutant equivalent? Inputs of the handout's domain, drawn until one tells it from the original.

No number of inputs proves that two programs are the same. What none of them tells apart is *listed* as equivalent, with
a reason, in `reference/HOMEWORK/equivalent.toml`; a mutant that is not listed there counts as a survivor.
"""

from __future__ import annotations

import contextlib
import io
import multiprocessing
import signal
import tomllib
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import torch

from grader.commands.mutate.operators import Mutant
from grader.homework import Homework, load_homework, module_from_source
from grader.judging.inputs import Draw, Experiment, experiments
from grader.spec import SpecError

INPUTS = 10_000  # that a mutant must not differ in
PROBED = 40  # inputs of each experiment that show whether it uses a function at all
INPUT_SECONDS = 2  # of one input: a mutant may loop
NAME = "equivalent.toml"
ALLOWED = {torch.float64: 1e-9, torch.float32: 1e-4, torch.float16: 1e-2, torch.bfloat16: 1e-1}  # relative


@dataclass(frozen=True)
class Witness:
    """What inputs say of one mutant."""

    inputs: int  # that were tried
    experiment: str = ""  # that tells it apart; "" if none does
    number: int = 0  # of the input
    is_idle: bool = False  # no input that is declared makes the change do anything: it is no mutant here

    @property
    def sentence(self) -> str:
        """In words."""
        if self.experiment:
            return f"input {self.number} of `{self.experiment}` tells it apart"
        return f"no difference in {self.inputs:,} inputs" if self.inputs else "no declared input reaches it"


@dataclass(frozen=True)
class Equivalent:
    """An entry of the list: a pattern of mutants' names, and why they are no other programs."""

    mutant: str
    reason: str

    def matches(self, mutant: Mutant) -> bool:
        """Whether it is this one: `*` and `?` stand for any text, and brackets for themselves."""
        return fnmatchcase(mutant.id, self.mutant.replace("[", "[[]"))


def read(homework: Homework, source: str) -> tuple[Equivalent, ...]:
    """The list for the mutants of the reference or of an alternative. Raises `SpecError` where it cannot be read."""
    path = homework.reference / NAME
    if not path.is_file():
        return ()
    try:
        listed = tomllib.loads(path.read_text("utf-8"))
        return tuple(Equivalent(**entry) for entry in listed.get(source, []))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, TypeError) as error:
        raise SpecError(f"{path} cannot be read: {error}") from error


def witnesses(
    course: Path, name: str, source: str, mutants: Sequence[Mutant], broken: dict[str, str], *, inputs: int, jobs: int
) -> list[Witness]:
    """For each of these mutants of a source, an input that tells it apart, if one of so many does.

    `broken` is the source with each function raising, by function.
    """
    if not mutants or not experiments(load_homework(course, name)):
        return [Witness(0)] * len(mutants)
    spawn = multiprocessing.get_context("spawn")
    asked = [(one, broken.get(one.function, "")) for one in mutants]
    with ProcessPoolExecutor(jobs, spawn) as pool:
        return list(pool.map(partial(_witness, course, name, source, inputs), asked))


def _witness(course: Path, name: str, source: str, inputs: int, asked: tuple[Mutant, str]) -> Witness:
    """What tells a mutant apart."""
    torch.set_num_threads(1)
    mutant, broken = asked
    homework = load_homework(course, name)
    file = homework.assignment.module
    original, changed = _module(file, "original", source), _module(file, "mutant", mutant.source)
    if changed is None or original is None:
        return Witness(1, "import", 0)
    sabotaged = _module(file, "sabotaged", broken) if broken else None
    made = experiments(homework)
    reached = {
        experiment: use
        for experiment, use in made.items()
        if sabotaged is None or any(_differ(use, number, original, sabotaged) for number in range(PROBED))
    }
    tried = 0
    for number in range(-(-inputs // max(1, len(reached)))):
        for experiment, use in reached.items():
            tried += 1
            if _differ(use, number, original, changed):
                return Witness(tried, experiment, number)
    return Witness(tried, is_idle=bool(reached) and not vars(changed).get("TOUCHED", True))


def _module(file: str, what: str, source: str) -> ModuleType | None:
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            return module_from_source(f"{what}_{file}", source, f"{what}.py")
    except Exception:  # noqa: BLE001 - a mutant may do anything when it is loaded
        return None


def _differ(use: Experiment, number: int, one: ModuleType, other: ModuleType) -> bool:
    return not same(_seen(use, number, one), _seen(use, number, other))


def _seen(use: Experiment, number: int, module: ModuleType) -> Any:
    """What an experiment sees of a module: its result, or the type of the exception that ended it."""
    torch.manual_seed(number)
    try:
        with _limited(), contextlib.redirect_stdout(io.StringIO()):
            return use(Draw(number), module)
    except Exception as error:  # noqa: BLE001 - that is an answer, too
        return type(error)


@contextlib.contextmanager
def _limited() -> Iterator[None]:
    def end(*_: object) -> None:
        raise TimeoutError

    signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, INPUT_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def same(one: Any, other: Any) -> bool:
    """Whether two results are the same but for rounding: in type, shape, dtype and value."""
    if isinstance(one, torch.nn.Parameter | torch.Tensor) and isinstance(other, torch.Tensor):
        return _same_tensors(one.detach(), other.detach())
    if type(one) is not type(other):
        return _same_objects(one, other)
    if isinstance(one, np.ndarray):
        return _same_tensors(torch.as_tensor(one), torch.as_tensor(other))
    if isinstance(one, dict):
        return list(one) == list(other) and all(same(value, other[key]) for key, value in one.items())
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, float):
        return bool(np.isclose(one, other, rtol=ALLOWED[torch.float64], atol=0, equal_nan=True))
    if isinstance(one, int | str | bool | type | bytes | None | torch.dtype | torch.Size | torch.device):
        return bool(one == other)
    return _same_objects(one, other)


def _same_objects(one: Any, other: Any) -> bool:
    """Objects of the homework's own classes: those of one name are alike; what they hold, an experiment reads."""
    own = "original", "mutant", "sabotaged"
    both = type(one), type(other)
    return both[0].__name__ == both[1].__name__ and (
        both[0] is both[1] or all(kind.__module__.startswith(own) for kind in both)
    )


def _same_tensors(one: torch.Tensor, other: torch.Tensor) -> bool:
    if one.shape != other.shape or one.dtype != other.dtype:
        return False
    if not one.numel() or not one.is_floating_point():
        return bool(torch.equal(one, other))
    scale = one[torch.isfinite(one)].abs().max() if bool(torch.isfinite(one).any()) else one.new_tensor(1.0)
    allowed = ALLOWED[one.dtype] * float(scale)
    return bool(torch.allclose(one.double(), other.double(), rtol=ALLOWED[one.dtype], atol=allowed, equal_nan=True))
