"""The process that a run's workers are forked from, once what they share is in its memory: torch, pytest, the suite.

The parent sends it an order for each worker: the worker's connection, and a file for what it writes to stderr. It
answers with `Born`, and with `Ended` when that worker has ended. It grades nothing itself, and its sandbox runs no
submission: a worker's is divided off that, see `grader.guest.zygote`. A fork of a process with more threads than one
would stand still, and a GPU that is open does not survive one: then this process becomes the worker that was ordered,
and the parent starts another prototype for the next one.
"""

from __future__ import annotations

import os
import select
import signal
import socket
from collections.abc import Callable
from typing import NamedTuple

from grader.guest import linux
from grader.run.ipc import Born, Ended, Setup, from_parent, to_parent

THREADS = "/proc/self/task"
SETUP = 1 << 16  # bytes


class Berth(NamedTuple):
    """A worker's sandbox: what the worker does to have it, and what the prototype does to have it no more."""

    enter: Callable[[], object]
    let_go: Callable[[], object]


class Prototype:
    """Takes orders from the parent. `connection` is the socket of the worker that this is, or is about to be."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._born: dict[int, int] = {}  # a worker's handle → its process id
        self._words = -1
        self.connection: socket.socket | None = None
        self.setup = _setup(control)

    def multiply(self, berth: Callable[[bool], Berth], is_alone: bool) -> bool:
        """Fork a worker for each order. Returns True in each of them, and False here when the parent hangs up.

        `is_alone`, which `berth` is told: nothing is forked, and this process becomes the one worker.
        """
        while self._take_order():
            is_alone = is_alone or len(os.listdir(THREADS)) > 1
            found = berth(is_alone)
            if is_alone:
                self._say(Born(os.getpid(), is_last=True), os.pidfd_open(os.getpid()))
                self._control.close()
                self._write_to_words()
                found.enter()
                return True
            pid = os.fork()
            if pid == 0:
                self._leave_parent()
                self._write_to_words()
                found.enter()
                return True
            found.let_go()
            os.close(self._words)
            handle = os.pidfd_open(pid)
            self._born[handle] = pid
            self._say(Born(pid), handle)
            self._hang_up()
        return False

    def _hang_up(self) -> None:
        assert self.connection is not None
        self.connection.close()
        self.connection = None

    def await_order(self) -> None:
        """Wait for the worker that is to say what went wrong."""
        if self.connection is None:
            self._take_order()

    def _take_order(self) -> bool:
        """Whether another worker is wanted. Says meanwhile which of them have ended."""
        while True:
            poll = select.poll()  # `select` takes no number beyond 1023
            for descriptor in (self._control.fileno(), *self._born):
                poll.register(descriptor, select.POLLIN)
            readable = {descriptor for descriptor, _ in poll.poll()}
            for handle in readable & set(self._born):
                pid = self._born.pop(handle)
                os.close(handle)
                _, status = os.waitpid(pid, 0)
                self._say(Ended(pid, os.waitstatus_to_exitcode(status)))
            if self._control.fileno() not in readable:
                continue
            try:
                order, descriptors, _, _ = socket.recv_fds(self._control, 16, 2)
            except ConnectionResetError:  # it hung up on what it was told
                return False
            if not order:
                return False
            connection, words = descriptors
            self.connection = socket.socket(fileno=connection)
            self._words = words
            return True

    def _leave_parent(self) -> None:
        """What a fork does first."""
        linux.prctl(linux.PR_SET_PDEATHSIG, signal.SIGKILL)
        self._control.close()
        for handle in self._born:
            os.close(handle)
        self._born.clear()

    def _write_to_words(self) -> None:
        os.dup2(self._words, 2)
        os.close(self._words)

    def _say(self, message: Born | Ended, *handles: int) -> None:
        try:
            socket.send_fds(self._control, [to_parent(message)], handles)
        except OSError:  # the parent is gone, and nobody is left to work for
            os._exit(0)


def _setup(control: socket.socket) -> Setup | None:
    """What the workers grade with; None where the parent is gone."""
    message = control.recv(SETUP)
    return from_parent(message) if message else None
