"""Which known mistake explains an answer: the calls of a failed check, repeated on every mistake of the library.

A mistake explains a check if it gives the student's answer to every call, where the reference does not. And it has to
fit the rest of the part: in every other check, passed ones too, it gives the student's answers, or it gives the
reference's there and has no say in that check. If the mistakes that do so are all of one family, the student reads that
family's sentence; if several families do, the other failed checks of the same part decide, and if they cannot, nothing
is said.

Answers that depend on random numbers never come twice. Where a check tried them out in an experiment, that is repeated
on the mistakes as a whole, and has to fail with the same message in one of a few trials: where one random number
decides for a whole batch, the same mistake gives different messages. An experiment that the student passed has to pass
in one of them. And as a message says little, a mistake explains none while it passes a failed check of the part that no
mistake explains: what is unknown there may be behind the message, too.

Exceptions are compared by their type alone, and torch raises RuntimeError for everything. So a mistake explains an
exception only if it explains every check of the part that one ended.
"""

from __future__ import annotations

import contextlib
import math
import resource
import signal
import threading
import time
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import torch

from grader.errors import kind_of
from grader.guest import frames
from grader.guest.codec import Opaque
from grader.homework import Homework, Mistake
from grader.judging.answers import Model, Reply, data_folder, reference_of
from grader.judging.bridge.examination import RecordedCall
from grader.judging.bridge.student import Handle
from grader.judging.call_replay import Replay, holds_object, tried
from grader.judging.compare import TOLERANCE, as_number, is_number, tolerance_of
from grader.judging.draws import Memory
from grader.judging.trees import parts
from grader.outcome import Diagnosis, Outcome

Failures = dict[str, tuple[str, Sequence[RecordedCall]]]  # check → its part and its calls
TRIALS = 4  # of an experiment: of messages that come every other time, one in 16 is not among them
SLACK = 100  # an equal formula may round differently: times the tolerance of a correct answer …
SLACK_CAP = 1e-2  # … but in 16 bits that would make everything the same
CALLS = 50_000  # thirty times what any mistake of ours takes ...
NUMBERS = 100_000_000
NODES = 4_096  # pieces of one answer
MEMORY = 1 << 30  # bytes of addresses beyond what the judge has
REMEMBERED = 64 << 10  # bytes of a mistake's answer that is kept for the whole run: there are mistakes by the hundred
GRACE_SECONDS = 0.5  # that a diagnosis may go on when the submission's time is over


