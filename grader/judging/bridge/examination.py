"""One submission being graded: its fork, what it is asked, what was asked ahead, and the time that it has."""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from grader.errors import InfraError, StudentError, out_of_time
from grader.guest import codec
from grader.judging.bridge.forecast import VAIN_SECONDS, Asked, Forecast, Lookahead, prints
from grader.outcome import Measurement, Verdict
from grader.sandbox.fork import Fork
from grader.sandbox.lines import with_cell
from grader.spec import Limits

REQUEST_SIZE = 1 << 20  # bytes of a request that is kept: one that sends a hostile answer back has a hundred times that
ANSWERS_CAP = 64 << 20  # bytes of memory that the answers in one check take, beside the largest one (`Frame.size`)
OVERTIME_SECONDS = 12.0  # that a submission's calls may lose by running out of time, all together
STRIKES = 2  # as often a function that has never answered may run out of time
GONE = "the process that held this object has ended"


@dataclass
class RecordedCall:
    """One call of a check: enough to repeat it on the reference and on every known mistake."""

    function: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    answer: Any = None
    error: StudentError | None = None
    changed: tuple[str, ...] | None = None  # arguments changed in place; None where that was not asked
    looked_at: int | None = None  # the entry of the answer that was judged; None for all of it
    target: Any = None  # the student's object (a `Handle`) that was asked; None for a function of the module
    operation: str = "call"  # "call", "get", or an operator: then `target` is its left side, or all are in `args`
    experiment: Callable[[Any], None] | None = None  # no call, but an experiment; `answer` is why it failed
    within: bool = False  # a call of an experiment, which is repeated as a whole


@dataclass(frozen=True)
class Request:
    """A call as it goes over the wire."""

    target: str | codec.Opaque
    frame: bytes
    is_plain: bool  # whether it names no object of one fork's: then any fork can answer it
    label: str  # what is called, for people: "conv2d_forward", "Value.backward"


@dataclass(frozen=True)
class Training:
    """A call that trains a network: how long it may take, and who is told what it prints."""

    seconds: float
    on_line: Callable[[str], None]


@dataclass
class Overtime:
    """What calls that ran out of time cost one submission, and so what the next call may take.

    An endless loop in one function costs what is `left` and no more, in whatever number of checks; a correct function
    that is slow with large inputs loses these checks only, as long as some is left.
    """

    limit: float  # seconds for one call
    left: float = field(init=False)  # seconds that calls may still lose
    lost: dict[str, int] = field(default_factory=dict)  # how often each function ran out of time
    answered: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.left = max(OVERTIME_SECONDS, 1.2 * self.limit)

    def seconds(self, label: str) -> float:
        """What the next call of this function may take. Raises `StudentError` where it is not called again."""
        lost = self.lost.get(label, 0)
        if lost and (self.left <= 0 or (lost >= STRIKES and label not in self.answered)):
            raise StudentError(Verdict.TIMEOUT, f"`{label}` ran out of time in other checks, and was not called again")
        return min(self.limit, max(self.left, self.limit / 5))

    def note(self, label: str, seconds: float) -> None:
        """A call of this function ran out of time, after so many seconds."""
        self.left -= seconds
        self.lost[label] = self.lost.get(label, 0) + 1


