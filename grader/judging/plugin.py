"""The plugin that makes a pytest session warm: it replaces the run loop, and judges one submission after another.

Fixtures, parametrisation and conftest files work as in any suite, by pytest's own set-up and tear-down or by what
`fixtures` prepares. But a check's outcome is read from the exception that ended it, never from pytest's reports or exit
code.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from itertools import pairwise
from typing import Any, NamedTuple

import pytest
import torch

from grader.homework import Homework
from grader.intake.submission import Rejected, Submission
from grader.judging.answers import reference_of
from grader.judging.asked import Outline
from grader.judging.bridge.examination import Examination, RecordedCall
from grader.judging.bridge.forecast import Asked, Forecast, Lookahead
from grader.judging.bridge.student import Requests, Student
from grader.judging.checks import SuiteError, checks_of
from grader.judging.diagnose import Diagnostician, Failures
from grader.judging.draws import Draws, Memory, Own
from grader.judging.examples import Examples
from grader.judging.fixtures import Prepared, prepare
from grader.judging.training import Measure, Trainings
from grader.judging.verdict import judge, take_place
from grader.outcome import Check, Grading, Outcome, Provenance, Verdict
from grader.sandbox.lines import beginning
from grader.sandbox.zygote import Zygote
from grader.seed import Seed

OnCheck = Callable[[Sequence[Outcome]], None]
OnAsked = Callable[[Check, Sequence[RecordedCall]], None]
OnLearnt = Callable[[Sequence[Asked], Forecast], None]
Selection = tuple[int, ...]  # places of the checks to run, among all of the suite's
RETRIES = 3  # of a check in which the grader itself failed
KEPT_CAP = 64 << 20  # bytes of memory that a submission's answers take while they wait to be explained, …
PASSED_CAP = 16 << 20  # … and those of checks that it has passed, which an explanation has to fit


@dataclass(frozen=True)
class Partly:
    """A submission of which some checks' outcomes are known already: only the other checks are run."""

    submission: Submission
    known: Mapping[str, Outcome] = field(default_factory=dict)  # by the check's name
    first: tuple[str, ...] = ()  # names of checks that are run before all others, in this order
    unexplained_by: str = ""  # a family of mistakes that is left out of what may explain it
    until_lost: bool = False  # whether it ends at the first check that is lost; the others count as blocked


def as_passed(checks: Iterable[Check], names: Collection[str]) -> dict[str, Outcome]:
    """What `Partly` knows of those checks that are not to be run, as if they had been passed."""
    return {check.name: Outcome(check, Verdict.PASSED, 0.0) for check in checks if check.name in names}


class Judged(NamedTuple):
    """What the checks of one submission came to, before anything is explained."""

    outcomes: list[Outcome]
    failures: Failures
    passed: Failures
    examination: Examination  # open still, if any check was lost: examples are looked for in its fork


class Kept:
    """The calls of checks, with their answers, until failed ones are explained: as many as memory is allowed for."""

    def __init__(self, cap: int = KEPT_CAP) -> None:
        self.calls: Failures = {}
        self._cap = cap
        self._bytes = 0

    def keep(self, check: Check, examination: Examination) -> None:
        """Keep what this check asked, if there is room."""
        if self._bytes + examination.heard <= self._cap:
            self._bytes += examination.heard
            self.calls[check.name] = (check.part, tuple(examination.calls))


