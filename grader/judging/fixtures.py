"""A check's arguments: which fixtures they need is worked out once, their values for every submission.

pytest sets a test's fixtures up in half a millisecond, which is half of what judging a check costs. For tests that use
nothing but plain function-scoped fixtures and parameters, the same values come from calling the fixture functions in
their order. Whatever needs more of pytest (other scopes, clean-up after `yield`, `request`, marks, classes, hooks of a
conftest file) is left to pytest: `prepare` returns None.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from _pytest.python import get_direct_param_fixture_func

Draw = Callable[[pytest.Item], Any]
HOOKS = ("pytest_runtest", "pytest_fixture", "pytest_pyfunc")  # in a conftest file: they change how tests run


@dataclass(frozen=True)
class Prepared:
    """A test, ready to be run any number of times."""

    item: pytest.Function
    fixed: dict[str, Any]  # its parameters
    own: dict[str, Draw]  # the engine's fixtures that it uses
    fixtures: list[tuple[str, Callable[..., Any], tuple[str, ...]]]  # name, function, arguments: in order
    wanted: tuple[str, ...]

    def run(self) -> None:
        """Draw the arguments and call the test. Raises whatever the test raises."""
        values = dict(self.fixed)
        for name, draw in self.own.items():
            values[name] = draw(self.item)
        for name, function, needed in self.fixtures:
            values[name] = function(**{one: values[one] for one in needed})
        self.item.obj(**{name: values[name] for name in self.wanted})


def prepare(item: pytest.Item, own: Mapping[str, Draw]) -> Prepared | None:
    """The test without pytest's machinery, or None where it needs that. `own` are the engine's fixtures by name."""
    if not isinstance(item, pytest.Function) or item.cls is not None or _is_special(item):
        return None
    parameters = item.callspec.params if hasattr(item, "callspec") else {}
    definitions = item._fixtureinfo.name2fixturedefs
    order: list[tuple[str, Callable[..., Any], tuple[str, ...]]] = []
    used: dict[str, Draw] = {}
    fixed: dict[str, Any] = {}

    def add(name: str) -> bool:
        if name in fixed or name in used or any(name == added for added, _, _ in order):
            return True
        found = definitions.get(name, ())
        if len(found) != 1:  # overridden, perhaps one of the engine's
            return False
        if name in parameters:
            fixed[name] = parameters[name]
            return found[0].func is get_direct_param_fixture_func  # else the value is for the fixture to work on
        if name in own:
            used[name] = own[name]
            return True
        if not _is_plain(found[0]) or not all(add(needed) for needed in found[0].argnames):
            return False
        order.append((name, found[0].func, tuple(found[0].argnames)))
        return True

    wanted = tuple(item._fixtureinfo.argnames)
    everything = item._fixtureinfo.initialnames  # in pytest's order: first what is used automatically
    return Prepared(item, fixed, used, order, wanted) if all(map(add, everything)) else None


def _is_special(item: pytest.Function) -> bool:
    marks = {mark.name for mark in item.iter_markers()} - {"parametrize"}
    hooked = any(
        any(name.startswith(HOOKS) for name in vars(plugin))
        for plugin in item.config.pluginmanager.get_plugins()
        if str(getattr(plugin, "__file__", "")).endswith("conftest.py")
    )
    return bool(marks) or hooked


def _is_plain(definition: Any) -> bool:
    return (
        definition.scope == "function"
        and definition.params is None
        and not inspect.isgeneratorfunction(definition.func)
        and not inspect.iscoroutinefunction(definition.func)
    )