@dataclass
class Examination:
    """One submission being graded: its fork, replaced when it dies, and what was asked of it."""

    files: dict[str, bytes]
    module: str
    seed: int
    limits: Limits
    take: Callable[[], Fork]
    probes: str = ""  # source of staff's code that runs beside the student's
    strict: bool = False  # whether a module that fails anywhere is not loaded at all
    notes: tuple[str, ...] = ()  # what failed while it was loaded, in the guest's words
    skip: int = 0  # the line that took too long then: no later fork waits for it
    calls: list[RecordedCall] = field(default_factory=list)  # of the current check
    heard: int = 0  # bytes of memory that their answers take, for as long as the calls are kept
    problem: StudentError | None = None  # why the module does not load
    loaded: bool = False
    fork: Fork | None = None
    overtime: Overtime = field(init=False)
    deadline: float = math.inf  # of the monotonic clock, from the first fork on: nothing renews it
    lookahead: Lookahead = field(default_factory=lambda: Lookahead(Forecast()))
    measured: Measurement | None = None  # in the current check
    blamed: RecordedCall | None = None  # whose answer ended the current check, where that is known
    asked: list[Asked] = field(default_factory=list)  # what a forecast may learn

    def __post_init__(self) -> None:
        self.overtime = Overtime(self.limits.call_seconds)

    def begin_check(self) -> None:
        """Forget what is known of the check before."""
        self.calls, self.heard, self.measured, self.blamed = [], 0, None, None

    def make_room(self, answer: codec.Frame) -> None:
        """Count an answer among those of the current check. Raises `StudentError` where they are too large together."""
        megabytes = (ANSWERS_CAP >> 20) + self.limits.reply_mb
        if self.heard + answer.size > megabytes << 20:
            raise StudentError(
                Verdict.ERROR, f"its answers in this check hold more than {megabytes} MB, 8 bytes a number"
            )
        self.heard += answer.size

    def ask(self, request: Request, training: Training | None = None) -> codec.Frame:
        """Send one call to the fork, starting or replacing it where needed. A `training` has limits of its own."""
        if self.problem is not None:
            raise _blocked(self.problem)
        is_foreseeable = request.is_plain and training is None and len(request.frame) <= REQUEST_SIZE
        function = request.target if isinstance(request.target, str) else ""
        asked = Asked(request.frame if is_foreseeable else None, function)
        self.asked.append(asked)
        answer = self._ask(request, training)
        if not self.lookahead.forecast.requests:  # it is being learnt
            with contextlib.suppress(codec.ProtocolError):  # met by who reads it
                if is_foreseeable:
                    sent = codec.parse(request.frame)
                    asked.given = prints([sent.value(sent.body.args), sent.value(sent.body.kwargs)])
                asked.answered = prints(answer.value(answer.body.value))
        return answer

    def _ask(self, request: Request, training: Training | None) -> codec.Frame:
        if training is not None and request.is_plain:
            self.close()  # what was left in the fork does not matter, and might slow the training
        seconds = training.seconds if training else self.overtime.seconds(request.label)
        holder = self.fork
        sent = self._is_on_its_way(request)
        if not sent:
            self._make_ready(keep=not request.is_plain)
        assert self.fork is not None
        if not request.is_plain and self.fork is not holder:
            raise StudentError(Verdict.CRASH, GONE)
        if training is not None:
            return self.fork.ask(request.frame, seconds, limit="for this training", on_line=training.on_line)
        started = time.monotonic()
        try:
            ahead = [] if self.overtime.lost else self.lookahead.more()
            answer = self.fork.ask(b"" if sent else request.frame, seconds, ahead=ahead)
        except StudentError as error:
            if error.verdict is Verdict.TIMEOUT:
                self.overtime.note(request.label, time.monotonic() - started)
            else:
                self.overtime.answered.add(request.label)
            raise
        self.overtime.answered.add(request.label)
        return answer

    @contextlib.contextmanager
    def elsewhere(self, take: Callable[[], Fork], waited: float) -> Iterator[None]:
        """Ask forks of another sandbox meanwhile; `waited` seconds for it were not the submission's.

        What was made elsewhere ends there, before anything else is done with that sandbox.
        """
        self.deadline += waited
        before, self.take = self.take, take
        self.close()
        try:
            yield
        finally:
            self.take = before
            if self.fork is not None:
                self.fork.kill()

    def _is_on_its_way(self, request: Request) -> bool:
        """Whether the next answer of the fork will be the one to this request, asked ahead."""
        vain = self.lookahead.take(request.frame)
        if vain is None or self.fork is None or not self.fork.alive:
            return False
        return vain == 0 or self.fork.hear_out(vain, VAIN_SECONDS)

    def holds(self, fork: Fork) -> bool:
        """Whether what lives in this fork can be asked."""
        return fork is self.fork and fork.alive

    def _make_ready(self, *, keep: bool) -> None:
        """Have a fork that has answered everything it was asked, and says nothing more: else the answers would mix.

        `keep`: only this fork will do, for it holds an object that is to be named. Raises `InfraError` where what was
        asked in vain has ended it, and asks nothing ahead when the check is run again.
        """
        vain = self.lookahead.in_vain()
        living = self.fork if self.fork is not None and self.fork.alive else None
        if living and vain and not living.hear_out(vain, VAIN_SECONDS) and keep:
            self.lookahead = Lookahead(Forecast())
            raise InfraError("a fork that holds an object of the student's was lost to a call asked ahead in vain")
        if self.fork is not None and self.fork.is_quiet():
            return
        self.close()
        if time.monotonic() >= self.deadline:
            # To take a fork for nothing would cost 20 ms, in each check that is left.
            raise StudentError(Verdict.BLOCKED, out_of_time(self.limits.submission_seconds, "for one submission"))
        self.fork = self.take()
        if self.deadline == math.inf:
            self.deadline = time.monotonic() + self.limits.submission_seconds
        else:  # it has lost the one before, whose end and successor are its own time
            self.deadline += self.fork.delayed
        self._load(self.fork)

    def _load(self, fork: Fork) -> None:
        try:
            went = fork.load(
                self.files,
                self.module,
                self.seed,
                self.deadline,
                probes=self.probes,
                strict=self.strict,
                skip=self.skip,
            )
            if not self.loaded:
                self.notes = tuple(with_cell(said, self.files) for said in went.said)
                self.skip = went.too_long
            self.loaded = True
        except StudentError as error:
            if not self.loaded:  # it never will; one that has loaded before may again, for the next check
                self.problem = error
            raise _blocked(error) from None

    def foresee(self, frames: Sequence[bytes], seconds: float) -> None:
        """Expect these requests next, which may be asked ahead, and no others; what was asked in vain is heard out."""
        vain = self.lookahead.in_vain()
        if vain and self.fork is not None and self.fork.alive:
            self.fork.hear_out(vain, seconds)
        self.lookahead = Lookahead(Forecast(list(frames), [-1] * len(frames)))

    def close(self) -> None:
        """End the fork. Who takes the next one waits until this one's memory is free."""
        if self.fork is not None:
            self.fork.kill(wait=False)


def _blocked(problem: StudentError) -> StudentError:
    error = StudentError(Verdict.BLOCKED, problem.message)
    error.line = problem.line
    return error
