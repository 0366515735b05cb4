"""The pytest plugin of `grader check`: what each public check yielded, as JSON."""

from __future__ import annotations

import builtins
import importlib.machinery
import importlib.metadata
import importlib.util
import json
import os
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from grader.guest import running

_notes: list[str] = []
_results: dict[str, dict[str, Any]] = {}


class _AsInGrading(importlib.machinery.SourceFileLoader):
    """Loads a module as far as it goes, as the grading does."""

    def exec_module(self, module: ModuleType) -> None:
        _notes.extend(running.run(self.get_data(self.path), self.path, module).said)


class _Finder:
    """Finds the student's own modules."""

    def find_spec(self, name: str, path: object = None, _: object = None) -> importlib.machinery.ModuleSpec | None:
        file = Path(os.environ["GRADER_CHECK_WORK"]) / f"{name}.py"
        if path is not None or not file.is_file():
            return None
        return importlib.util.spec_from_file_location(name, file, loader=_AsInGrading(name, str(file)))


def pytest_configure() -> None:
    """Refuse what the grading refuses, and load the student's modules as it does."""
    if "GRADER_CHECK_RULES" not in os.environ:
        return
    rules = json.loads(os.environ["GRADER_CHECK_RULES"])
    if rules["banned"]:
        from grader.guest import bans  # which loads torch

        bans.warm_up()
        bans.ban(rules["banned"])
    if not rules["whole"]:
        sys.meta_path.insert(0, _Finder())
    _refuse_imports(["torch", "numpy", *map(_top, rules["packages"])])


def _top(package: str) -> str:
    """The module of a distribution: "scikit-learn" → "sklearn"."""
    provided = importlib.metadata.packages_distributions().items()
    return next((name for name, by in provided if package in by), package.partition(".")[0])


def _refuse_imports(known: list[str]) -> None:
    """Let the student's files, and no others, import what the grading has: these, Python's own, and each other."""
    work, real = os.environ["GRADER_CHECK_WORK"], builtins.__import__

    def limited(name: str, names: Any = None, *args: Any, **kwargs: Any) -> Any:
        file, first = str((names or {}).get("__file__", "")), name.partition(".")[0]
        is_own = Path(work, f"{first}.py").is_file() or Path(work, first).is_dir()
        if file.startswith(work + os.sep) and "tests" not in Path(file).relative_to(work).parts:
            level = args[2] if len(args) > 2 else kwargs.get("level", 0)
            if not level and first not in known and first not in sys.stdlib_module_names and not is_own:
                raise ModuleNotFoundError(
                    f"No module named {first!r} in grading: there are {', '.join(known)}, Python's own library and "
                    "your files",
                    name=first,
                )
        return real(name, names, *args, **kwargs)

    builtins.__import__ = limited  # type: ignore[assignment]


def pytest_collection_finish(session: pytest.Session) -> None:
    """Name every check before the first one runs: one that never ends keeps the rest from running."""
    for item in session.items:
        sentence = " ".join((getattr(getattr(item, "function", None), "__doc__", None) or item.name).split())
        if hasattr(item, "callspec"):
            sentence += f" [{item.callspec.id}]"
        _results[item.nodeid] = {"sentence": sentence, "outcome": "not run", "message": ""}


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Say which check is running, in case that nothing is ever heard of it again."""
    _results[item.nodeid].update(outcome="did not end", message="Is there an endless loop, or an exit()?")
    _write()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    """Note the outcome; a failure of any phase is a failure."""
    report = yield
    entry = _results[item.nodeid]
    if entry["outcome"] == "did not end":
        if report.outcome != "passed":
            entry.update(outcome=report.outcome, message=_message(call))
        elif report.when == "teardown":
            entry.update(outcome="passed", message="")
    return report


def pytest_collectreport(report: pytest.CollectReport) -> None:
    """A file that does not import is a failed check too: it is the student's module that does not."""
    if report.failed:
        lines = [line for line in str(report.longrepr).splitlines() if line.startswith("E")] or [str(report.longrepr)]
        message = "\n".join(line.removeprefix("E").strip() for line in lines[-6:])
        _results[report.nodeid] = {"sentence": "The module can be imported.", "outcome": "failed", "message": message}


def pytest_internalerror(excinfo: pytest.ExceptionInfo[BaseException]) -> None:
    """A module that ends Python when it is imported, which pytest takes for a fault of its own."""
    if excinfo.errisinstance(SystemExit):
        entry = excinfo.traceback[-1]
        place = f"({Path(str(entry.path)).name}, line {entry.lineno + 1})"
        message = f"It ends Python with an exit() when it is imported  {place}"
        _results["import"] = {"sentence": "The module can be imported.", "outcome": "failed", "message": message}


def pytest_sessionfinish(session: pytest.Session) -> None:  # noqa: ARG001 - pytest's own signature
    """Hand the results to `grader check`."""
    _write()


def _write() -> None:
    if _results:
        out = Path(os.environ["GRADER_CHECK_RESULTS"])
        out.write_text(json.dumps(list(_results.values())), "utf-8")
        out.with_suffix(".notes").write_text(json.dumps(_notes), "utf-8")


def _message(call: pytest.CallInfo[None]) -> str:
    if call.excinfo is None:
        return ""
    own = str(call.excinfo.value).split("\nassert ")[0].strip() or call.excinfo.typename
    kind = "" if call.excinfo.errisinstance(AssertionError) else f"{call.excinfo.typename}: "
    entries = list(call.excinfo.traceback)
    here = os.getcwd()  # the checks' folder
    theirs = (os.environ.get("GRADER_CHECK_WORK", here) + os.sep, here + os.sep)
    entry = next((one for one in reversed(entries) if str(one.path).startswith(theirs)), entries[-1])
    return f"{kind}{own}"[:600] + f"  ({Path(str(entry.path)).name}, line {entry.lineno + 1})"
