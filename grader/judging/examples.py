"""The smallest input on which a student's function is wrong: looked for when the outcomes are decided, never a point.

Inputs come from the homework's `inputs.py`, small ones first, by numbers that everybody may know: the hidden suite's
are never among them. A cause that a known mistake explains is tried with inputs on which that mistake is wrong. A
difference that is shown exceeds the tolerance a hundredfold, and every other correct solution agrees with the model
answer there.

The same inputs hold a diagnosis against what nobody asked in the suite: where the submission answers a few of them
otherwise than each mistake of the family that is named, it is another bug, and nothing is said of it.
"""

from __future__ import annotations

import math
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

import torch

from grader.errors import GraderError, StudentError, kind_of
from grader.guest import codec
from grader.homework import Homework
from grader.judging.answers import Model, Reply, digest
from grader.judging.asked import Outline
from grader.judging.bridge.examination import Examination, Overtime, Request
from grader.judging.causes import Cause, Kind, causes, function_of
from grader.judging.compare import TOLERANCE, Disagreement, compare
from grader.judging.diagnose import form, is_same
from grader.judging.inputs import ODD, Call, Small, drawers
from grader.judging.shown import as_json, is_small, literal, numbers, shown
from grader.judging.trees import parts
from grader.outcome import Example, Outcome, Verdict

BATCHES = 3  # of calls, …
CALLS = 64  # … together, for one submission
SECONDS = 0.25  # for all of them, and for what a diagnosis is held against
PREPARED_SECONDS = 0.15  # for what is tried on known mistakes before
DRAWN = (40, 40, 40, 40, 30)  # inputs of each declaration, by level
READ = 16  # numbers, which are read at a glance
TRIED = 80  # candidates, on a known mistake; …
TOLD = 4  # … and so many of those that tell are tried on the submission that it explains
SPREAD = 40  # candidates for what is not explained
PROBED = 12  # candidates that a diagnosis is held against; …
PROBED_CALLS = 48  # … of all diagnoses together
MARGIN = 100  # times the tolerance
NUMBERS_CAP = 4_096  # in the inputs of a candidate
ANSWERS_CAP = 32 << 20  # bytes of memory that the answers of a batch take


@dataclass(frozen=True)
class Candidate:
    """One call that may show what is wrong."""

    function: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    numbers: int
    are_small: bool

    @property
    def size(self) -> tuple[int, bool]:
        """What is shown is the least of these."""
        return self.numbers, not self.are_small


@dataclass(frozen=True)
class Told:
    """How an answer differs from the model answer's."""

    says: str
    yours: Any
    expected: Any
    output: str = "answer"
    raised: str = ""  # by the student's function
    raises: str = ""  # what should be raised
    changed: bool = False  # an argument, and no more is wrong


Ask = Callable[[Sequence[Candidate]], Sequence[Reply | None]]  # None: it was not answered in time


