"""The warm pytest session: the hidden suite collected once, its checks run for one submission after another.

The plugin replaces pytest's run loop. Each check goes through pytest's own set-up and tear-down, so that fixtures,
parametrisation and conftest files work as anywhere; but what a check yields is read from the exception that ended it,
never from pytest's reports or exit code.
"""

from __future__ import annotations

import gc
import math
import os
import sys
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from itertools import islice, zip_longest
from pathlib import Path
from typing import Any

import pytest
import torch

from grader.arguments import Prepared, prepare
from grader.bridge import InfraError, StudentError
from grader.bridge.errors import Killed
from grader.bridge.forecast import Forecast, Lookahead
from grader.bridge.student import Attempt, RecordedCall, Requests, Student
from grader.compare import Disagreement
from grader.diagnose import Diagnostician
from grader.draws import Draws, Memory
from grader.homework import Homework
from grader.intake import Rejected, Submission
from grader.judge import reference_of
from grader.outcome import VISIBILITIES, Check, Grading, Outcome, Place, Provenance, Verdict
from grader.sandbox.zygote import Zygote
from grader.scoring import point_faults
from grader.seed import Seed
from grader.training import Measure, Trainings, share

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

OnCheck = Callable[[Sequence[Outcome]], None]
Selection = tuple[int, ...]  # places of the checks to run, among all of the suite's
Failures = dict[str, tuple[str, tuple[RecordedCall, ...]]]  # check → its part and its calls
RETRIES = 3  # of a check in which the grader itself failed


SPELT_ITEMS = 100  # of a list in staff's detail; a hostile answer has hundreds of thousands


class SuiteError(InfraError):
    """The hidden suite cannot be used: it does not collect, or its points do not add up. Never a student's fault."""


class SuiteFaults(SuiteError):
    """The hidden suite collects, but is not as declared; `faults` has a sentence for each thing."""

    def __init__(self, name: str, faults: list[str]) -> None:
        super().__init__(f"the hidden suite of {name} cannot be used: " + "; ".join(faults))
        self.faults = faults


@dataclass(frozen=True)
class Partly:
    """A submission of which some checks' outcomes are known already: only the other checks are run."""

    submission: Submission
    known: Mapping[str, Outcome]  # by the check's name


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
    trainings: Trainings | None = None,
) -> None:
    """Grade each submission with the hidden suite and hand over its `Grading` as soon as it is done.

    `on_collected` is told the suite's checks before the first submission is asked for, `on_check` the outcomes so far
    after every check. Raises `SuiteError` if the suite does not collect, before anybody is graded, and `InfraError`
    where it trains networks and no calibration says what these should reach. `trainings` stand in for that.
    """
    seed = seed or Seed.fresh()
    trainings = trainings or Trainings.calibrated(homework, seed)
    plugin = _Plugin(homework, submissions, zygote, on_graded, seed, diagnose, trainings)
    plugin.on_collected = on_collected
    plugin.on_check = on_check or plugin.on_check
    _run(homework, plugin)


def collect(homework: Homework) -> tuple[Check, ...]:
    """The checks of the hidden suite, without grading anybody. Raises `SuiteError`."""
    plugin = _Plugin(homework, (), None, lambda _: None, Seed.fresh(), diagnose=False)
    _run(homework, plugin)
    return plugin.checks


def collect_measuring(homework: Homework) -> tuple[tuple[Check, ...], frozenset[str]]:
    """As `collect`, and the names of those checks that train a network and measure its accuracy."""
    plugin = _Plugin(homework, (), None, lambda _: None, Seed.fresh(), diagnose=False)
    _run(homework, plugin)
    return plugin.checks, plugin.measuring


def _run(homework: Homework, plugin: _Plugin) -> None:
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


