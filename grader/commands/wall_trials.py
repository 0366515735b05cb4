"""`grader doctor --probe`: a short attack on this very machine and tier, behind real walls, line by line.

The walls' own probes (`guest/probe.py`) test what a fork can reach. The trials here test what the judge can enforce:
they load small hostile submissions and check what is left of them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from grader.errors import GraderError, StudentError
from grader.guest import codec
from grader.outcome import Verdict
from grader.sandbox.fork import Fork
from grader.sandbox.processes import count_inside
from grader.sandbox.zygote import Zygote
from grader.spec import Limits

LIMITS = Limits(call_seconds=2, import_seconds=10, submission_seconds=20, memory_mb=256, processes=16, files_mb=8)
GRACE = 1.0  # seconds after a limit by which the worker must be free again

_ATTACKS = """
import os, tempfile, time, torch

def loop():
    import signal
    for number in (signal.SIGALRM, signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    while True:
        pass

def hoard():
    kept = []
    while True:
        kept.append(bytearray(b"x" * (32 << 20)))

def hoard_in_children():
    for _ in range(8):
        if os.fork() == 0:
            kept = bytearray(b"x" * (200 << 20))
            time.sleep(30)
    time.sleep(5)
    return "alive"

def multiply():
    made = 0
    try:
        while made < 10_000:
            if os.fork() == 0:
                time.sleep(30)
                os._exit(0)
            made += 1
    except OSError:
        pass
    return made

def daemon():
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            time.sleep(600)
        os._exit(0)
    return "left one behind"

def litter():
    written = 0
    try:
        with open(os.path.join(tempfile.gettempdir(), "litter"), "wb") as file:
            while written < 1 << 30:
                written += file.write(b"x" * (1 << 20))
    except OSError:
        pass
    return written

def find_litter():
    return [name for name in os.listdir(tempfile.gettempdir()) if name != "submission"]
"""


@dataclass(frozen=True)
class Trial:
    """One line: what was tried, and "held", "not available", "not tried", or what got through."""

    name: str
    found: str


def prove(tier: str, open_tier: Callable[[Limits], Zygote]) -> Iterator[Trial]:
    """Attack a sandbox of this tier; yields each trial as it is done."""
    try:
        with open_tier(LIMITS) as zygote:
            yield from _walls(zygote)
            for name, trial in TRIALS.items():
                try:
                    yield Trial(name, trial(zygote) or "held")
                except GraderError as error:
                    yield Trial(name, f"the trial itself failed: {error}")
            for lacking in zygote.missing:
                yield Trial(lacking.split(":")[0], f"not available: {lacking}")
    except GraderError as error:
        yield Trial(f"the {tier} sandbox starts", str(error))
        return
    left = count_inside(zygote)
    yield Trial("nothing runs on after the sandbox is closed", f"{left} processes do" if left else "held")


def _walls(zygote: Zygote) -> Iterator[Trial]:
    for probe, found in zygote.probe().items():
        yield Trial(probe, found)


def _ask(fork: Fork, function: str) -> object:
    packer = codec.Packer()
    request = codec.encode(codec.Call(function, packer.pack(()), packer.pack({})), packer)
    frame = fork.ask(request, LIMITS.call_seconds)
    assert isinstance(frame.body, codec.Answer)
    return frame.value(frame.body.value)


def _loaded(zygote: Zygote) -> Fork:
    fork = zygote.take()
    fork.load({"probe.py": _ATTACKS.encode()}, "probe", 0, time.monotonic() + LIMITS.submission_seconds)
    return fork


def _stopped(zygote: Zygote, function: str, wanted: tuple[Verdict, ...]) -> str | None:
    fork = _loaded(zygote)
    started = time.monotonic()
    try:
        answer = _ask(fork, function)
    except StudentError as error:
        took = time.monotonic() - started
        if took > LIMITS.call_seconds + GRACE:
            return f"held the worker for {took:.1f} s"
        return None if error.verdict in wanted else f"ended as {error.verdict}"
    finally:
        fork.kill()
    return f"went on: {answer!r}"


def _loop(zygote: Zygote) -> str | None:
    return _stopped(zygote, "loop", (Verdict.TIMEOUT,))


def _hoard(zygote: Zygote) -> str | None:
    return _stopped(zygote, "hoard", (Verdict.MEMORY,))


def _hoard_in_children(zygote: Zygote) -> str | None:
    if "memory control group" not in zygote.protections:
        return "not available: without a control group each process has the limit for itself"
    return _stopped(zygote, "hoard_in_children", (Verdict.MEMORY, Verdict.TIMEOUT))


def _multiply(zygote: Zygote) -> str | None:
    fork = _loaded(zygote)
    try:
        made = _ask(fork, "multiply")
    except StudentError as error:
        return f"ended as {error.verdict}"
    finally:
        fork.kill()
    return None if isinstance(made, int) and made <= LIMITS.processes else f"made {made} processes"


def _daemon(zygote: Zygote) -> str | None:
    before = count_inside(zygote)
    fork = _loaded(zygote)
    _ask(fork, "daemon")
    fork.kill()
    deadline = time.monotonic() + GRACE
    while count_inside(zygote) > before and time.monotonic() < deadline:
        time.sleep(0.02)
    more = count_inside(zygote) - before
    return f"{more} processes outlived their submission" if more > 0 else None


def _litter(zygote: Zygote) -> str | None:
    fork = _loaded(zygote)
    written = _ask(fork, "litter")
    fork.kill()
    if not isinstance(written, int) or written > LIMITS.files_mb << 20:
        return f"wrote {written} bytes"
    fork = _loaded(zygote)
    found = _ask(fork, "find_litter")
    fork.kill()
    return f"the next submission sees {found}" if found else None


TRIALS: dict[str, Callable[[Zygote], str | None]] = {
    "an endless loop ends at its limit": _loop,
    "one process cannot hoard memory": _hoard,
    "eight processes cannot hoard it together": _hoard_in_children,
    "a fork bomb stays small": _multiply,
    "a daemon dies with its submission": _daemon,
    "files fill their own quota and are gone for the next": _litter,
}
