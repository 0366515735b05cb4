"""One fork of the sandbox, seen from the judge: frames out, frames in, under deadlines that the judge holds."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import struct
import time
from typing import Any

from grader.bridge.errors import InfraError, StudentError
from grader.guest import codec
from grader.outcome import Verdict
from grader.sandbox.cgroup import Cgroup
from grader.spec import Limits

GREETING_SECONDS = 30.0  # a fork greets within 50 ms; a loaded machine gets more
CREDENTIALS = struct.Struct("3i")


class Guest:
    """A fork that has confined itself and waits for a submission."""

    def __init__(self, channel: socket.socket, status: int, limits: Limits, cgroup: Cgroup | None) -> None:
        self._channel = channel
        self._status = status
        self._limits = limits
        self._cgroup = cgroup
        self._pidfd: int | None = None
        self._deadline = float("inf")
        self._ended: dict[str, Any] | None = None
        self.alive = True

    def greet(self) -> codec.Hello:
        """Wait until the fork has confined itself, and learn its process id from the kernel, not from its word."""
        self._channel.settimeout(GREETING_SECONDS)
        try:
            first, ancillary, _, _ = self._channel.recvmsg(1, socket.CMSG_SPACE(CREDENTIALS.size))
            if not first:
                raise InfraError(self._ending().get("error", "a fork of the sandbox died before it greeted"))
            self._channel.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 0)
            self._pidfd = os.pidfd_open(sender(ancillary))
            frame = self._receive(time.monotonic() + GREETING_SECONDS, first)
        except (TimeoutError, OSError, codec.ProtocolError) as error:
            self.kill()
            raise InfraError(f"a fork of the sandbox did not greet: {error!r}") from error
        if not isinstance(frame.body, codec.Hello):
            raise InfraError("a fork of the sandbox greeted with the wrong words")
        return frame.body

    def load(self, files: dict[str, bytes], module: str, seed: int, deadline: float) -> None:
        """Give the fork its submission, which must be done with by `deadline` (of the monotonic clock).

        Raises `StudentError` where it does not import.
        """
        self._deadline = deadline
        self.ask(codec.encode(codec.Load(files, module, seed)), self._limits.import_seconds)

    def ask(self, request: bytes, seconds: float) -> codec.Frame:
        """Send one request and wait for its answer. Raises `StudentError` for everything but an answer.

        A limit, a crash or a malformed answer ends the fork; an exception of the student's does not.
        """
        now = time.monotonic()
        deadline = min(now + seconds, self._deadline)
        try:
            self._channel.settimeout(max(deadline - time.monotonic(), 1e-3))
            self._channel.sendall(request)
            frame = self._receive(deadline)
        except TimeoutError:
            self.kill()
            limit = "for one submission" if self._deadline <= now + seconds else "for one call"
            allowed = self._limits.submission_seconds if self._deadline <= now + seconds else seconds
            raise StudentError(Verdict.TIMEOUT, f"no answer within {allowed:g} s, the time allowed {limit}") from None
        except codec.ProtocolError as error:
            self.kill()
            raise StudentError(Verdict.CRASH, f"the submission's process sent no proper answer: {error}") from None
        except OSError:
            raise self._death() from None
        if isinstance(frame.body, codec.Raised):
            raise _told(frame.body)
        if not isinstance(frame.body, codec.Answer | codec.Probed):
            self.kill()
            raise StudentError(Verdict.CRASH, "the submission's process sent no proper answer")
        return frame

    def _receive(self, deadline: float, first: bytes = b"") -> codec.Frame:
        header = first + self._read(codec.HEADER.size - len(first), deadline)
        envelope, tensors = codec.sizes(bytes(header), self._limits.reply_mb << 20)
        body = self._read(envelope + tensors, deadline)
        return codec.Frame(body[:envelope], body[envelope:])

    def _read(self, size: int, deadline: float) -> bytearray:
        buffer = bytearray(size)
        view = memoryview(buffer)
        while view:
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError
            self._channel.settimeout(left)
            got = self._channel.recv_into(view)
            if not got:
                raise ConnectionResetError
            view = view[got:]
        return buffer

    def _death(self) -> StudentError:
        """Why the fork died, in words for the student."""
        killed_for_memory = self._cgroup is not None and self._cgroup.out_of_memory()
        code = self._ending().get("exit")
        self.kill()
        if killed_for_memory:
            return StudentError(Verdict.MEMORY, f"killed for using more than {self._limits.memory_mb} MB of memory")
        if code is None:
            return StudentError(Verdict.CRASH, "the submission's process vanished")
        if code < 0:
            name = signal.Signals(-code).name if -code in set(signal.Signals) else f"signal {-code}"
            if -code == signal.SIGXCPU:
                return StudentError(Verdict.TIMEOUT, "the processor time allowed for one submission is used up")
            return StudentError(Verdict.CRASH, f"the submission's process was ended by {name}")
        return StudentError(Verdict.CRASH, f"the submission ended its own process with exit code {code}")

    def _ending(self) -> dict[str, Any]:
        """What the intermediate process says of how the fork ended; empty if it does not say within a second."""
        if self._ended is None and self._status >= 0 and select.select([self._status], [], [], 1.0)[0]:
            first = os.read(self._status, 4096).split(b"}")[0]  # should both processes speak, the first one counts
            self._ended = json.loads(first + b"}") if first else {}
        return self._ended or {}

    def abandon(self) -> None:
        """Let go of a fork that never greeted: it ends when it finds nobody at the other end."""
        self.alive = False
        self._channel.close()
        os.close(self._status)
        self._status = -1

    def kill(self) -> None:
        """End the fork and, with the first process of its pid namespace, everything that it started."""
        if not self.alive:
            return
        self.alive = False
        if self._pidfd is not None:
            try:
                signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)
            except ProcessLookupError:
                pass
            os.close(self._pidfd)
        self._channel.close()
        self._ending()  # the intermediate process reports once the whole namespace is gone
        os.close(self._status)
        self._status = -1


def sender(ancillary: list[tuple[int, int, bytes]]) -> int:
    """The process id, as this process sees it, of who sent a message, as the kernel signed it."""
    for _, kind, data in ancillary:
        if kind == socket.SCM_CREDENTIALS:
            pid: int = CREDENTIALS.unpack(data[: CREDENTIALS.size])[0]
            return pid
    raise OSError("a message came without the kernel's signature")


def _told(raised: codec.Raised) -> StudentError:
    where = f" ({raised.where})" if raised.where else ""
    match raised.kind:
        case "forbidden":
            return StudentError(Verdict.FORBIDDEN, raised.text + where, raised.type_name)
        case "memory":
            return StudentError(Verdict.MEMORY, f"out of memory{where}", raised.type_name)
        case "missing" | "unsendable":
            return StudentError(Verdict.ERROR, raised.text, "")
    text = f": {raised.text}" if raised.text else ""
    return StudentError(Verdict.ERROR, f"{raised.type_name}{text}{where}", raised.type_name)
