"""The hidden suite's collected tests as checks; everything that is wrong with them is reported at once."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from grader.errors import InfraError
from grader.homework import Homework
from grader.judging.scoring import point_faults
from grader.outcome import VISIBILITIES, Check


class SuiteError(InfraError):
    """The hidden suite cannot be used: it does not collect, or its points do not add up. Never a student's fault."""


class SuiteFaults(SuiteError):
    """The hidden suite collects, but is not as declared; `faults` has a sentence for each thing."""

    def __init__(self, name: str, faults: list[str]) -> None:
        super().__init__(f"the hidden suite of {name} cannot be used: " + "; ".join(faults))
        self.faults = faults


def checks_of(homework: Homework, items: Sequence[pytest.Item]) -> tuple[Check, ...]:
    """The collected tests as checks. Raises `SuiteError` with everything that is wrong with the suite."""
    faults = [] if items else ["it holds no test"]
    checks = []
    for item in items:
        function = getattr(item, "function", None)
        marks = {
            name: getattr(function, f"__{name}__", None) for name in ("part", "weight", "visibility", "number", "tags")
        }
        sentence = " ".join(_filled(getattr(function, "__doc__", None) or "", item).split())
        asked = set(getattr(item, "fixturenames", ())) - _known(item)
        faults += [
            f"{item.name} asks for {one!r}, which is no fixture: there are {', '.join(sorted(_known(item)))}"
            for one in sorted(asked)
        ]
        for name, there in (("@part", marks["part"]), ("@weight", marks["weight"]), ("docstring", sentence)):
            if not there:
                faults.append(f"{item.name} has no {name}")
        if marks["visibility"] not in (None, *VISIBILITIES):
            faults.append(
                f"{item.name} has the visibility {marks['visibility']!r}; there are {', '.join(VISIBILITIES)}"
            )
        checks.append(
            Check(
                name=item.name,
                part=marks["part"] or "",
                sentence=sentence,
                points=float(marks["weight"] or 0),
                visibility=marks["visibility"] or "visible",
                number=marks["number"],
                tags=tuple(marks["tags"] or ()),
                hide_errors=getattr(function, "__hide_errors__", None),
            )
        )
        if getattr(function, "__leaderboard_sort_order__", "desc") not in ("asc", "desc"):
            faults.append(f"{item.name} sorts its leaderboard by neither asc nor desc")
    columns = [getattr(getattr(item, "function", None), "__leaderboard_column__", None) for item in items]
    faults += [
        f"several checks fill the leaderboard's column {one}"
        for one in sorted({c for c in columns if c is not None and columns.count(c) > 1})
    ]
    names = [check.name for check in checks]
    faults += [f"two tests are called {name}" for name in sorted({n for n in names if names.count(n) > 1})]
    faults += point_faults(homework.assignment, checks)
    if faults:
        raise SuiteFaults(homework.assignment.name, faults)
    return tuple(checks)


def _filled(sentence: str, item: pytest.Item) -> str:
    """A docstring, with the check's parameters in the place of their names in braces."""
    parameters = item.callspec.params if hasattr(item, "callspec") else {}
    for name, value in parameters.items():
        sentence = sentence.replace(f"{{{name}}}", str(value))
    return sentence


def _known(item: pytest.Item) -> set[str]:
    """The fixtures and parameters that a test can have, but for pytest's own."""
    info = getattr(item, "_fixtureinfo", None)
    parameters = item.callspec.params if hasattr(item, "callspec") else {}
    manager = item.session._fixturemanager  # noqa: SLF001 - pytest tells it by no public name
    ours = {
        name
        for name in ("student", "reference", "draws", "common_draws", "rng", "measure")
        if manager.getfixturedefs(name, item)
    }
    return {*(info.name2fixturedefs if info else ()), *parameters, *ours, "request"}
