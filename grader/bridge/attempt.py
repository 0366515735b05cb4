"""One submission being graded: its fork, what it is asked, what was asked ahead, and the time that it has."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NoReturn

from grader.bridge.errors import InfraError, StudentError, out_of_time
from grader.bridge.forecast import VAIN_SECONDS, Forecast, Lookahead
from grader.bridge.guest import Guest
from grader.guest import codec
from grader.outcome import Measurement, Verdict
from grader.spec import Limits

if TYPE_CHECKING:
    from grader.bridge.student import Handle

REQUEST_SIZE = 1 << 20  # bytes of a request that is kept: one that sends a hostile answer back has a hundred times that
ANSWERS_CAP = 256 << 20  # bytes of memory that the answers in one check take, beside the largest one (`Frame.size`)
GONE = "the process that held this object has ended"
UNFORESEEN = "a fork was asked more than was foreseen, after it had been ended"


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
    target: Handle | None = None  # the object that was asked; None for a function of the module
    operation: str = "call"  # "call", "get", or an operator: then `target` is its left side, or all are in `args`
    experiment: Callable[[Any], None] | None = None  # no call, but an experiment; `answer` is why it failed
    within: bool = False  # a call of an experiment, which is repeated as a whole


def parts(answer: Any) -> Iterator[Any]:
    """An answer, and all that its lists, tuples and dictionaries hold."""
    yield answer
    inner = answer.values() if isinstance(answer, dict) else answer if isinstance(answer, list | tuple) else ()
    for item in inner:
        yield from parts(item)


@dataclass(frozen=True)
class Request:
    """A call as it goes over the wire."""

    target: str | codec.Opaque
    frame: bytes
    is_plain: bool  # whether it names no object of one fork's: then any fork can answer it


@dataclass(frozen=True)
class Training:
    """A call that trains a network: how long it may take, and who is told what it prints."""

    seconds: float
    on_line: Callable[[str], None]


@dataclass
class Attempt:
    """One submission being graded: its fork, replaced when it dies, and what was asked of it."""

    files: dict[str, bytes]
    module: str
    seed: int
    limits: Limits
    take: Callable[[], Guest]
    probes: str = ""  # source of staff's code that runs beside the student's
    calls: list[RecordedCall] = field(default_factory=list)  # of the current check
    heard: int = 0  # bytes of memory that their answers take, for as long as the calls are kept
    problem: StudentError | None = None  # why the module does not load
    loading: bool = False  # whether a fork has been given the module and has not yet said that it loads
    loaded: bool = False
    guest: Guest | None = None
    slow: set[str] = field(default_factory=set)  # functions that ran out of time once
    deadline: float | None = None
    lookahead: Lookahead = field(default_factory=lambda: Lookahead(Forecast()))
    measured: Measurement | None = None  # in the current check
    unforeseen: bool = False  # whether a fork was missed that had been retired: then all is to be judged again
    asked: list[bytes | None] = field(default_factory=list)  # what a forecast may learn

    def begin_check(self) -> None:
        """Forget what is known of the check before."""
        self.calls, self.heard, self.measured = [], 0, None

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
            raise StudentError(Verdict.BLOCKED, self.problem.message)
        is_foreseeable = request.is_plain and training is None and len(request.frame) <= REQUEST_SIZE
        self.asked.append(request.frame if is_foreseeable else None)
        if training is not None:
            self._give_time(training.seconds, renew=request.is_plain)
        if self.loading:
            self._finish_loading()
        holder = self.guest
        sent = self._is_on_its_way(request)
        if not sent:
            self._make_ready(keep=not request.is_plain)
        assert self.guest is not None
        if not request.is_plain and self.guest is not holder:
            raise StudentError(Verdict.CRASH, GONE)
        if training is not None:
            return self.guest.ask(request.frame, training.seconds, limit="for this training", on_line=training.on_line)
        seconds = self.limits.call_seconds
        if request.target in self.slow:  # an endless loop costs the full limit once, not in every check
            seconds = min(seconds, max(1.0, seconds / 5))
        try:
            ahead = [] if self.slow else self.lookahead.more()
            return self.guest.ask(b"" if sent else request.frame, seconds, ahead=ahead)
        except StudentError as error:
            if error.verdict is Verdict.TIMEOUT and isinstance(request.target, str):
                self.slow.add(request.target)
            raise

    def _give_time(self, seconds: float, *, renew: bool) -> None:
        """Let a training's time be no other call's, and `renew` the fork: nothing that was left in it matters."""
        if self.deadline is not None:
            self.deadline += seconds
        if renew:
            self.close()
        elif self.guest is not None:
            self.guest.extend(seconds)

    @contextlib.contextmanager
    def elsewhere(self, take: Callable[[], Guest], waited: float) -> Iterator[None]:
        """Ask forks of another sandbox meanwhile; `waited` seconds for it were not the submission's.

        What was made elsewhere ends there, before anything else is done with that sandbox.
        """
        if self.deadline is not None:
            self.deadline += waited
        before, self.take = self.take, take
        self.close()
        try:
            yield
        finally:
            self.loading, self.take = False, before
            if self.guest is not None:
                self.guest.kill()

    def _is_on_its_way(self, request: Request) -> bool:
        """Whether the next answer of the fork will be the one to this request, asked ahead."""
        vain = self.lookahead.take(request.frame)
        if vain is None or self.guest is None or not self.guest.has_more:
            return False
        return vain == 0 or self.guest.hear_out(vain, VAIN_SECONDS)

    def retire(self) -> bool:
        """End the fork if it has answered all that is foreseen: the next submission's may begin. Whether it was ended.

        Who asks it for more all the same is told by `unforeseen` that another attempt is needed.
        """
        requests = self.lookahead.on_their_way
        if requests is None or self.loading or self.guest is None or not self.guest.alive:
            return False
        if not self.guest.has_answered(requests):
            return False
        self.guest.retire()
        return True

    def holds(self, guest: Guest) -> bool:
        """Whether what lives in this fork can be asked. Raises `InfraError` where it could, had it not been retired."""
        if guest is self.guest and guest.retired:
            self._miss()
        return guest is self.guest and guest.alive

    def _miss(self) -> NoReturn:
        self.unforeseen = True
        raise InfraError(UNFORESEEN)

    def _make_ready(self, *, keep: bool) -> None:
        """Have a fork that has answered everything it was asked, and says nothing more: else the answers would mix.

        `keep`: only this fork will do, for it holds an object that is to be named. Raises `InfraError` where what was
        asked in vain has ended it, and asks nothing ahead when the check is run again.
        """
        if self.guest is not None and self.guest.retired:
            self._miss()
        vain = self.lookahead.in_vain()
        living = self.guest if self.guest is not None and self.guest.alive else None
        if living and vain and not living.hear_out(vain, VAIN_SECONDS) and keep:
            self.lookahead = Lookahead(Forecast())
            raise InfraError("a fork that holds an object of the student's was lost to a call asked ahead in vain")
        if self.guest is not None and self.guest.is_quiet():
            return
        self.close()
        asked = time.monotonic()
        if self.deadline is not None and asked >= self.deadline:
            # To take a fork for nothing would cost 20 ms, in each check that is left.
            raise StudentError(Verdict.BLOCKED, out_of_time(self.limits.submission_seconds, "for one submission"))
        self.guest = self.take()
        if self.deadline is not None:
            self.deadline += time.monotonic() - asked  # the sandbox's time is not the submission's
        self.guest.begin(self.files, self.module, self.seed, probes=self.probes)
        self._finish_loading()

    def begin(self) -> None:
        """Have a fork load the module, and work on what it will be asked first, while the judge does other things."""
        self.guest = self.take()
        self.guest.begin(self.files, self.module, self.seed, self.lookahead.more(), probes=self.probes)
        self.loading = True

    def _finish_loading(self) -> None:
        assert self.guest is not None
        self.loading = False
        if self.deadline is None:
            self.deadline = time.monotonic() + self.limits.submission_seconds
        try:
            self.guest.finish_loading(self.deadline)
            self.loaded = True
        except StudentError as error:
            if not self.loaded:  # it never will; one that has loaded before may again, for the next check
                self.problem = error
            raise StudentError(Verdict.BLOCKED, error.message) from None

    def close(self) -> None:
        """End the fork. Who takes the next one waits until this one's memory is free."""
        self.loading = False
        if self.guest is not None:
            self.guest.dismiss()
