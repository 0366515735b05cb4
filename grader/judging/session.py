"""The warm pytest session: the hidden suite collected once, its checks run for one submission after another.

What pytest has to be taught for that is in `plugin`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
import torch

from grader.homework import Homework
from grader.intake.submission import Rejected, Submission
from grader.judging.checks import SuiteError
from grader.judging.plugin import OnAsked, OnCheck, OnLearnt, Partly, Plugin
from grader.judging.training import Trainings
from grader.outcome import Check, Grading
from grader.sandbox.zygote import Zygote
from grader.seed import Seed

OPTIONS: tuple[str, ...] = (
    "--capture=no",
    "--import-mode=importlib",
    "--strict-markers",
    "-p",
    "no:cacheprovider",
    "-p",
    "no:terminal",
)
OPTIONS += tuple(
    f"-pno:{name}" for name in ("logging", "warnings", "unraisableexception", "threadexception", "faulthandler")
)


def grade(
    homework: Homework,
    submissions: Iterable[Submission | Rejected | Partly],
    zygote: Zygote,
    *,
    on_graded: Callable[[Grading], None],
    seed: Seed | None = None,
    diagnose: bool = True,
    on_collected: Callable[[tuple[Check, ...]], None] = lambda _: None,
    on_check: OnCheck | None = None,
    on_asked: OnAsked | None = None,
    on_learnt: OnLearnt | None = None,
    trainings: Trainings | None = None,
) -> None:
    """Grade each submission with the hidden suite and hand over its `Grading` as soon as it is done.

    `on_collected` is told the suite's checks before the first submission is asked for, `on_check` the outcomes so far
    after every check, `on_asked` each check's calls, `on_learnt` what the first submission with full marks was asked.
    Raises `SuiteError` if the suite does not collect, before anybody is graded, and `InfraError` where it trains
    networks and no calibration says what these should reach. `trainings` stand in for that.
    """
    seed = seed or Seed.fresh()
    trainings = trainings or Trainings.calibrated(homework, seed)
    plugin = Plugin(homework, submissions, zygote, on_graded, seed, diagnose, trainings)
    plugin.on_collected = on_collected
    plugin.on_check = on_check or plugin.on_check
    plugin.on_asked = on_asked or plugin.on_asked
    plugin.on_learnt = on_learnt or plugin.on_learnt
    _run(homework, plugin)


def collect(homework: Homework) -> tuple[Check, ...]:
    """The checks of the hidden suite, without grading anybody. Raises `SuiteError`."""
    plugin = Plugin(homework, (), None, lambda _: None, Seed.fresh(), diagnose=False)
    _run(homework, plugin)
    return plugin.checks


def collect_measuring(homework: Homework) -> tuple[tuple[Check, ...], frozenset[str]]:
    """As `collect`, and the names of those checks that train a network and measure its accuracy."""
    plugin = Plugin(homework, (), None, lambda _: None, Seed.fresh(), diagnose=False)
    _run(homework, plugin)
    return plugin.checks, plugin.measuring


def _run(homework: Homework, plugin: Plugin) -> None:
    torch.set_num_threads(1)
    os.environ.pop("PYTEST_ADDOPTS", None)  # the caller's wishes for other test runs
    arguments = [str(homework.suite), f"--rootdir={homework.suite}", "-c", os.devnull, *OPTIONS]
    try:
        pytest.main([*arguments, "--disable-plugin-autoload"], plugins=[plugin])
    finally:
        _forget(homework)
    if plugin.failure is not None:
        raise plugin.failure
    if not plugin.finished:
        raise SuiteError(
            f"the hidden suite of {homework.assignment.name} did not run: " + "; ".join(plugin.collect_errors)
        )


def _forget(homework: Homework) -> None:
    """Unload the suite: pytest knows modules by name, and would take another homework's of that name for this one's."""
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if isinstance(file, str) and Path(file).is_relative_to(homework.suite):
            del sys.modules[name]