class Plugin:
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
        self._own = Own(seed)
        self._requests = Requests(self._drawn)
        self._reference = reference_of(homework, self._drawn)
        self._diagnostician = Diagnostician(homework, self._reference, self._drawn) if diagnose else None
        self._trainings = trainings
        self._outline = Outline(homework)
        self._examples = Examples(homework, self._reference, self._outline)
        self._student: Student | None = None
        self._forecasts: dict[Selection, Forecast] = {}
        self._requests_of: dict[int, Sequence[Asked]] = {}  # a check's place → what one with full marks was asked by it
        self._selection: Selection = ()  # of the submission before
        self._prepared: list[Prepared | None] = []  # None: to be set up by pytest
        self.on_collected: Callable[[tuple[Check, ...]], None] = lambda _: None
        self.on_check: OnCheck = lambda _: None
        self.on_asked: OnAsked = lambda *_: None
        self.on_learnt: OnLearnt = lambda *_: None
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
        """Trains a network with the student's code and judges its accuracy, see `grader.judging.training`."""
        return self._measure()

    def _generator(self, item: Any) -> torch.Generator:
        return torch.Generator().manual_seed(self._seed.number(_label(item)))

    def _draws(self, item: Any) -> Draws:
        return self._drawn.draws(self._seed.number(f"draws of {_label(item)}"), self._own)

    def _common_draws(self, _: Any = None) -> Draws:
        return self._drawn.draws(self._seed.number("common draws"), self._own)

    def _measure(self, _: Any = None) -> Measure:
        assert self._student is not None
        assert self._trainings is not None
        return Measure(self._trainings, self._seed, self._student._examination)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Remember why a file of the suite does not collect."""
        if report.failed:
            self.collect_errors.append(f"{report.nodeid}: {str(report.longrepr).strip().splitlines()[-1]}")

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Judge the submissions in place of running the tests once."""
        try:
            if self.collect_errors or session.testsfailed:
                raise SuiteError("the hidden suite does not collect: " + "; ".join(self.collect_errors))
            self.checks = checks_of(self._homework, session.items)
            self.measuring = frozenset(
                item.name for item in session.items if "measure" in getattr(item, "fixturenames", ())
            )
            if self._trainings is not None:
                parts = {check.part for check in self.checks if check.name in self.measuring}
                self._trainings.require_fresh(self._homework, parts)
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
            for submission in self._submissions:
                self._on_graded(self._grade(submission, session))
            self.finished = True
        except BaseException as error:  # pytest would swallow it
            self.failure = error
        return True

    def _grade(self, submission: Submission | Rejected | Partly, session: pytest.Session) -> Grading:
        notes: tuple[str, ...] = ()
        whose = ""
        started, clock = datetime.now(UTC), time.perf_counter()
        if isinstance(submission, Rejected):
            outcomes = [Outcome(check, Verdict.BLOCKED, 0.0, submission.reason) for check in self.checks]
            name, problem, digest = submission.name, submission.reason, ""
        else:
            plan = submission if isinstance(submission, Partly) else Partly(submission)
            whose = plan.submission.whose
            self._own = Own(self._seed, whose)
            selection = self._selected(plan)
            self._select(selection, session)
            judged = self._judge(plan, selection, session)
            problem = judged.examination.problem.message if judged.examination.problem else ""
            notes = tuple(judged.examination.notes)
            if self._own.drawn:
                said = ", ".join(f"{name} {number}" for name, number in sorted(self._own.drawn.items()))
                notes += (f"Drawn for {whose or 'no student in particular'}: {said}.",)
            try:
                fresh = self._explained(judged, plan)
            finally:
                self._end(judged.examination)
            found = {**plan.known, **{outcome.check.name: outcome for outcome in fresh}}
            outcomes = [
                replace(found[check.name], check=check) if check.name in found else Outcome(check, Verdict.BLOCKED, 0.0)
                for check in self.checks
            ]
            name, digest = plan.submission.name, plan.submission.sha256
        provenance = self._provenance(digest, started, time.perf_counter() - clock, whose)
        return Grading(name, tuple(outcomes), provenance, problem, self._seed.secret.hex(), notes)

    def _explained(self, judged: Judged, plan: Partly) -> list[Outcome]:
        """The outcomes with what explains them, and with examples."""
        if self._diagnostician is None or all(one.verdict is Verdict.PASSED for one in judged.outcomes):
            return judged.outcomes
        fresh = judged.outcomes
        if judged.failures:
            fresh = self._diagnostician.diagnosed(
                fresh, judged.failures, judged.examination.deadline, passed=judged.passed, without=plan.unexplained_by
            )
        return self._examples.find(fresh, judged.examination, self._diagnostician.models)

    def _end(self, examination: Examination) -> None:
        assert self._zygote is not None
        examination.close()
        examination.begin_check()  # objects of the student's and their examination hold each other, and the answers
        self._zygote.request_inventory()

    def _selected(self, plan: Partly) -> Selection:
        """The places of the checks to run, in their order."""
        left = [i for i, check in enumerate(self.checks) if check.name not in plan.known]
        if plan.first:
            rank = {name: number for number, name in enumerate(plan.first)}
            left.sort(key=lambda i: rank.get(self.checks[i].name, len(rank)))
        return tuple(left)

    def _select(self, selection: Selection, session: pytest.Session) -> None:
        """End what pytest keeps from one submission to the next, where the next one runs other checks."""
        if selection != self._selection:
            session._setupstate.teardown_exact(None)
            self._selection = selection

    def _examination(self, submission: Submission, selection: Selection) -> Examination:
        assert self._zygote is not None
        assignment = self._homework.assignment
        return Examination(
            dict(submission.files),
            assignment.module,
            self._seed.number(f"the random numbers of {submission.sha256}"),
            assignment.limits,
            self._zygote.take,
            lookahead=Lookahead(self._forecast(selection)),
            probes=self._homework.probes_source,
            strict=assignment.whole_module,
        )

    def _forecast(self, selection: Selection) -> Forecast:
        """What these checks are expected to ask: as they were seen to, if not together then each among others."""
        if selection not in self._forecasts:
            self._forecasts[selection] = forecast = Forecast()
            if set(selection) <= self._requests_of.keys():
                forecast.learn([one for i in selection for one in self._requests_of[i]])
        return self._forecasts[selection]

    def _judge(self, plan: Partly, selection: Selection, session: pytest.Session) -> Judged:
        """Run the selected checks on a submission, in a fork of its own."""
        assert self._zygote is not None
        self._zygote.renew()
        items = session.items
        examination = self._examination(plan.submission, selection)
        forecast = examination.lookahead.forecast  # it may have another one in the end
        self._student = Student(examination, self._requests, self._homework.classes)
        outcomes: list[Outcome] = []
        failures, passed = Kept(), Kept(PASSED_CAP)
        places = [0]  # in what it was asked, of the first request after each check
        try:
            for i, run in zip(selection, self._runs(selection, items), strict=True):
                lacking = self._lacking(self.checks[i], outcomes, plan)
                if lacking:
                    session._setupstate.teardown_exact(
                        None
                    )  # what pytest has set up was for the check that is left out
                    outcome = Outcome(self.checks[i], Verdict.BLOCKED, 0.0, lacking)
                else:
                    outcome = self._outcome(self.checks[i], items[i], run, examination)
                if self._is_explained(outcome):
                    failures.keep(outcome.check, examination)
                elif outcome.verdict is Verdict.PASSED and self._is_replayed(outcome.check):
                    passed.keep(outcome.check, examination)
                outcomes.append(outcome)
                places.append(len(examination.asked))
                self.on_asked(self.checks[i], examination.calls)
                self.on_check(outcomes)
                if plan.until_lost and outcome.verdict is not Verdict.PASSED:
                    session._setupstate.teardown_exact(None)  # the next check, which would do so, does not come
                    break
        except BaseException:
            self._end(examination)
            raise
        examination.begin_check()  # the last check's answers are not needed, and may be large
        self._learn(forecast, examination, outcomes)
        if all(outcome.verdict is Verdict.PASSED for outcome in outcomes):
            for i, (begun, ended) in zip(selection, pairwise(places), strict=True):
                self._requests_of.setdefault(i, examination.asked[begun:ended])
        return Judged(outcomes, failures.calls, passed.calls, examination)

    def _lacking(self, check: Check, outcomes: Sequence[Outcome], plan: Partly) -> str:
        """Why a check is not asked: nothing is right in a part that its part needs. Empty where it is."""
        needs = {part.name: part.needs for part in self._homework.assignment.parts}.get(check.part, ())
        titles = {part.name: part.title for part in self._homework.assignment.parts}
        for needed in needs:
            known = [one for one in (*outcomes, *plan.known.values()) if one.check.part == needed]
            number = sum(one.part == needed for one in self.checks)
            if len(known) == number and not any(one.verdict is Verdict.PASSED for one in known):
                return f"not asked: it needs “{titles[needed]}”, and nothing there is right yet"
        return ""

    def _outcome(self, check: Check, item: pytest.Item, run: Callable[[], None], examination: Examination) -> Outcome:
        """What one check comes to; where the grader itself fails, it is tried again in a fresh fork."""
        assert self._zygote is not None
        take_place(item)  # whatever an earlier submission has left
        outcome = judge(check, run, examination)
        self._zygote.order_spare()
        for retry in range(1, RETRIES + 1):
            if outcome.verdict is not Verdict.INFRA:
                break
            examination.close()
            outcome = judge(check, run, examination, last=retry == RETRIES)
        outcome = replace(outcome, place=take_place(item))
        return outcome if outcome.verdict is Verdict.PASSED else self._with_call(outcome, examination)

    def _with_call(self, outcome: Outcome, examination: Examination) -> Outcome:
        """The outcome with how the student's code was asked, and where in the file that is."""
        asked = self._outline.asked(examination.calls, examination.blamed)
        line = outcome.line
        if line is None and asked.function and outcome.verdict is not Verdict.BLOCKED:
            line = beginning(asked.function, examination.files)
        return replace(outcome, asked=asked, line=line)

    def _is_explained(self, outcome: Outcome) -> bool:
        """Whether a known mistake may explain this outcome: a wrong answer, to a check that can be repeated."""
        return outcome.verdict in (Verdict.FAILED, Verdict.ERROR) and self._is_replayed(outcome.check)

    def _learn(self, forecast: Forecast, examination: Examination, outcomes: Sequence[Outcome]) -> None:
        """Remember what the first submission with full marks was asked: the next ones are asked it ahead of time."""
        if not forecast.requests and all(outcome.verdict is Verdict.PASSED for outcome in outcomes):
            forecast.learn(examination.asked)
            self.on_learnt(examination.asked, forecast)

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

    def _provenance(self, digest: str, started: datetime, seconds: float, whose: str) -> Provenance:
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
            whose=whose,
        )


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
        for name in ("last_type", "last_value", "last_traceback", "last_exc"):  # pytest leaves all that a check held
            vars(sys).pop(name, None)