class Diagnostician:
    """The mistake library of one homework, with its answers remembered for the whole run."""

    def __init__(self, homework: Homework, reference: Model | None = None, drawn: Memory | None = None) -> None:
        self._reference = reference or reference_of(homework, drawn)
        self._mistakes = [
            (each, _model(homework, each, drawn)) for mistake in homework.mistakes for each in _with_variants(mistake)
        ]

    def models(self, family: str) -> list[Model]:
        """The mistakes of a family."""
        return [model for mistake, model in self._mistakes if mistake.family == family]

    def diagnosed(
        self,
        outcomes: Sequence[Outcome],
        failures: Failures,
        deadline: float = math.inf,
        *,
        passed: Failures | None = None,
        without: str = "",
    ) -> list[Outcome]:
        """The outcomes with what explains them. A diagnosis that fails costs nobody a grade; staff read why.

        `passed` are the calls of passed checks, which an explanation has to fit. `without` is a family that is left
        out, to see whether another one is named in its place. `deadline`, of the monotonic clock, is the end of the
        submission's time: soon after it nothing more is looked for. Only who has used it up can meet it.
        """
        try:
            with _at_most(MEMORY), _stopped_at(deadline + GRACE_SECONDS):
                budget = Budget(deadline=deadline + GRACE_SECONDS)
                found = self.explain(failures, budget, passed=passed, without=without)
        except Spent as spent:
            why = f"Nothing is explained: {spent}"
        except Exception:  # a mistake of the library may do anything with an argument that it was not written for
            why = f"The diagnosis failed:\n{traceback.format_exc()}"
        else:
            return [replace(outcome, diagnosis=found.get(outcome.check.name)) for outcome in outcomes]
        return [
            replace(outcome, staff_detail=f"{outcome.staff_detail}\n{why}")
            if outcome.check.name in failures
            else outcome
            for outcome in outcomes
        ]

    def explain(
        self, failures: Failures, budget: Budget | None = None, *, passed: Failures | None = None, without: str = ""
    ) -> dict[str, Diagnosis]:
        """Check → diagnosis, for those failed checks that have exactly one explanation. Raises `Spent`."""
        budget = budget or Budget()
        keyed = {
            check: _Keyed(check, calls, self._reference, budget, is_passed=check not in failures)
            for check, (_, calls) in {**(passed or {}), **failures}.items()
            if calls
        }
        parts_of = {check: part for check, (part, _) in {**(passed or {}), **failures}.items()}
        candidates: dict[str, list[Mistake]] = {}
        certain: dict[str, set[str]] = {}  # by part: the families that alone explain one of its checks
        fits: dict[str, bool] = {}  # mistake's name, part, and whether experiments were looked at too
        for check, (part, calls) in failures.items():
            if calls:
                others = [one for name, one in keyed.items() if parts_of[name] == part]
                plain = [one for one in others if not one.is_experiment]
                models = [
                    (mistake, model)
                    for mistake, model in self._mistakes
                    if part in mistake.parts and mistake.family != without
                ]
                if keyed[check].is_experiment:  # dear to repeat, so on those mistakes alone that fit all the rest
                    models = [(mistake, model) for mistake, model in models if _fits(mistake, model, part, plain, fits)]
                explaining = self._candidates(keyed[check], models, certain.setdefault(part, set()))
                candidates[check] = [
                    mistake for mistake, model in explaining if _fits(mistake, model, part, others, fits)
                ]
                families = {mistake.family for mistake in candidates[check]}
                certain[part] |= families if len(families) == 1 else set()
        _doubt_exceptions(candidates, failures)
        _doubt_messages(candidates, failures, keyed, {mistake.name: model for mistake, model in self._mistakes})
        found = {}
        for check, mistakes in candidates.items():
            families = {mistake.family for mistake in mistakes}
            if len(families) > 1:
                part = failures[check][0]
                alone = {
                    other[0].family
                    for name, other in candidates.items()
                    if failures[name][0] == part and len({m.family for m in other}) == 1
                }
                families &= alone
            if len(families) == 1:
                mistake = next(m for m in mistakes if m.family in families)
                found[check] = Diagnosis(mistake.family, mistake.sentence)
        return found

    def _candidates(
        self, keyed: _Keyed, models: Sequence[tuple[Mistake, Model]], certain: set[str]
    ) -> list[tuple[Mistake, Model]]:
        """The mistakes that give these answers; of those in `certain`, if one of them does: it is likelier than two.

        Where an exception is among the answers, all are looked at, for exceptions say little.
        """
        if not keyed.can_be_explained or keyed.have_replies_of(self._reference):
            return []
        likely = [] if keyed.raised else [pair for pair in models if pair[0].family in certain]
        for chosen in (likely, models):
            if found := [(mistake, model) for mistake, model in chosen if keyed.have_replies_of(model)]:
                return found
        return []


def _fits(mistake: Mistake, model: Model, part: str, others: Sequence[_Keyed], known: dict[str, bool]) -> bool:
    """Whether a mistake gives the student's answers in each check of a part, or the reference's."""
    key = f"{mistake.name} {part} {any(one.is_experiment for one in others)}"
    if key not in known:
        known[key] = all(one.allow(model) for one in others if one.tells_anything)
    return known[key]


class Spent(BaseException):
    """A diagnosis has used up its budget. No `Exception`: a mistake's own code is not to catch it."""


@dataclass
class Budget:
    """What the explanation of one submission may cost, counted so that it does not depend on the machine's speed.

    The clock stops only what a hostile submission has made slow: honest work leaves nearly all of its time.
    """

    calls: int = CALLS  # repeated on a mistake, or looked up
    numbers: int = NUMBERS  # compared, or handed to a mistake
    deadline: float = math.inf  # of the monotonic clock

    def spend(self, calls: int = 0, numbers: int = 0) -> None:
        """Take off what comes next. Raises `Spent` where that is more than is left."""
        self.calls -= calls
        self.numbers -= numbers
        if min(self.calls, self.numbers) < 0:
            raise Spent(f"it would take more than {CALLS:,} calls or {NUMBERS:,} numbers")
        if time.monotonic() > self.deadline:
            raise Spent("the submission's time is over")