class _Plugin:
    """Everything that pytest has to be taught."""

    def __init__(
        self,
        homework: Homework,
        submissions: Iterable[Submission | Rejected | Partly],
        zygote: Zygote | None,
        on_graded: Callable[[Grading], None],
        seed: Seed,
        diagnose: bool,
        trainings: Trainings | None = None,
    ) -> None:
        self._homework = homework
        self._submissions = submissions
        self._zygote = zygote
        self._on_graded = on_graded
        self._seed = seed
        self._drawn = Memory()
        self._requests = Requests(self._drawn)
        self._reference = reference_of(homework, self._drawn)
        self._diagnostician = Diagnostician(homework, self._reference, self._drawn) if diagnose else None
        self._trainings = trainings
        self._student: Student | None = None
        self._ahead: Attempt | None = None  # of the submission whose turn comes next
        self._forecasts: dict[Selection, Forecast] = {}
        self._selection: Selection = ()  # of the submission before
        self._prepared: list[Prepared | None] = []  # None: to be set up by pytest
        self.on_collected: Callable[[tuple[Check, ...]], None] = lambda _: None
        self.on_check: OnCheck = lambda _: None
        self.checks: tuple[Check, ...] = ()
        self.measuring: frozenset[str] = frozenset()  # names of the checks that train a network
        self.collect_errors: list[str] = []
        self.failure: BaseException | None = None
        self.finished = False

    @pytest.fixture
    def student(self) -> Student:
        """The submission being graded, behind the bridge."""
        assert self._student is not None
        return self._student

    @pytest.fixture
    def reference(self) -> Any:
        """The model answer, in this process; it remembers its answers."""
        return self._reference

    @pytest.fixture
    def rng(self, request: pytest.FixtureRequest) -> torch.Generator:
        """Random numbers of the run's secret seed, the same for every submission.

        They depend on the test's name and its parameter `case`, not on other parameters: outputs that are judged apart
        come from the same inputs.
        """
        return self._generator(request.node)

    @pytest.fixture
    def draws(self, request: pytest.FixtureRequest) -> Draws:
        """Random tensors and integers, remembered for the run; they depend on the test as `rng` does."""
        return self._draws(request.node)

    @pytest.fixture
    def common_draws(self) -> Draws:
        """The same in every check of a submission: for what several checks ask the student `once`."""
        return self._common_draws()

    @pytest.fixture
    def measure(self) -> Measure:
        """Trains a network with the student's code and judges its accuracy, see `grader.training`."""
        return self._measure()

    def _generator(self, item: Any) -> torch.Generator:
        return torch.Generator().manual_seed(self._seed.number(_label(item)))

    def _draws(self, item: Any) -> Draws:
        return self._drawn.draws(self._seed.number(f"draws of {_label(item)}"))

    def _common_draws(self, _: Any = None) -> Draws:
        return self._drawn.draws(self._seed.number("common draws"))

    def _measure(self, _: Any = None) -> Measure:
        assert self._student is not None
        assert self._trainings is not None
        return Measure(self._trainings, self._seed, self._student._attempt)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Remember why a file of the suite does not collect."""
        if report.failed:
            self.collect_errors.append(f"{report.nodeid}: {str(report.longrepr).strip().splitlines()[-1]}")

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Judge the submissions in place of running the tests once."""
        try:
            if self.collect_errors or session.testsfailed:
                raise SuiteError("the hidden suite does not collect: " + "; ".join(self.collect_errors))
            self.checks = _checks(self._homework, session.items)
            self.measuring = frozenset(
                item.name for item in session.items if "measure" in getattr(item, "fixturenames", ())
            )
            own: dict[str, Callable[[Any], Any]] = {
                "student": lambda _: self._student,
                "reference": lambda _: self._reference,
                "rng": self._generator,
                "draws": self._draws,
                "common_draws": self._common_draws,
                "measure": self._measure,
            }
            self._prepared = [prepare(item, own) for item in session.items]
            self.on_collected(self.checks)
            gc.freeze()  # what is here stays until the end: looking through it for garbage takes a tenth of a second
            for submission, following in _with_following(self._submissions):
                self._on_graded(self._grade(submission, following, session))
            self.finished = True
        except BaseException as error:  # pytest would swallow it
            self.failure = error
        finally:
            gc.unfreeze()
            if self._ahead is not None:
                self._ahead.close()
        return True

    def _grade(
        self,
        submission: Submission | Rejected | Partly,
        following: Submission | Rejected | Partly | None,
        session: pytest.Session,
    ) -> Grading:
        opened, known = _opened(submission)
        started, clock = datetime.now(UTC), time.perf_counter()
        if isinstance(opened, Rejected):
            self._begin(following)
            outcomes = [Outcome(check, Verdict.BLOCKED, 0.0, opened.reason) for check in self.checks]
            problem, digest = opened.reason, ""
        else:
            selection = self._selected(known)
            self._select(selection, session)
            fresh, failures, problem = self._judge(opened, selection, session.items)
            if self._zygote is not None and not self._zygote.is_unchanged():  # this fork may have been made from that
                fresh, failures, problem = self._judge(opened, selection, session.items)
            self._begin(following)  # it loads while this one is diagnosed and reported
            if self._diagnostician is not None and failures:
                fresh = _diagnosed(fresh, self._diagnostician, failures)
            found = {**known, **{outcome.check.name: outcome for outcome in fresh}}
            outcomes = [replace(found[check.name], check=check) for check in self.checks]
            digest = opened.sha256
        provenance = self._provenance(digest, started, time.perf_counter() - clock)
        return Grading(opened.name, tuple(outcomes), provenance, problem, self._seed.secret.hex())

    def _selected(self, known: Mapping[str, Outcome]) -> Selection:
        return tuple(i for i, check in enumerate(self.checks) if check.name not in known)

    def _begin(self, submission: Submission | Rejected | Partly | None) -> None:
        """Have the next submission load, if a fork waits for it."""
        assert self._ahead is None
        if submission is None or self._zygote is None or not self._zygote.is_ready():
            return
        opened, known = _opened(submission)
        if isinstance(opened, Submission):
            attempt = self._attempt(opened, self._selected(known))
            try:
                attempt.begin()
            except (InfraError, OSError):  # met again, and dealt with, when its turn comes
                attempt.close()
            else:
                self._ahead = attempt

    def _select(self, selection: Selection, session: pytest.Session) -> None:
        """End what pytest keeps from one submission to the next, where the next one runs other checks."""
        if selection != self._selection:
            session._setupstate.teardown_exact(None)
            self._selection = selection

    def _attempt(self, submission: Submission, selection: Selection) -> Attempt:
        assert self._zygote is not None
        assignment = self._homework.assignment
        return Attempt(
            dict(submission.files),
            assignment.module,
            self._seed.number(f"the random numbers of {submission.sha256}"),
            assignment.limits,
            self._zygote.take,
            lookahead=Lookahead(self._forecasts.setdefault(selection, Forecast())),
            requests=self._requests,
            probes=self._homework.probes_source,
        )

    def _judge(
        self, submission: Submission, selection: Selection, items: Sequence[pytest.Item]
    ) -> tuple[list[Outcome], Failures, str]:
        """The outcomes, the calls of those that failed, and why the module does not load, if it does not."""
        assert self._zygote is not None
        attempt, self._ahead = self._ahead or self._attempt(submission, selection), None
        forecast = attempt.lookahead.forecast
        self._student = Student(attempt)
        outcomes: list[Outcome] = []
        failures: Failures = {}
        try:
            for i, run in zip(selection, self._runs(selection, items), strict=True):
                check = self.checks[i]
                _place(items[i])  # whatever an earlier submission has left
                outcome = _judged(check, run, attempt)
                self._zygote.order_spare()
                for retry in range(1, RETRIES + 1):
                    if outcome.verdict is not Verdict.INFRA:
                        break
                    attempt.close()  # ours: once more, in a fresh fork
                    outcome = _judged(check, run, attempt, last=retry == RETRIES)
                if (place := _place(items[i])) is not None:
                    outcome = replace(outcome, place=place)
                if outcome.verdict in (Verdict.FAILED, Verdict.ERROR) and self._is_replayed(check):
                    failures[check.name] = (check.part, tuple(attempt.calls))
                outcomes.append(outcome)
                self.on_check(outcomes)
        finally:
            attempt.close()
            self._zygote.request_inventory()
        if not forecast.requests and all(outcome.verdict is Verdict.PASSED for outcome in outcomes):
            forecast.learn(attempt.asked)
        return outcomes, failures, attempt.problem.message if attempt.problem else ""

    def _is_replayed(self, check: Check) -> bool:
        return check.name not in self.measuring or (self._trainings is not None and self._trainings.are_replayed)

    def _runs(self, selection: Selection, every: Sequence[pytest.Item]) -> Iterator[Callable[[], None]]:
        """For each check of the selection, what runs it: its prepared form, or pytest's own phases."""
        items, ready = [every[i] for i in selection], [self._prepared[i] for i in selection]
        by_pytest = [item for item, prepared in zip(items, ready, strict=True) if prepared is None]
        following: Iterator[pytest.Item | None] = iter([*by_pytest[1:], *by_pytest[:1]])
        if len(by_pytest) == 1:  # a test that follows itself would never be torn down
            following = iter([next((i for i in items if i not in by_pytest and i.path == by_pytest[0].path), None)])
        for item, prepared in zip(items, ready, strict=True):
            yield prepared.run if prepared else partial(_run_phases, item, next(following))

    def _provenance(self, digest: str, started: datetime, seconds: float) -> Provenance:
        zygote = self._zygote
        trainer = self._trainings.trainer if self._trainings else None
        return Provenance(
            submission_sha256=digest,
            suite_sha256=self._homework.suite_sha256,
            seed_id=self._seed.id,
            isolation=zygote.tier if zygote else "none",
            protections=zygote.protections if zygote else (),
            device=trainer.device if trainer else "cpu",
            python=zygote.about.get("python", "") if zygote else "",
            torch=zygote.about.get("torch", "") if zygote else "",
            started_at=started.isoformat(timespec="milliseconds"),
            seconds=seconds,
            settings=trainer.settings if trainer else (),
        )


