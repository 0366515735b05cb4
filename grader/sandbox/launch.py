"""How a tier starts its zygote, and one sandbox that was started so."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from grader.errors import InfraError
from grader.sandbox.sealed_files import File
from grader.sandbox.signature import CREDENTIALS, sender
from grader.sandbox.waits import ran_out

if TYPE_CHECKING:
    from grader.spec import Limits

START_SECONDS = 120.0  # importing torch takes 2 s warm, much longer from a cold disk


class Launched(NamedTuple):
    """How to start a zygote: the command, its environment, and the layout message of a wall that asks for one."""

    command: list[str]
    environment: dict[str, str]
    layout: dict[str, Any] | None = None
    users: int = 0  # the first of the forks' own users; 0 where forks get namespaces
    files: str = "/tmp"  # noqa: S108 - where each of them gets a folder: it is root's, and nobody else writes there
    readable: tuple[str, ...] = ("/",)  # for the forks, by Landlock
    listable: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()  # a GPU's, for the forks
    listener: socket.socket | None = None  # where the zygote calls; else its control socket is inherited
    lacking: tuple[str, ...] = ()  # protections that this tier would have elsewhere
    patience: float = 0.5  # seconds that the sandbox may take to end by itself
    ready: Callable[[dict[str, Any]], None] = lambda _: None  # is told what the zygote says of itself
    refused: str = ""  # what it means where the sandbox does not start
    end: Callable[[], None] = lambda: None  # ends what may be left of the sandbox


Launch = Callable[[int, "Limits"], Launched]


class Sandbox:
    """One sandbox, from its start to its end. Starting is two steps, so that the second can go on in the background."""

    def __init__(
        self,
        tier: str,
        launch: Launch,
        limits: Limits,
        banned: tuple[str, ...],
        data: Sequence[File] = (),
        modules: Sequence[str] = (),
    ) -> None:
        self.tier = tier
        self._data = data
        self._banned = banned
        self._modules = modules
        self._waiting: threading.Thread | None = None
        self._failure: BaseException | None = None
        self.about: dict[str, Any] = {}
        self.signed = 0  # the process id by which the kernel knows the zygote, as this process sees it
        self.control, theirs = _pair()
        with theirs:
            try:
                self.launched = launch(theirs.fileno(), limits)
            except BaseException:
                self.control.close()
                raise
            try:
                self.process = subprocess.Popen(
                    self.launched.command,
                    env=self.launched.environment,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.PIPE,
                    pass_fds=[theirs.fileno()],
                    cwd="/",
                )
            except BaseException:
                self.control.close()
                self.launched.end()
                raise

    def wait_in_background(self) -> None:
        """Let the zygote become ready meanwhile; `wait` then takes what is left of the time."""
        self._waiting = threading.Thread(target=self._try, daemon=True)
        self._waiting.start()

    def wait(self) -> None:
        """Return when the zygote is ready. Raises `InfraError` with its last words where it will never be."""
        if self._waiting is None:
            self._try()
        else:
            self._waiting.join()
        if self._failure is not None:
            raise self._failure

    def _try(self) -> None:
        try:
            self._wait()
        except BaseException as error:  # noqa: BLE001 - raised by `wait`
            self._failure = error

    def _wait(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        if self.launched.listener is not None:
            self._accept(self.launched.listener, deadline)
        with contextlib.suppress(OSError):  # a process that died already is reported below
            if self.launched.layout is not None:
                self.control.send(json.dumps(self.launched.layout).encode())
            config = {
                "banned": self._banned,
                "packages": self._modules,
                "users": self.launched.users,
                "data": [{"name": one.name, "dtype": one.dtype, "shape": one.shape} for one in self._data],
            }
            socket.send_fds(self.control, [json.dumps(config).encode()], [one.descriptor for one in self._data])
        if not select.select([self.control], [], [], max(0, deadline - time.monotonic()))[0]:
            raise InfraError(f"the sandbox ({self.tier}) did not start within {START_SECONDS:g} s")
        with contextlib.suppress(OSError):
            said, ancillary, _, _ = self.control.recvmsg(1 << 16, socket.CMSG_SPACE(CREDENTIALS.size))
            if said:
                self.about = json.loads(said)
                self.signed = sender(ancillary)
                self.launched.ready(self.about)
                return
        raise InfraError(self._refusal())

    def _accept(self, listener: socket.socket, deadline: float) -> None:
        while not select.select([listener], [], [], 0.1)[0]:
            if self.process.poll() is not None:
                raise InfraError(self._refusal())
            if time.monotonic() > deadline:
                raise InfraError(f"the sandbox ({self.tier}) did not start within {START_SECONDS:g} s")
        self.control.close()
        self.control, _ = listener.accept()
        self.control.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        listener.close()

    def _refusal(self) -> str:
        said = f"the sandbox ({self.tier}) did not start: {self._last_words()}"
        return f"{self.launched.refused} ({said})" if self.launched.refused else said

    def _last_words(self) -> str:
        assert self.process.stderr is not None
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(5)
        if self.process.returncode is None or not select.select([self.process.stderr], [], [], 0)[0]:
            return "no reason given"
        lines = self.process.stderr.read().decode(errors="replace").strip().splitlines()
        lines = [line for line in lines if line and not line.startswith(("Run '", "See '"))]  # an engine's advice
        return lines[-1] if lines else f"exit code {self.process.returncode}"

    @property
    def root_pid(self) -> int:
        """The process id of its outermost process, as this process sees it."""
        return self.signed if self.launched.listener else self.process.pid

    def divide(self) -> Division:
        """Order a zygote of its own for another judge, to be waited for. Raises `OSError`."""
        ours, theirs = _pair()
        try:
            with theirs:
                socket.send_fds(self.control, [b"{}"], [theirs.fileno()])
        except BaseException:
            ours.close()
            raise
        return Division(self, ours)

    def disown(self) -> None:
        """Forget it in a judge that was forked from the one that started it."""
        self.control.close()
        if self.process.stderr is not None:
            self.process.stderr.close()

    def stop(self) -> None:
        """End it with everything in it."""
        if self._waiting is not None:
            self._waiting.join()
        self.control.close()  # the zygote ends when its judge hangs up
        try:
            self.process.wait(self.launched.patience)
        except subprocess.TimeoutExpired:
            ran_out("a sandbox's end", self.launched.patience)
            self.process.kill()
            self.process.wait()
        if self.process.stderr is not None:
            self.process.stderr.close()
        if self.launched.listener is not None:
            self.launched.listener.close()
        self.launched.end()


class Division:
    """A zygote that was divided off that of a sandbox: it has its walls, within the other's."""

    def __init__(self, whole: Sandbox, control: socket.socket) -> None:
        self.control = control
        self.launched = whole.launched
        self.about: dict[str, Any] = {}
        self.signed = 0
        self._tier = whole.tier
        self._handle = -1

    @property
    def root_pid(self) -> int:
        """The process id of its zygote, as this process sees it."""
        return self.signed

    def wait(self) -> None:
        """Return when the zygote is ready. Raises `InfraError` where it will never be."""
        if not select.select([self.control], [], [], START_SECONDS)[0]:
            raise InfraError(f"a division of the sandbox ({self._tier}) did not start within {START_SECONDS:g} s")
        said, ancillary, _, _ = self.control.recvmsg(1 << 16, socket.CMSG_SPACE(CREDENTIALS.size))
        about = json.loads(said or b'{"error": "it hung up"}')
        if "error" in about:
            raise InfraError(f"a division of the sandbox ({self._tier}) did not start: {about['error']}")
        self.about, self.signed = about, sender(ancillary)
        self._handle = os.pidfd_open(self.signed)

    def stop(self) -> None:
        """End it with everything in it."""
        self.control.close()  # the zygote ends when its judge hangs up
        if self._handle < 0:
            return
        if not select.select([self._handle], [], [], self.launched.patience)[0]:
            ran_out("the end of a sandbox's division", self.launched.patience)
            signal.pidfd_send_signal(self._handle, signal.SIGKILL)
            select.select([self._handle], [], [], START_SECONDS)
        os.close(self._handle)
        self._handle = -1


def _pair() -> tuple[socket.socket, socket.socket]:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
    return ours, theirs
