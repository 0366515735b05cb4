"""One fork of the sandbox, seen from the judge: frames out, frames in, under deadlines that the judge holds."""

from __future__ import annotations

import contextlib
import json
import os
import re
import select
import signal
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from grader.errors import InfraError, Killed, StudentError, out_of_time
from grader.guest import codec
from grader.guest.codec import LINE_CAP, LINES_CAP
from grader.guest.isolation import WORK
from grader.outcome import Line, Verdict
from grader.sandbox.cgroup import Cgroup
from grader.sandbox.lines import line_at
from grader.sandbox.signature import CREDENTIALS, sender
from grader.sandbox.waits import ran_out
from grader.spec import Limits

GREETING_SECONDS = 30.0  # a fork greets within 50 ms; a loaded machine gets more
ENDING_SECONDS = 2.0  # what is left of a dead fork is gone long before; to start the sandbox anew takes twice that
TRACEBACK_SECONDS = 0.1  # for a fork whose time is over to say where it is
TRACEBACK_CAP = 1 << 16  # bytes
TOLD_CAP = 600  # characters of a message from the fork
# The sentences of ours that a fork reports. Whatever else it sends is shown as the words of an exception.
_BAN = re.compile(
    r"this assignment forbids ((torch's operator |TorchScript's )?`[A-Za-z0-9_.]+`|loading compiled modules)\Z"
)
_MISSING = re.compile(r"\w+\.py defines no `\w+`\Z")
_TRACEBACK = re.compile(rb'File "%s/([\w/.]+)", line (\d{1,7}) in (\w+|<module>)\n' % WORK.encode(), re.ASCII)
_UNSENDABLE = re.compile(r"(the value (is|holds) |an? [\w. ]+ cannot be sent)[^.!]{,80}\Z")


SAID = 50  # failures that are told
PATIENCE = 0.8  # of the time that a module may take to load: then what it has defined is what counts


@dataclass(frozen=True)
class Loaded:
    """What did not go well while a module was loaded: the guest's own words."""

    said: tuple[str, ...] = ()
    too_long: int = 0  # the line of the statement that took too long

    @classmethod
    def of(cls, answer: Any) -> Loaded:
        """What the guest said, as far as it has the right form."""
        match answer:
            case [[*said], int(line)] if all(isinstance(one, str) for one in said):
                return cls(tuple(said[:SAID]), line)
        return cls()