def _diagnosed(outcomes: Sequence[Outcome], diagnostician: Diagnostician, failures: Failures) -> list[Outcome]:
    """The outcomes with what explains them. A diagnosis that fails costs nobody a grade; staff read why."""
    try:
        found = diagnostician.explain(failures)
    except Exception:  # a mistake of the library may do anything with an argument that it was not written for
        why = traceback.format_exc()
        return [
            replace(outcome, staff_detail=f"{outcome.staff_detail}\nThe diagnosis failed:\n{why}")
            if outcome.check.name in failures
            else outcome
            for outcome in outcomes
        ]
    return [replace(outcome, diagnosis=found.get(outcome.check.name)) for outcome in outcomes]


def _opened(
    submission: Submission | Rejected | Partly,
) -> tuple[Submission | Rejected, Mapping[str, Outcome]]:
    """A submission, and those of its outcomes that are known already."""
    if isinstance(submission, Partly):
        return submission.submission, submission.known
    return submission, {}


def _with_following(
    submissions: Iterable[Submission | Rejected | Partly],
) -> Iterator[tuple[Submission | Rejected | Partly, Submission | Rejected | Partly | None]]:
    """Each with the one after it, where that is known: a stream is not asked for more than it has to give."""
    if not isinstance(submissions, Sequence):
        return ((one, None) for one in submissions)
    return zip_longest(submissions, submissions[1:])