@contextlib.contextmanager
def _stopped_at(deadline: float) -> Iterator[None]:
    """Raise `Spent` in the midst of a mistake's code, too, which a hostile number may keep in a loop for years."""
    if deadline == math.inf or threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(*_: object) -> NoReturn:
        raise Spent("the submission's time is over")

    before = signal.signal(signal.SIGALRM, stop)
    try:
        # again and again: one that comes in the midst of a destructor is lost
        signal.setitimer(signal.ITIMER_REAL, max(deadline - time.monotonic(), 1e-3), 0.05)
        yield
    finally:
        while signal.getitimer(signal.ITIMER_REAL) != (0.0, 0.0):
            with contextlib.suppress(Spent):  # it may come just now
                signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@contextlib.contextmanager
def _at_most(size: int) -> Iterator[None]:
    """Let this process have so many bytes more, meanwhile: a mistake may take a hostile number for a size."""
    before = resource.getrlimit(resource.RLIMIT_AS)
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limit = pages * resource.getpagesize() + size
    if before[0] != resource.RLIM_INFINITY:
        limit = min(limit, before[0])
    resource.setrlimit(resource.RLIMIT_AS, (limit, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


class _Keyed:
    """Calls with what is worked out of each once, whatever the number of mistakes that it is held against."""

    def __init__(
        self, check: str, calls: Sequence[RecordedCall], reference: Model, budget: Budget, *, is_passed: bool = False
    ) -> None:
        self._check = check
        self._is_passed = is_passed
        self._calls = [call for call in calls if not call.within]
        self._forms = [form(call.answer) for call in self._calls]
        self._keys: dict[int, Any] = {}
        self._given: dict[int, int] = {}
        self._reference = reference
        self._budget = budget
        self._is_odd = any(one is None for one in self._forms)
        self._hold_objects = not self._is_odd and any(map(holds_object, self._calls))

    @property
    def can_be_explained(self) -> bool:
        """Whether each answer is one that a mistake could give: written, and not of more pieces than any mistake's."""
        unwritten = any(call.error is not None and call.error.kind == "NotImplementedError" for call in self._calls)
        return not self._is_odd and not unwritten

    @property
    def is_experiment(self) -> bool:
        """Whether messages are compared, of a body that is repeated as a whole, several times."""
        return any(call.experiment is not None for call in self._calls)

    @property
    def raised(self) -> bool:
        """Whether an exception is among the answers."""
        return any(call.error is not None for call in self._calls)

    def have_replies_of(self, model: Model) -> bool:
        """Whether the model does to all of these calls what the student's code did."""
        replay = Replay(model) if self._hold_objects else None
        return all(
            any(self._is_reply(place, one) for one in self._replies(place, model, replay))
            for place in range(len(self._calls))
        )

    @cached_property
    def tells_anything(self) -> bool:
        """Whether a mistake can be held against this check.

        Not if chance decides what the reference answers, nor if the student passed with other answers than its. And not
        if a limit ended a call, of time, memory or size: models have no such limits.
        """
        if any(call.error is not None and not call.error.kind for call in self._calls):
            return False
        if self._is_passed:
            return self.can_be_explained and self.have_replies_of(self._reference)
        return self._repeats(self._reference)

    def allow(self, model: Model) -> bool:
        """Whether the model may be what the student wrote, as far as this check says.

        It gives the student's answers, or the reference's: then it has no say here. In a failed check its answers may
        also be a matter of chance.
        """
        if self.have_replies_of(model) or self.is_right(model):
            return True
        return not self._is_passed and not self._repeats(model)

    def _repeats(self, model: Model) -> bool:
        """Whether the model answers the same once more, and fails an experiment with one message."""
        once, again = Replay(model), Replay(model)
        for place, call in enumerate(self._calls):
            if call.experiment is not None:
                said = {str(reply.error or reply.value) for reply in self._replies(place, model, None)}
                if len(said) > 1:
                    return False
                continue
            self._budget.spend(2, 2 * self._numbers_given(place))
            one, other = once.reply(call), again.reply(call)
            if (one.error is None) != (other.error is None):
                return False
            if one.error is None and not self._is_alike(call, one.value, other.value):
                return False
        return True

    def is_right(self, model: Model) -> bool:
        """Whether the model does to all of these calls what the reference does: then it has no say in this check."""
        ours, theirs = (Replay(one) if self._hold_objects else None for one in (model, self._reference))
        for place, call in enumerate(self._calls):
            replies = self._replies(place, model, ours)
            if call.experiment is not None:
                if not any(reply.error is None and reply.value is None for reply in replies):
                    return False
                continue
            reply, right = next(replies), next(self._replies(place, self._reference, theirs))
            if reply.error is not None or right.error is not None:
                both = reply.error, right.error
                if any(one is None for one in both) or len({kind_of(one) for one in both if one is not None}) > 1:
                    return False
                continue
            is_changed_alike = call.changed is None or reply.changed == right.changed
            if not is_changed_alike or not self._is_alike(call, reply.value, right.value):
                return False
        return True

    def _is_alike(self, call: RecordedCall, one: Any, other: Any) -> bool:
        """Whether two models' answers are the same where the check looked."""
        place = call.looked_at
        if place is not None:
            if not all(isinstance(value, list | tuple) and len(value) > place for value in (one, other)):
                return False
            one, other = one[place], other[place]
        self._budget.spend(numbers=sum(map(_size, parts(one))))
        return form(one) == form(other) and _alike(one, other)

    def _replies(self, place: int, model: Model, replay: Replay | None) -> Iterator[Reply]:
        """What the model does to one of the calls: several replies where chance decides, one elsewhere."""
        call = self._calls[place]
        if call.experiment is not None:
            trials = 1 if call.error is not None else TRIALS  # what raises does so each time, and is the costliest
            for trial in range(trials):
                self._budget.spend(calls=1)
                # It depends on the run's draws alone, which are the same for all submissions.
                key = ("experiment", self._check, place, trial)
                if key not in model._memory:
                    model._memory[key] = tried(model, call.experiment, trial)
                yield model._memory[key]
        elif replay is not None:
            self._budget.spend(1, self._numbers_given(place))
            yield replay.reply(call)
        else:
            if place not in self._keys:
                self._budget.spend(numbers=self._numbers_given(place))
                self._keys[place] = self._reference._key(call.function, call.args, call.kwargs)
            is_known = model.knows(self._keys[place])
            self._budget.spend(1, 0 if is_known else self._numbers_given(place))
            yield model._reply(call.function, call.args, call.kwargs, self._keys[place])

    def _numbers_given(self, place: int) -> int:
        if place not in self._given:
            call = self._calls[place]
            self._given[place] = sum(map(_size, parts((call.args, call.kwargs))))
        return self._given[place]

    def _is_reply(self, place: int, reply: Reply) -> bool:
        call = self._calls[place]
        if call.error is not None:
            return reply.error is not None and kind_of(reply.error) == call.error.kind
        if reply.error is not None or (call.changed is not None and call.changed != reply.changed):
            return False
        answer, value, its_form = call.answer, reply.value, self._forms[place]
        if call.looked_at is not None:
            if not isinstance(value, list | tuple) or len(value) != len(answer):
                return False
            answer, value = answer[call.looked_at], value[call.looked_at]
            its_form = form(answer)
        if its_form != form(value):
            return False
        self._budget.spend(numbers=sum(map(_size, parts(value))))
        return is_same(answer, value)


def form(value: Any) -> Any:
    """What an answer is, but for its numbers: types, shapes and dtypes. None where it has more than `NODES` pieces."""
    left = count(NODES, -1)
    try:
        return _form(value, left)
    except OverflowError:
        return None


def _form(value: Any, left: Iterator[int]) -> Any:
    if next(left) <= 0:
        raise OverflowError
    match value:
        case Handle() | Opaque():
            return "object"
        case np.generic() | np.ndarray() if not np.ndim(value):
            return type(value.item()).__name__
        case torch.Tensor() | np.ndarray():
            return "tensor" if isinstance(value, torch.Tensor) else "array", tuple(value.shape), value.dtype
        case set() | frozenset():
            return "set", len(value)
        case _ if frames.is_frame(value):
            return type(value).__name__, value.shape, repr(getattr(value, "columns", None))
        case list() | tuple():
            return "list" if isinstance(value, list) else "tuple", *(_form(item, left) for item in value)
        case dict():
            return "dict", *sorted((repr(key), _form(item, left)) for key, item in value.items())
    return type(value).__name__


def _size(value: Any) -> int:
    if isinstance(value, torch.Tensor):
        return value.numel()
    return (
        int(value.size) if isinstance(value, np.ndarray) or frames.is_frame(value) else 1
    )  # a handle would be asked for its `size`


def _doubt_exceptions(candidates: dict[str, list[Mistake]], failures: Failures) -> None:
    raised = [check for check in candidates if any(call.error is not None for call in failures[check][1])]
    explained = {check: list(candidates[check]) for check in raised}
    for check in raised:
        alike = [explained[other] for other in raised if failures[other][0] == failures[check][0]]
        candidates[check] = [mistake for mistake in explained[check] if all(mistake in other for other in alike)]


def _doubt_messages(
    candidates: dict[str, list[Mistake]], failures: Failures, keyed: dict[str, _Keyed], models: dict[str, Model]
) -> None:
    unknown = [check for check, mistakes in candidates.items() if not mistakes]
    for check, mistakes in candidates.items():
        part, calls = failures[check]
        if any(call.experiment is not None and call.error is None for call in calls):
            others = [keyed[one] for one in unknown if failures[one][0] == part]
            candidates[check] = [
                mistake for mistake in mistakes if not any(other.is_right(models[mistake.name]) for other in others)
            ]


def _with_variants(mistake: Mistake) -> Iterator[Mistake]:
    """The mistake, and the same one with other constants."""
    yield mistake
    for number, assigned in enumerate(mistake.variants, 1):
        yield replace(mistake, name=f"{mistake.name}_{number}", overlay=f"{mistake.overlay}\n\n{assigned}\n")


def _model(homework: Homework, mistake: Mistake, drawn: Memory | None) -> Model:
    path = str(homework.reference / "mistakes" / f"{mistake.name}.py")
    name = f"mistake_{homework.assignment.name}_{mistake.name}"
    source, probes = homework.wrong_source([mistake]), homework.probes_source
    folder, others = data_folder(homework), homework.wrong_others([mistake])
    return Model(name, source, path, drawn, probes, forgets_above=REMEMBERED, folder=folder, others=others)


def is_same(one: Any, other: Any) -> bool:
    """Whether an answer is a mistake's, but for rounding. Both have one `form`."""
    if isinstance(one, Handle) or isinstance(other, Opaque):
        return isinstance(one, Handle) and isinstance(other, Opaque)
    if is_number(one) or is_number(other):
        return is_number(one) and is_number(other) and _same_numbers(one, other)
    if isinstance(one, np.ndarray) or isinstance(other, np.ndarray):
        if not all(isinstance(value, np.ndarray) and value.dtype.kind in "biufc" for value in (one, other)):
            return type(one) is type(other) and np.array_equal(one, other)
        return is_same(torch.from_numpy(np.array(one)), torch.from_numpy(np.array(other)))
    if frames.is_frame(one) or frames.is_frame(other):
        return type(one) is type(other) and is_same(tuple(frames.taken_apart(one)), tuple(frames.taken_apart(other)))
    if isinstance(one, torch.Tensor) or isinstance(other, torch.Tensor):
        return isinstance(one, torch.Tensor) and isinstance(other, torch.Tensor) and _same_tensor(one, other)
    if isinstance(one, set | frozenset) or isinstance(other, set | frozenset):
        return isinstance(other, set | frozenset) and bool(one == other)
    if isinstance(one, list | tuple):
        return _is_sequence_like(one, other) and all(map(is_same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(is_same(one[key], other[key]) for key in one)
    return type(one) is type(other) and bool(one == other)


def _same_numbers(one: Any, other: Any) -> bool:
    relative = SLACK * max(tolerance_of(one), tolerance_of(other))
    one, other = as_number(one), as_number(other)
    if isinstance(one, float | complex) and isinstance(other, float | complex):
        return bool(np.isclose(one, other, rtol=min(relative, SLACK_CAP), equal_nan=True))
    return type(one) is type(other) and bool(one == other)


def _is_sequence_like(one: Any, other: Any) -> bool:
    kind = list if isinstance(one, list) else tuple
    return isinstance(other, kind) and len(one) == len(other)


def _alike(one: Any, other: Any) -> bool:
    """As `is_same`, of two models' answers: an object on both sides is alike."""
    if isinstance(one, Opaque) and isinstance(other, Opaque):
        return True
    if isinstance(one, list | tuple):
        return _is_sequence_like(one, other) and all(map(_alike, one, other))
    return is_same(one, other)


def _same_tensor(one: torch.Tensor, other: torch.Tensor) -> bool:
    if one.shape != other.shape or one.dtype != other.dtype:
        return False
    tolerance = TOLERANCE.get(one.dtype)
    if tolerance is None:
        return torch.equal(one, other)
    finite = other.abs()[torch.isfinite(other)]
    scale = float(finite.amax()) if finite.numel() else 0.0
    tolerance = max(tolerance, min(SLACK * tolerance, SLACK_CAP))
    return torch.allclose(one, other.detach(), rtol=0, atol=tolerance * (scale or 1.0), equal_nan=True)