class Fork:
    """A fork that has confined itself and waits for a submission."""

    def __init__(
        self,
        channel: socket.socket,
        status: socket.socket,
        limits: Limits,
        cgroup: Cgroup | None,
        *,
        ended_inside: bool = False,
    ) -> None:
        self._channel = channel
        self._status = status
        self._limits = limits
        self._cgroup = cgroup
        self._ended_inside = ended_inside  # by the intermediate process, not by its process id
        self._pidfd: int | None = None
        self._deadline = float("inf")
        self._files: Mapping[str, bytes] = {}  # of the submission
        self._said: dict[str, Any] | None = None
        self._unsent = memoryview(b"")  # what did not fit into the socket's buffer yet
        self.alive = True
        self.delayed = 0.0  # seconds that it took to get it, and that were not the submission's
        self.lingers = False  # something of it may run on, or be left in files

    def greet(self) -> codec.Hello:
        """Wait until the fork has confined itself, and learn its process id from the kernel, not from its word."""
        self._channel.settimeout(GREETING_SECONDS)
        try:
            first, ancillary, _, _ = self._channel.recvmsg(1, socket.CMSG_SPACE(CREDENTIALS.size))
            if not first:
                said = self._ending() or {}
                raise InfraError(said.get("error", "a fork of the sandbox died before it greeted"))
            self._channel.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 0)
            if not self._ended_inside:
                self._pidfd = os.pidfd_open(sender(ancillary))
            frame = self._receive(time.monotonic() + GREETING_SECONDS, first)
            if not isinstance(frame.body, codec.Hello):
                raise InfraError("a fork of the sandbox greeted with the wrong words")
        except InfraError:
            self.kill()
            raise
        except (OSError, codec.ProtocolError) as error:
            self.kill()
            raise InfraError(f"a fork of the sandbox did not greet: {error!r}") from error
        return frame.body

    def load(
        self,
        files: dict[str, bytes],
        module: str,
        seed: int,
        deadline: float,
        *,
        probes: str = "",
        strict: bool = False,
        skip: int = 0,
    ) -> Loaded:
        """Give the fork its submission and wait until that is imported. All must end by `deadline` (monotonic clock).

        A module that fails at its end is loaded as far as it went, unless `strict`. `skip` is the line of a statement
        that is known to take too long. Raises `StudentError` where it does not import.
        """
        if self._cgroup is not None:
            self._cgroup.out_of_memory()  # kills of an earlier submission's processes are not this one's
        seconds = self._limits.import_seconds
        load = codec.Load(files, module, seed, self._limits.reply_mb << 20, probes, seconds * PATIENCE, skip, strict)
        self._deadline, self._files = deadline, files
        frame = self.ask(codec.encode(load), seconds, limit="to import the submission")
        return Loaded.of(frame.value(frame.body.value))

    def is_quiet(self) -> bool:
        """Whether the fork waits for a request, as it should between two: it lives, and has sent nothing unasked."""
        return self.alive and not select.select([self._channel], [], [], 0)[0]

    def ask(
        self,
        request: bytes,
        seconds: float,
        *,
        ahead: Sequence[bytes] = (),
        awaited: type[codec.Answer | codec.Probed] = codec.Answer,
        limit: str = "for one call",
        on_line: Callable[[str], None] | None = None,
    ) -> codec.Frame:
        """Send one request, and those to be asked ahead, and wait for the next answer.

        `on_line` is told each line that the student's code prints meanwhile, if the request asked for them.

        Raises `StudentError` for everything but an answer. A limit, a crash or a malformed answer ends the fork; an
        exception of the student's does not, unless the fork says that threads of the student's still run in it. Raises
        `InfraError` where the sandbox died, not the fork.
        """
        now = time.monotonic()
        deadline = min(now + seconds, self._deadline)
        try:
            self._send(request, *ahead)
            frame = self._answer(deadline, on_line)
        except TimeoutError:
            line = self._where_it_is()
            self.kill()
            if self._deadline <= now + seconds:
                seconds, limit = self._limits.submission_seconds, "for one submission"
            late = StudentError(Verdict.TIMEOUT, out_of_time(seconds, limit))
            late.line = line
            raise late from None
        except codec.ProtocolError as error:
            self.kill()
            raise StudentError(Verdict.CRASH, f"the submission's process sent no valid answer: {error}") from None
        except OSError:
            raise self._death() from None
        if isinstance(frame.body, codec.Raised):
            if frame.body.spent:
                self.kill()
            raise _told(frame.body, self._files)
        if not isinstance(frame.body, awaited):
            self.kill()
            raise StudentError(Verdict.CRASH, "the submission's process sent no valid answer")
        return frame

    def _where_it_is(self) -> Line | None:
        """The line of the student's file in which the fork is, by its own word: a signal has it write a traceback."""
        if self._pidfd is None:
            return None
        said, end = b"", time.monotonic() + TRACEBACK_SECONDS
        with contextlib.suppress(OSError):
            signal.pidfd_send_signal(self._pidfd, signal.SIGUSR1)
            while (left := end - time.monotonic()) > 0 and len(said) < TRACEBACK_CAP:
                self._channel.settimeout(left)
                piece = self._channel.recv(TRACEBACK_CAP)
                said += piece
                if not piece or _TRACEBACK.search(said):
                    break
        found = _TRACEBACK.search(said)
        if found is None:
            return None
        file, number, function = (part.decode() for part in found.groups())
        return line_at(f"{file}, line {number}, in {function}", self._files)

    def _answer(self, deadline: float, on_line: Callable[[str], None] | None) -> codec.Frame:
        """The next frame that is no line of progress."""
        frame = self._receive(deadline)
        for _ in range(LINES_CAP):
            if on_line is None or not isinstance(frame.body, codec.Progress):
                break
            on_line(frame.body.line[:LINE_CAP])
            frame = self._receive(deadline)
        return frame

    def hear_out(self, answers: int, seconds: float) -> bool:
        """Read answers that nobody wants any more. A fork that does not give them in time, or is spent, is ended.

        Returns whether more of it may come.
        """
        deadline = min(time.monotonic() + seconds, self._deadline)
        try:
            for _ in range(answers):
                frame = self._receive(deadline)
                if isinstance(frame.body, codec.Raised) and frame.body.spent:
                    self.kill()
                    break
        except TimeoutError:
            ran_out("answers to what was asked ahead in vain", seconds)
            self.kill()
        except (OSError, codec.ProtocolError):
            self.kill()
        return self.alive

    def _send(self, *requests: bytes) -> None:
        """Send as much as the socket's buffer takes; what is left follows while an answer is awaited.

        To wait here until all is sent would be to wait for each other: a fork that answers at length reads nothing.
        """
        pieces: list[bytes | memoryview] = [self._unsent, *requests] if self._unsent else [*requests]
        if requests:  # one piece as it is: what sends a hostile answer back is large
            self._unsent = memoryview(pieces[0] if len(pieces) == 1 else b"".join(pieces))
        if not self._unsent:
            return
        self._channel.settimeout(0)
        try:
            while self._unsent:
                self._unsent = self._unsent[self._channel.send(self._unsent) :]
        except BlockingIOError:
            pass
        except (BrokenPipeError, ConnectionResetError):  # what it said before can still be read
            self._unsent = memoryview(b"")

    def _hears_something(self, seconds: float) -> bool:
        """Send on until there is something to be read; False where it has to be asked again."""
        readable, writable, _ = select.select([self._channel], [self._channel], [], seconds)
        if writable:
            self._send()
        return bool(readable)

    def _receive(self, deadline: float, first: bytes = b"") -> codec.Frame:
        header = first + self._read(codec.HEADER.size - len(first), deadline)
        envelope, tensors = codec.sizes(bytes(header), self._limits.reply_mb << 20)
        return codec.Frame(self._read(envelope, deadline), self._read(tensors, deadline))

    def _read(self, size: int, deadline: float) -> bytearray:
        buffer = bytearray(size)
        view = memoryview(buffer)
        while view:
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError
            if self._unsent and not self._hears_something(left):
                continue
            self._channel.settimeout(left)
            got = self._channel.recv_into(view)
            if not got:
                raise ConnectionResetError
            view = view[got:]
        return buffer

    def _death(self) -> StudentError | InfraError:
        """Why the fork died: in words for the student, unless the whole sandbox did."""
        said = self._ending()
        self.kill()
        if (said or {}).get("memory") or (self._cgroup is not None and self._cgroup.out_of_memory()):
            return StudentError(Verdict.MEMORY, f"killed for using more than {self._limits.memory_mb} MB of memory")
        if said is None:
            return StudentError(Verdict.CRASH, "the submission's process hung up")
        if said.get("files"):
            return StudentError(Verdict.MEMORY, f"killed for having more than {2 * self._limits.files_mb} MB of files")
        if "exit" not in said:  # the submission cannot reach the process that should have said it
            return InfraError("the sandbox died while it ran the submission")
        code = said["exit"]
        if code >= 0:
            return StudentError(Verdict.CRASH, f"the submission ended its own process with exit code {code}")
        if -code == signal.SIGKILL and said["cpu_seconds"] >= self._limits.submission_seconds:
            return StudentError(Verdict.TIMEOUT, "the processor time allowed for one submission is used up")
        if -code == signal.SIGKILL and self._ended_inside:  # by itself, or from outside: it cannot be told
            return Killed("the submission's process was killed, each time that it was asked")
        if -code == signal.SIGKILL:  # the first process of a pid namespace cannot do this to itself
            return InfraError("the submission's process was killed from outside")
        name = signal.Signals(-code).name if -code in set(signal.Signals) else f"signal {-code}"
        return StudentError(Verdict.CRASH, f"the submission's process was ended by {name}")

    def _ending(self) -> dict[str, Any] | None:
        """What the intermediate process says of how the fork ended.

        None while the fork lives on, empty where the intermediate process died without a word.
        """
        if self._said is None:
            if select.select([self._status], [], [], ENDING_SECONDS)[0]:
                text = self._status.recv(4096).decode()
                self._said = json.JSONDecoder().raw_decode(text)[0] if text else {}
            else:
                ran_out("a fork's end" if not self.alive else "the end of a fork that hung up", ENDING_SECONDS)
        return self._said

    def kill(self, *, wait: bool = True) -> None:
        """End the fork and everything that it started; wait until the intermediate process says that it is gone.

        Without `wait` it is gone some 6 ms later; a second call waits for the rest of that time.
        """
        if self.alive:
            self.alive = False
            if self._pidfd is not None:
                with contextlib.suppress(ProcessLookupError):
                    signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)
                os.close(self._pidfd)
            if self._ended_inside:
                with contextlib.suppress(OSError):
                    self._status.shutdown(socket.SHUT_WR)
            self._channel.close()  # one that has not greeted yet ends when it finds nobody at the other end
        if wait and self._status.fileno() >= 0:
            said = self._ending()
            unclean = self._ended_inside and said is not None and ("exit" not in said or bool(said.get("left")))
            self.lingers = said is None or unclean
            self._status.close()


