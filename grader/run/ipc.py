"""What parent and worker say to each other: length-prefixed msgpack over a socket pair. Both ends are ours.

The prototype of the workers is told once what to grade with (`Setup`) and says which workers it has made (`Born`) and
how they ended (`Ended`), on a socket that keeps messages apart by itself. A worker says first which checks the suite
has (`Ready`). Then one `Done` comes back for each `Job`, in their order, after a `Checked` for each check that its
student may see now, where these are asked for. A worker that cannot go on says `Failed` and ends.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import msgspec

from grader.judging.late import Lateness
from grader.outcome import Check
from grader.sandbox.where import WhereToGrade

LENGTH = 4  # bytes of a message's length


class Setup(msgspec.Struct, frozen=True, tag=True):
    """What a worker grades with."""

    public: str
    reference: str
    suite: str
    where: WhereToGrade
    seed: bytes
    out: str  # where reports go; "" writes none
    suite_sha256: str  # what the parent read; a suite that is edited meanwhile is no longer that
    is_live: bool = False  # whether each check's outcome is wanted as it comes


class Job(msgspec.Struct, frozen=True, tag=True):
    """One submission to grade and to write the reports of."""

    number: int
    name: str
    origin: str
    sha256: str  # "" where it could not be taken in
    files: dict[str, bytes]
    problem: str  # why it could not be taken in
    late: Lateness
    now: str  # decides what students see; ISO 8601
    known: bytes = b""  # staff's report.json of an earlier grading, whose parts but `parts` still hold
    parts: tuple[str, ...] = ()
    whose: str = ""  # see `Submission`


class Born(msgspec.Struct, frozen=True, tag=True):
    """The worker that was ordered first, of those that were not made yet. `is_last`: no others will come."""

    pid: int
    is_last: bool = False


class Ended(msgspec.Struct, frozen=True, tag=True):
    """A worker has ended, with this exit code, or by this signal if it is negative."""

    pid: int
    code: int


class Ready(msgspec.Struct, frozen=True, tag=True):
    """The worker's sandbox is warm and the suite is collected."""

    checks: tuple[Check, ...]


class Checked(msgspec.Struct, frozen=True, tag=True):
    """One check of a job is judged, and its student may see that today; the report replaces it."""

    number: int
    check: bytes  # a CheckReport in JSON, as the student's report will have it, but for an example


class Done(msgspec.Struct, frozen=True, tag=True):
    """A job is done and its reports are written."""

    number: int
    report: bytes  # the staff's report.json, as the checks have it: without a standing
    seconds: float


class Failed(msgspec.Struct, frozen=True, tag=True):
    """The worker cannot go on: the grader failed, or what the worker was given cannot be used."""

    message: str
    is_usage: bool = False


class Unwritten(msgspec.Struct, frozen=True, tag=True):
    """The worker cannot go on: it could not write the reports of a job."""

    number: int
    reason: str


FromWorker = Ready | Checked | Done | Failed | Unwritten

_ENCODER = msgspec.msgpack.Encoder()
_SETUP: msgspec.msgpack.Decoder[Setup] = msgspec.msgpack.Decoder(Setup)
_JOB: msgspec.msgpack.Decoder[Job] = msgspec.msgpack.Decoder(Job)
_FROM_PROTOTYPE: msgspec.msgpack.Decoder[Born | Ended] = msgspec.msgpack.Decoder(Born | Ended)
_FROM_WORKER: msgspec.msgpack.Decoder[FromWorker] = msgspec.msgpack.Decoder(FromWorker)


def encode(message: msgspec.Struct) -> bytes:
    """A message with its length before it."""
    content = _ENCODER.encode(message)
    return len(content).to_bytes(LENGTH) + content


def receive(connection: socket.socket) -> Job | None:
    """The parent's next job; None where the parent is gone, or has none."""
    head = _exactly(connection, LENGTH)
    content = _exactly(connection, int.from_bytes(head)) if head else b""
    return _JOB.decode(content) if content else None


def to_prototype(setup: Setup) -> bytes:
    """What a prototype is told, as one message."""
    return _ENCODER.encode(setup)


def from_parent(message: bytes) -> Setup:
    """What a prototype was told."""
    return _SETUP.decode(message)


def to_parent(message: Born | Ended) -> bytes:
    """What a prototype says, as one message."""
    return _ENCODER.encode(message)


def from_prototype(message: bytes) -> Born | Ended:
    """What a prototype said."""
    return _FROM_PROTOTYPE.decode(message)


def _exactly(connection: socket.socket, size: int) -> bytes:
    content = bytearray()
    while len(content) < size:
        piece = connection.recv(min(size - len(content), 1 << 20))
        if not piece:
            return b""
        content += piece
    return bytes(content)


class Envelopes:
    """Puts messages together from the pieces that arrive."""

    def __init__(self) -> None:
        self._pending = bytearray()

    def feed(self, piece: bytes) -> Iterator[bytes]:
        """The messages that are whole now, still encoded."""
        self._pending += piece
        while len(self._pending) >= LENGTH:
            end = LENGTH + int.from_bytes(self._pending[:LENGTH])
            if len(self._pending) < end:
                return
            content = bytes(self._pending[LENGTH:end])
            del self._pending[:end]
            yield content


class Inbox:
    """Puts a worker's messages together from the pieces that arrive."""

    def __init__(self) -> None:
        self._envelopes = Envelopes()

    def feed(self, piece: bytes) -> Iterator[FromWorker]:
        """The messages that are whole now."""
        for content in self._envelopes.feed(piece):
            yield _FROM_WORKER.decode(content)


def told(message: Any) -> str:
    """An exception's own words, or its kind where it has none."""
    return str(message) or type(message).__name__