def _label(item: Any) -> str:
    """What a test's random numbers depend on: its name and its parameter `case`."""
    case = item.callspec.params.get("case") if hasattr(item, "callspec") else None
    return f"{item.path.name}::{item.originalname}[{case!r}]"


def _run_phases(item: pytest.Item, following: pytest.Item | None) -> None:
    """Run a test by pytest's own hooks; raise what a phase raised, and of several the last."""
    hooks = item.ihook
    if hasattr(item, "_initrequest"):  # as pytest's own runner does before it runs an item again
        item._initrequest()
    try:
        hooks.pytest_runtest_setup(item=item)
        hooks.pytest_runtest_call(item=item)
    finally:
        hooks.pytest_runtest_teardown(item=item, nextitem=following)


def _judged(check: Check, run: Callable[[], None], attempt: Attempt, *, last: bool = False) -> Outcome:
    attempt.begin_check()
    started = time.perf_counter()
    error: BaseException | None = None
    try:
        run()
    except KeyboardInterrupt:
        raise
    except BaseException as raised:  # pytest.skip and pytest.fail are BaseExceptions
        error = raised
    if last and isinstance(error, Killed):
        error = StudentError(Verdict.CRASH, str(error))
        if not attempt.loaded:
            attempt.problem = error
    outcome = _outcome(check, error, time.perf_counter() - started, attempt.calls)
    if attempt.measured is not None and outcome.verdict in (Verdict.PASSED, Verdict.FAILED):
        return replace(outcome, measurement=attempt.measured, earned=check.points * share(attempt.measured))
    return outcome