class Examples:
    """The small inputs of one homework, and what tells on them."""

    def __init__(self, homework: Homework, reference: Model, outline: Outline) -> None:
        self._homework = homework
        self._reference = reference
        self._outline = outline
        self._drawers = drawers(homework)
        self._known: dict[str, tuple[Candidate, ...]] = {}
        self._telling: dict[tuple[str, tuple[str, ...]], tuple[Candidate, ...]] = {}
        self._frames: dict[int, Request] = {}
        self._until = math.inf  # of the monotonic clock: for what is tried on known mistakes, …
        self._end = math.inf  # … and for what is asked of the submission
        self._spent = 0.0  # seconds that the submission has had of those
        self._settled: dict[int, bool] = {}
        self._asked_by: dict[str, set[str]] = {}
        self._alternatives = [
            Model(f"alternative_{homework.assignment.name}_{name}", source, f"{name}.py", None, homework.probes_source)
            for name, source in homework.alternatives.items()
        ]

    def find(
        self,
        outcomes: Sequence[Outcome],
        examination: Examination,
        mistakes: Callable[[str], Sequence[Model]],
    ) -> list[Outcome]:
        """The outcomes, with an example at the first visible check of each cause that has one.

        `mistakes` gives the models of a family. Whatever happens here costs nobody a grade. When the submission's time
        is over, nothing is looked for: it would be asked nothing more, and to prepare that can take a second.
        """
        if not self._drawers or examination.problem is not None or time.monotonic() >= examination.deadline:
            return list(outcomes)
        try:
            return self._find(outcomes, examination, mistakes)
        except Exception:  # noqa: BLE001 - inputs, mistakes and answers may be anything
            why = f"No example could be looked for:\n{traceback.format_exc()}"
            lost = next(i for i, outcome in enumerate(outcomes) if outcome.verdict is not Verdict.PASSED)
            noted = replace(outcomes[lost], staff_detail=f"{outcomes[lost].staff_detail}\n{why}")
            return [*outcomes[:lost], noted, *outcomes[lost + 1 :]]

    def _find(
        self, outcomes: Sequence[Outcome], examination: Examination, mistakes: Callable[[str], Sequence[Model]]
    ) -> list[Outcome]:
        self._spent = 0.0
        found = self._upheld(outcomes, examination, mistakes)
        self._until = time.monotonic() + PREPARED_SECONDS
        outcomes = tuple(found)
        visible = [i for i, outcome in enumerate(outcomes) if self._is_explained(outcome)]
        wanted = {}
        for cause in causes([outcomes[i] for i in visible]):
            if cause.kind is not Kind.MISSING:
                place = visible[cause.checks[0]]
                wanted[place] = self._candidates(cause, [outcomes[visible[i]] for i in cause.checks], mistakes)
        wanted = {place: self._quick(some, examination) for place, some in wanted.items()}
        self._end = time.monotonic() + SECONDS - self._spent
        for place, example in self.search(wanted, lambda some: self._ask(examination, some)).items():
            found[place] = replace(found[place], example=example)
        return found

    def _quick(self, candidates: Sequence[Candidate], examination: Examination) -> list[Candidate]:
        """Those that ask nothing which has run out of time before."""
        slow = {label.partition(".")[0] for label in examination.overtime.lost}
        return [one for one in candidates if not slow & {one.function, *self._outline.built_on(one.function)}]

    def _upheld(
        self, outcomes: Sequence[Outcome], examination: Examination, mistakes: Callable[[str], Sequence[Model]]
    ) -> list[Outcome]:
        """The outcomes, without the diagnoses that the submission's answers to small inputs contradict."""
        named: dict[tuple[str, str], list[Outcome]] = {}
        for one in outcomes:
            if one.diagnosis is not None:
                named.setdefault((one.check.part, one.diagnosis.mistake), []).append(one)
        probes = [
            (key, one)
            for key, some in named.items()
            for one in self._quick(self._probes(some, min(PROBED, PROBED_CALLS // len(named))), examination)
        ]
        if not probes:
            return list(outcomes)
        began = time.monotonic()
        self._end = began + SECONDS
        replies = self._ask(examination, [one for _, one in probes])
        self._spent = time.monotonic() - began
        heard: dict[tuple[str, str], list[tuple[Candidate, Reply]]] = {}
        for (key, candidate), reply in zip(probes, replies, strict=False):
            if reply is not None:
                heard.setdefault(key, []).append((candidate, reply))
        wrong = {
            key
            for key, pairs in heard.items()
            if not any(all(self._may_give(model, *pair) for pair in pairs) for model in mistakes(key[1]))
        }
        return [
            replace(one, diagnosis=None) if one.diagnosis and (one.check.part, one.diagnosis.mistake) in wrong else one
            for one in outcomes
        ]

    def _probes(self, outcomes: Sequence[Outcome], most: int) -> list[Candidate]:
        """What a diagnosis is held against: inputs of all sizes, the same for all submissions."""
        cause = Cause(Kind.DIAGNOSIS, (), tuple(dict.fromkeys(filter(None, map(function_of, outcomes)))))
        return _spread([self.candidates(name) for name in self._names(cause, outcomes)], most)[:most]

    def _may_give(self, model: Model, candidate: Candidate, reply: Reply) -> bool:
        """Whether a mistake answers so, or its answer says nothing: by chance, left open by the handout, or refused."""
        right, theirs = _reply(self._reference, candidate), _reply(model, candidate)
        if right.error is not None or not self._is_settled(candidate):
            return True
        again = model._compute(candidate.function, candidate.args, candidate.kwargs)  # noqa: SLF001 - by chance?
        if not _are_alike(theirs, again):
            return True
        if isinstance(reply.error, StudentError) and reply.error.verdict is not Verdict.ERROR:
            return True
        if any(isinstance(part, codec.Opaque) for part in parts((reply.value, theirs.value))):
            return True
        return _are_alike(reply, theirs)

    def _is_explained(self, outcome: Outcome) -> bool:
        """Whether an example may be shown of a check."""
        if outcome.verdict is Verdict.PASSED or outcome.check.hide_errors is not None:
            return False
        part = next((one for one in self._homework.assignment.parts if one.name == outcome.check.part), None)
        return outcome.check.visibility == "visible" and (part is None or part.examples != "never")

    def search(self, wanted: Mapping[int, Sequence[Candidate]], ask: Ask) -> dict[int, Example]:
        """For each place the smallest of its candidates that tells, in at most `BATCHES` batches of `CALLS` calls.

        Candidates of all sizes are asked first, and then smaller ones than the first that told.
        """
        left, best = {place: list(some) for place, some in wanted.items()}, dict[int, tuple[Candidate, Told]]()
        calls = CALLS
        for batch in range(BATCHES):
            open_ = [place for place, some in left.items() if some]
            if not open_ or calls <= 0:
                break
            share = max(1, min(calls, calls // (BATCHES - batch)) // len(open_))
            chosen = [(place, one) for place in open_ for one in _spread([left[place]], share)[:share]][:calls]
            calls -= len(chosen)
            replies = ask([one for _, one in chosen])
            for (place, one), reply in zip(chosen, replies, strict=False):
                left[place] = [other for other in left[place] if other is not one]
                told = self.told(one, reply) if reply is not None else None
                if told and (place not in best or rank(one, told) < rank(*best[place])):
                    best[place] = one, told
            for place, (one, told) in best.items():
                if not told.raises:
                    left[place] = [other for other in left[place] if other.size < one.size]
            if len(replies) < len(chosen):
                break
        return {place: self._example(*pair) for place, pair in best.items()}

    # ---------------------------------------------------------------------------------------------------- candidates

    def _candidates(
        self, cause: Cause, outcomes: Sequence[Outcome], mistakes: Callable[[str], Sequence[Model]]
    ) -> list[Candidate]:
        names = self._names(cause, outcomes)
        diagnosis = outcomes[0].diagnosis
        if diagnosis is not None:
            telling = self.telling(diagnosis.mistake, names, mistakes(diagnosis.mistake))
            if telling:
                return list(telling)
        return _spread([self.candidates(name) for name in names], SPREAD)

    def _names(self, cause: Cause, outcomes: Sequence[Outcome]) -> tuple[str, ...]:
        """The declarations that ask what a cause is in, or else what is made of it."""
        asked = dict.fromkeys(name for one in outcomes if one.asked for name in [one.asked.function] if name)
        about = [*asked, *(name for name in cause.functions if name not in asked)]
        own = [name for name in self._drawers if self._named(name) & set(about)]
        if own:
            return tuple(own)
        return tuple(name for name in self._drawers if self._built_on(name) & set(about))

    def _named(self, name: str) -> set[str]:
        """The functions of the student's that a declaration asks, or names to the probe that it asks."""
        if name not in self._asked_by:
            call = next(filter(None, (self._drawn(name, number, ODD) for number in range(DRAWN[0]))), Call((), {}))
            strings = {part for part in parts(call.args) if isinstance(part, str)}
            self._asked_by[name] = {call.function or name} | (strings & set(self._outline.parameters))
        return self._asked_by[name]

    def _built_on(self, name: str) -> set[str]:
        return {part for target in self._named(name) for part in self._outline.built_on(target)}

    def candidates(self, name: str) -> tuple[Candidate, ...]:
        """The small calls that a declaration draws, the smallest first, each once."""
        if name not in self._known:
            found: dict[Any, Candidate] = {}
            for level, many in enumerate(DRAWN):
                for number in range(many):
                    call = self._drawn(name, number, level)
                    if call is not None:
                        one = _candidate(call.function or name, call)
                        if one.numbers <= NUMBERS_CAP:
                            found.setdefault(digest(one.function, one.args, one.kwargs), one)
            self._known[name] = tuple(sorted(found.values(), key=lambda one: one.size))
        return self._known[name]

    def _drawn(self, name: str, number: int, level: int) -> Call | None:
        try:
            return self._drawers[name](Small(number, level))
        except (IndexError, RuntimeError, ValueError, ZeroDivisionError):  # a range that has no small one
            return None

    def telling(self, family: str, names: tuple[str, ...], models: Sequence[Model]) -> tuple[Candidate, ...]:
        """Candidates on which these models, the mistakes of a family, differ from the model answer: a few."""
        key = family, names
        if key not in self._telling:
            some = _spread([self.candidates(name) for name in names], TRIED)
            found: list[tuple[tuple[bool, bool, int], Candidate]] = []
            for one in some:
                told = next(filter(None, (self.told(one, _reply(model, one)) for model in models)), None)
                if told is not None:
                    found.append((rank(one, told), one))
                    if sum(not (refused or far) for (refused, far, _), _ in found) >= TOLD:
                        break
                if time.monotonic() > self._until:  # the next submission with this mistake looks on
                    return tuple(one for _, one in sorted(found, key=lambda pair: pair[0])[:TOLD])
            self._telling[key] = tuple(one for _, one in sorted(found, key=lambda pair: pair[0])[:TOLD])
        return self._telling[key]

    # --------------------------------------------------------------------------------------------------- differences

    def told(self, candidate: Candidate, reply: Reply) -> Told | None:
        """How a reply differs from the model answer's, by more than rounding.

        None where it does not, says nothing, or where another correct solution differs, too: then the handout leaves
        it open.
        """
        told = self._told(candidate, reply)
        return told if told is None or self._is_settled(candidate) else None

    def _is_settled(self, candidate: Candidate) -> bool:
        if id(candidate) not in self._settled:
            self._settled[id(candidate)] = not any(
                self._told(candidate, _reply(model, candidate)) for model in self._alternatives
            )
        return self._settled[id(candidate)]

    def _told(self, candidate: Candidate, reply: Reply) -> Told | None:
        right = _reply(self._reference, candidate)
        if right.error is not None:
            kind = kind_of(right.error)
            if kind != "ValueError" or (reply.error is not None and kind_of(reply.error) == kind):
                return None
            yours = _raised(reply.error) if reply.error is not None else reply.value
            says = f"no {kind} is raised although the arguments are wrong"
            return Told(says, yours, f"raises {kind}", raised=yours if reply.error is not None else "", raises=kind)
        if reply.error is not None:
            if isinstance(reply.error, StudentError) and reply.error.verdict is not Verdict.ERROR:
                return None
            raised = _raised(reply.error)
            return Told(f"it raises {kind_of(reply.error)}", raised, right.value, raised=raised)
        if (
            any(isinstance(part, codec.Opaque) for part in parts((reply.value, right.value)))
            or form(reply.value) is None
        ):
            return None
        if told := _difference(reply.value, right.value):
            return told
        changed = [one for one in reply.changed if one not in right.changed]
        if changed:
            says = f"the function changes its input {' and '.join(changed)} in place"
            return Told(says, "changed", "as it was", "afterwards", changed=True)
        return None

    def _example(self, candidate: Candidate, told: Told) -> Example:
        names = self._outline.parameters.get(candidate.function, ())
        given = [
            *((names[i] if i < len(names) else f"argument {i + 1}", one) for i, one in enumerate(candidate.args)),
            *candidate.kwargs.items(),
        ]
        return Example(
            function=candidate.function.removeprefix(codec.PROBES),
            inputs=tuple(shown(name, value) for name, value in given),
            yours=_words(told.output, told.yours) if told.raised or told.changed else shown(told.output, told.yours),
            expected=_words(told.output, told.expected)
            if told.raises or told.changed
            else shown(told.output, told.expected),
            difference=_less(told),
            says=told.says,
            snippet=self._snippet(candidate, names),
            file=self._file(candidate),
            numbers=candidate.numbers,
            is_small=_is_readable(candidate, told),
        )

    def _snippet(self, candidate: Candidate, names: Sequence[str]) -> str:
        module = self._homework.assignment.module
        is_probe = candidate.function.startswith(codec.PROBES)
        name = candidate.function.removeprefix(codec.PROBES)
        lines, words = [], [module] if is_probe else []
        for i, value in enumerate(candidate.args):
            if isinstance(value, torch.Tensor | dict | list) and i < len(names):
                lines.append(f"{names[i]} = {literal(value)}")
                words.append(names[i])
            else:
                words.append(literal(value))
        for key, value in candidate.kwargs.items():
            words.append(f"{key}={literal(value)}")
        head = f"import {module}\nimport probes" if is_probe else f"from {module} import {name}"
        torch_ = "import torch\n\n" if any("torch." in line for line in [*lines, *words]) else ""
        asked = f"print({'probes.' if is_probe else ''}{name}({', '.join(words)}))"
        return "\n".join([f"{torch_}{head}", "", *lines, asked])

    def _file(self, candidate: Candidate) -> str:
        right = _reply(self._reference, candidate)
        raises = kind_of(right.error) if right.error is not None else ""
        return as_json(candidate.function, candidate.args, candidate.kwargs, right.value, raises)

    # -------------------------------------------------------------------------------------------------- the sandbox

    def _ask(self, examination: Examination, candidates: Sequence[Candidate]) -> list[Reply | None]:
        """One batch of calls in the submission's fork; nothing after a time-out, an end or a flood is asked."""
        requests = [self._request(one) for one in candidates]
        examination.foresee([request.frame for request in requests], SECONDS)
        overtime = examination.overtime
        examination.overtime = Overtime(SECONDS)
        replies: list[Reply | None] = []
        held = 0
        try:
            for request in requests:
                if time.monotonic() > self._end:
                    break
                try:
                    frame = examination.ask(request)
                    held += frame.size
                    if held > ANSWERS_CAP:
                        break
                    replies.append(Reply(frame.value(frame.body.value), None, tuple(frame.body.changed)))
                except StudentError as error:
                    replies.append(Reply(None, error, ()))
                    if error.verdict is not Verdict.ERROR or examination.fork is None or not examination.fork.alive:
                        break
        except (GraderError, codec.ProtocolError):  # it is no check, and costs nothing
            pass
        finally:
            examination.overtime = overtime
        return replies

    def _request(self, candidate: Candidate) -> Request:
        if id(candidate) not in self._frames:
            packer, function = codec.Packer(), candidate.function
            call = codec.Call(function, packer.pack(candidate.args), packer.pack(candidate.kwargs), track=True)
            self._frames[id(candidate)] = Request(function, codec.encode(call, packer), True, function)
        return self._frames[id(candidate)]


def rank(candidate: Candidate, told: Told) -> tuple[bool, bool, int]:
    """What is shown is the least of these: answers before refusals, numbers that a person reads, as few as can be."""
    is_read = candidate.numbers <= READ and _is_readable(candidate, told)
    return bool(told.raises), not is_read, candidate.numbers


def _is_readable(candidate: Candidate, told: Told) -> bool:
    """Whether all numbers that are shown are whole and have one or two digits."""
    seen = [candidate.args, candidate.kwargs, [] if told.raised else told.yours, [] if told.raises else told.expected]
    return all(map(is_small, islice(numbers(seen), NUMBERS_CAP)))


def _are_alike(one: Reply, other: Reply) -> bool:
    """Whether two replies are the same but for rounding; exceptions by their type."""
    if one.error is not None or other.error is not None:
        return None not in (one.error, other.error) and len({kind_of(e) for e in (one.error, other.error) if e}) == 1
    return form(one.value) == form(other.value) and is_same(one.value, other.value)


def _candidate(function: str, call: Call) -> Candidate:
    given = list(numbers((call.args, call.kwargs)))
    return Candidate(function, call.args, call.kwargs, len(given), all(map(is_small, given)))


def _reply(model: Model, candidate: Candidate) -> Reply:
    return model._reply(candidate.function, candidate.args, candidate.kwargs)  # noqa: SLF001 - as the diagnosis does


def _spread(lists: Sequence[Sequence[Candidate]], most: int) -> list[Candidate]:
    """Some of these candidates, smallest first: small ones mostly, and of each list some of each size."""
    chosen: list[Candidate] = []
    for some in lists:
        share = max(2, most // len(lists))
        places = {round((len(some) - 1) * (i / (share - 1)) ** 1.5) for i in range(share)} if some else set()
        chosen += [some[place] for place in sorted(places)]
    return sorted(chosen, key=lambda one: one.size)


def _difference(answer: Any, expected: Any, output: str = "") -> Told | None:
    """The first output that differs a hundredfold beyond its tolerance."""
    if isinstance(expected, dict):
        if not isinstance(answer, dict) or answer.keys() != expected.keys():
            return Told("the result has other names", answer, expected)
        inner = (_difference(answer[key], expected[key], str(key)) for key in expected)
        return next(filter(None, inner), None)
    if isinstance(expected, list | tuple) and isinstance(answer, list | tuple) and len(answer) == len(expected):
        inner = (
            _difference(*pair, f"{output or 'answer'}[{i}]")
            for i, pair in enumerate(zip(answer, expected, strict=True))
        )
        return next(filter(None, inner), None)
    try:
        wrong = compare(answer, expected, output=output or None, tolerance=_tolerance(expected))
    except (TypeError, RuntimeError, KeyError):
        wrong = Disagreement("the result is of another kind")
    if wrong is None:
        return None
    return Told(wrong.message, answer, expected, output or "answer")


def _tolerance(expected: Any) -> float | None:
    dtype = expected.dtype if isinstance(expected, torch.Tensor) else torch.float64
    return MARGIN * TOLERANCE[dtype] if dtype in TOLERANCE else None


def _less(told: Told) -> Any:
    one, other = told.yours, told.expected
    if told.raised or told.raises:
        return None
    if isinstance(one, torch.Tensor) and isinstance(other, torch.Tensor) and one.shape == other.shape:
        if other.is_floating_point() and one.is_floating_point():
            return shown("difference", one.detach().double() - other.detach().double())
        return None
    if isinstance(one, int | float) and isinstance(other, int | float) and not isinstance(one, bool):
        return shown("difference", one - other)
    return None


def _words(name: str, text: str) -> Any:
    return replace(shown(name, None), text=text)


def _raised(error: Exception) -> str:
    text = error.message if isinstance(error, StudentError) else f"{type(error).__name__}: {error}"
    return f"raises {text}"
