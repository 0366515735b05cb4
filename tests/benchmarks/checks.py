"""The hidden suite without pytest and without a sandbox: the same checks on the same inputs, in one process.

This is how a grader without a sandbox would run them, so the benchmark's peer and its floor both start from here.
Of pytest's features it knows the ones that the suite uses: function-scoped fixtures and `parametrize`.
"""

from __future__ import annotations

import hashlib
import importlib.util
import inspect
import itertools
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, NamedTuple

import torch
from _pytest.fixtures import FixtureFunctionDefinition

from grader.errors import StudentError
from grader.judging.draws import Memory
from grader.outcome import Verdict

Fixtures = dict[str, Callable[..., Any]]
Number = Callable[[str], int]  # label → seed, as `grader.seed.Seed.number`


class Call(NamedTuple):
    """One call of the submission: a function's name and arguments of its own."""

    function: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any]


class PlainStudent:
    """`student` without a sandbox: `student.f(x)` calls the module's `f` with copies, in this process."""

    def __init__(self, module: Any, calls: list[Call] | None = None, probes: ModuleType | None = None) -> None:
        self._module = module
        self._calls = calls  # where to note what is called, but for probes
        self._memory: dict[Any, Any] = {}
        if probes is not None:
            self.probes = PlainStudent(bound(probes, module))

    def __getattr__(self, name: str) -> PlainFunction:
        return PlainFunction(self, name)


class PlainFunction:
    """A function of the submission."""

    def __init__(self, student: PlainStudent, name: str) -> None:
        self._student = student
        self._name = self.__name__ = name

    def __call__(self, *args, **kwargs):
        return self._call(copy(args), copy(kwargs))

    def once(self, *args, **kwargs):
        """As a call, but the same arguments are asked only once."""
        key = (self._name, _key(args), _key(kwargs))
        if key not in self._student._memory:
            self._student._memory[key] = self(*args, **kwargs)
        return self._student._memory[key]

    def inputs_changed(self, *args, **kwargs):
        """The names of the tensor arguments that the function changes in place."""
        own = copy(args)
        self._call(own, copy(kwargs))
        return tuple(
            f"argument {i + 1}"
            for i, (sent, now) in enumerate(zip(args, own, strict=True))
            if isinstance(sent, torch.Tensor) and not torch.equal(sent, now)
        )

    def _call(self, args, kwargs):
        if self._student._calls is not None:
            self._student._calls.append(Call(self._name, copy(args), copy(kwargs)))
        try:
            return getattr(self._student._module, self._name)(*args, **kwargs)
        except Exception as error:
            kind = type(error).__name__
            raise StudentError(Verdict.ERROR, f"{kind}: {error}", kind) from error


@dataclass(frozen=True)
class PlainCheck:
    """One test of the suite, with one parameter set."""

    name: str
    file: str
    function: Callable[..., None]
    params: dict[str, Any]
    fixtures: Fixtures

    def run(self, student: PlainStudent, reference: Any, number: Number) -> None:
        """Run it. Raises what the test raises."""
        label = f"{self.file}::{self.function.__name__}[{self.params.get('case')!r}]"
        values = {
            "student": student,
            "reference": reference,
            "rng": torch.Generator().manual_seed(number(label)),
            "draws": Memory().draws(number(f"draws of {label}")),
            "common_draws": Memory().draws(number("common draws")),
            **self.params,
        }
        self.function(**{name: self._value(name, values) for name in inspect.signature(self.function).parameters})

    def _value(self, name: str, values: dict[str, Any]) -> Any:
        if name not in values:
            fixture = self.fixtures[name]
            wanted = inspect.signature(fixture).parameters
            values[name] = fixture(**{other: self._value(other, values) for other in wanted})
        return values[name]


def load_checks(suite: Path) -> list[PlainCheck]:
    """All checks of a hidden suite, in pytest's order."""
    fixtures = _fixtures(load_module("plain_conftest", suite / "conftest.py"))
    checks = []
    for path in sorted(suite.glob("test_*.py")):
        module = load_module(f"plain_{path.stem}", path)
        for name, function in vars(module).items():
            if name.startswith("test_"):
                checks += _parametrised(function, path.name, {**fixtures, **_fixtures(module)})
    return checks


def load_probes(suite: Path) -> ModuleType:
    """Staff's functions that the suite asks of a module, see `bound`."""
    return load_module("plain_probes", suite.parents[2] / "assignments" / suite.name / "probes.py")


def bound(probes: ModuleType, module: ModuleType) -> SimpleNamespace:
    """The probes of one module, as `student.probes` has them."""
    own = {name: partial(probe, module) for name, probe in vars(probes).items() if inspect.isfunction(probe)}
    return SimpleNamespace(**own)


def load_module(name: str, path: Path) -> ModuleType:
    """Run a file of staff's as a module."""
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def seeds(secret: bytes) -> Number:
    """`grader.seed.Seed.number` for this secret, without importing the engine's session."""

    def number(label: str) -> int:
        return int.from_bytes(hashlib.blake2b(label.encode(), key=secret, digest_size=8).digest()) >> 1

    return number


def copy(value: Any) -> Any:
    """The value with tensors of its own."""
    match value:
        case torch.Tensor():
            return value.clone()
        case tuple() | list():
            return type(value)(map(copy, value))
        case dict():
            return {key: copy(item) for key, item in value.items()}
    return value


def _fixtures(module: ModuleType) -> Fixtures:
    found = vars(module).items()
    return {name: value.__wrapped__ for name, value in found if isinstance(value, FixtureFunctionDefinition)}


def _parametrised(function: Callable[..., None], file: str, fixtures: Fixtures) -> list[PlainCheck]:
    marks = [mark for mark in getattr(function, "pytestmark", ()) if mark.name == "parametrize"]
    names = [mark.args[0] for mark in marks]
    checks = []
    for values in itertools.product(*(mark.args[1] for mark in marks)):
        params = dict(zip(names, values, strict=True))
        suffix = f"[{'-'.join(params.values())}]" if params else ""
        checks.append(PlainCheck(function.__name__ + suffix, file, function, params, fixtures))
    return checks


def _key(value: Any) -> Any:
    match value:
        case torch.Tensor():
            return value.dtype, tuple(value.shape), value.numpy().tobytes()
        case tuple() | list():
            return tuple(map(_key, value))
        case dict():
            return tuple((key, _key(item)) for key, item in value.items())
    return value