def _place(item: Any) -> Place | None:
    """Take what a test has given gradescope-utils' `set_leaderboard_value`. What is no number has no place."""
    function = getattr(item, "function", None)
    value = vars(function).pop("__leaderboard_value__", None) if function is not None else None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    order = getattr(function, "__leaderboard_sort_order__", "desc")
    return Place(str(getattr(function, "__leaderboard_column__", item.name)), float(value), order)


def _outcome(check: Check, error: BaseException | None, seconds: float, calls: Sequence[RecordedCall]) -> Outcome:
    if not calls and (error is None or isinstance(error, Disagreement)):
        return Outcome(check, Verdict.INFRA, 0.0, "this check asks the submission nothing", seconds=seconds)
    match error:
        case None:
            return Outcome(check, Verdict.PASSED, check.points, seconds=seconds)
        case Disagreement():
            detail = _describe(calls)
            return Outcome(
                check, Verdict.FAILED, 0.0, error.message, error.evidence, seconds=seconds, staff_detail=detail
            )
        case StudentError():
            detail = _describe(calls)
            return Outcome(check, error.verdict, 0.0, error.message, seconds=seconds, staff_detail=detail)
    detail = "".join(traceback.format_exception(error))
    message = "the grader failed in this check; it is not counted against you"
    return Outcome(check, Verdict.INFRA, 0.0, message, seconds=seconds, staff_detail=detail)


def _describe(calls: Sequence[RecordedCall]) -> str:
    """The calls of a check for staff: arguments by shape, small ones whole."""
    return "\n".join(
        f"{call.function}({', '.join([*map(_brief, call.args), *(f'{k}={_brief(v)}' for k, v in call.kwargs.items())])}"
        f") → {call.error.message if call.error else _brief(call.answer)}"
        for call in calls
    )


def _brief(value: Any) -> str:
    text = _spelt(value)
    return text if len(text) <= 2000 else text[:1999] + "…"


def _listed(spelt: Iterable[str], number: int) -> str:
    return ", ".join(spelt) + (", …" if number > SPELT_ITEMS else "")


def _spelt(value: Any) -> str:
    if isinstance(value, torch.Tensor):
        kind = str(value.dtype).removeprefix("torch.")
        shape = "×".join(map(str, value.shape)) or "scalar"
        # of no elements there may be a list of lists by the billion: the shape is the student's
        return f"{kind}[{shape}]" + (f" {value.tolist()}" if 0 < value.numel() <= 9 else "")
    if isinstance(value, list | tuple):
        return f"({_listed(map(_spelt, value[:SPELT_ITEMS]), len(value))})"
    if isinstance(value, dict):
        items = islice(value.items(), SPELT_ITEMS)
        return f"{{{_listed((f'{_spelt(key)}: {_spelt(item)}' for key, item in items), len(value))}}}"
    text = repr(value)
    return text if len(text) <= 200 else text[:199] + "…"


def _checks(homework: Homework, items: Sequence[pytest.Item]) -> tuple[Check, ...]:
    """The collected tests as checks. Raises `SuiteError` with everything that is wrong with the suite."""
    faults = [] if items else ["it holds no test"]
    checks = []
    for item in items:
        function = getattr(item, "function", None)
        marks = {
            name: getattr(function, f"__{name}__", None) for name in ("part", "weight", "visibility", "number", "tags")
        }
        sentence = " ".join((getattr(function, "__doc__", None) or "").split())
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