def _place(line: Line | None) -> str:
    """Where a ban was met, if the submission has such a line and function: all else would be words of its choice."""
    if line is None:
        return ""
    return f" ({line.file}, line {line.number}{f', in {line.function}' if line.function else ''})"


def _told(raised: codec.Raised, files: Mapping[str, bytes]) -> StudentError:
    line = line_at(raised.where[:TOLD_CAP], files)
    error = _error(raised, line)
    error.line = line
    return error


def _error(raised: codec.Raised, line: Line | None) -> StudentError:
    name, text = raised.type_name[:TOLD_CAP], raised.text[:TOLD_CAP]
    where = f" ({raised.where[:TOLD_CAP]})" if raised.where else ""
    match raised.kind:
        case "forbidden" if _BAN.match(text):
            return StudentError(Verdict.FORBIDDEN, text + _place(line), name)
        case "memory":
            return StudentError(Verdict.MEMORY, f"out of memory{where}", name)
        case "gpu memory":
            return StudentError(Verdict.MEMORY, f"out of the GPU's memory{where}", name)
        case "missing" if _MISSING.match(text):
            return StudentError(Verdict.ERROR, text, "")
        case "unsendable" if _UNSENDABLE.match(text):
            return StudentError(Verdict.ERROR, text, "")
    bases = tuple(one[:TOLD_CAP] for one in raised.bases[: codec.BASES_CAP])
    return StudentError(Verdict.ERROR, f"{name}: {text}{where}" if text else name + where, name, bases)
