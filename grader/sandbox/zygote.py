"""The judge's handle on a running zygote: start it, order forks, replace it when it dies."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import select
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import grader
from grader.bridge.errors import InfraError, StudentError
from grader.bridge.guest import CREDENTIALS, Guest, sender
from grader.guest import codec
from grader.guest.isolation import Settings
from grader.sandbox.cgroup import make_cgroup
from grader.spec import Limits

START_SECONDS = 120.0  # importing torch takes 2 s warm, much longer from a cold disk
FAILURES = 4  # to yield a fork, each after a restart: a run does not wait for a sandbox that is dead for good
FORK_PROCESSES = 2  # the intermediate one and the server
ROOM_SECONDS = 2.0  # for the kernel to free what an ended fork held
LIFETIME = 200  # forks, after which a zygote is replaced whatever its state; 1 is the strict mode
LAYERS = ("namespaces", "landlock", "seccomp", "rlimits")

Launch = Callable[[int], tuple[list[str], dict[str, str], dict[str, Any] | None]]


class Zygote:
    """A warm sandbox of one tier for one assignment. Use as a context manager, from one thread."""

    def __init__(
        self,
        tier: str,
        launch: Launch,
        limits: Limits,
        banned: tuple[str, ...],
        layers: tuple[str, ...] = LAYERS,
        lifetime: int = LIFETIME,
    ) -> None:
        self.tier = tier
        self._launch = launch
        self._limits = limits
        self._banned = banned
        self._lifetime = lifetime
        self._settings = Settings(
            memory=limits.memory_mb << 20,
            processes=limits.processes,
            files=limits.files_mb << 20,
            cpu_seconds=int(limits.submission_seconds) + 5,
            layers=layers,
        )
        self._cgroup = make_cgroup(limits.memory_mb << 20, limits.processes + 16)
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._spare: Guest | None = None
        self._last: Guest | None = None
        self._leaving: Guest | None = None  # ended, and perhaps not quite gone
        self._taken = 0
        self._failures = 0  # to yield a fork, in a row
        self._requested = 0  # inventories that were asked for and have not come
        self._differs = False  # whether one was not what it was at the start
        self._inventory: dict[str, Any] = {}
        self.root_pid = 0  # of the outermost process of the sandbox
        self.about: dict[str, Any] = {}
        self.protections: tuple[str, ...] = ()
        self.missing: tuple[str, ...] = ()

    def __enter__(self) -> Self:
        try:
            self._start()
            self._prove()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _prove(self) -> None:
        """Let one fork attack its own walls, and refuse to grade anybody behind walls that give way."""
        if set(self._settings.layers) != set(LAYERS):
            return  # a measurement with layers left out
        broken = [f"{probe}: {found}" for probe, found in self.probe().items() if found != "held"]
        if broken:
            raise InfraError(f"isolation {self.tier} does not hold on this machine: {'; '.join(broken)}")

    def probe(self) -> dict[str, str]:
        """What happened when a fork attacked its own walls: probe → "held", or what got through."""
        guest = self.take()
        try:
            secret = str(Path(grader.__file__).parent / "session.py")
            frame = guest.ask(codec.encode(codec.Probe([secret])), START_SECONDS, awaited=codec.Probed)
        except StudentError as error:
            raise InfraError(f"a fork of the sandbox did not finish its probes: {error.message}") from error
        finally:
            guest.kill()
        findings: dict[str, str] = frame.body.findings
        return findings

    def take(self) -> Guest:
        """A fork ready for a submission. A zygote that is not as it was, or has served its time, is replaced first."""
        if self._failures >= FAILURES:
            raise InfraError("the sandbox has failed again and again; nothing more is graded in it")
        try:
            guest = self._take()
        except InfraError:
            self._failures += 1
            raise
        self._failures = 0
        return guest

    def _take(self) -> Guest:
        self._part_with_last()
        if self._taken >= self._lifetime or not self.is_unchanged():
            self._restart()
        for _ in range(2):
            try:
                self._taken += 1
                self._last = guest = self._spare or self._order()
                self._spare = None
                hello = guest.greet()
            except (OSError, InfraError) as error:
                failure = error
                self._restart()
                continue
            self.protections = (*hello.protections, *(["memory control group"] if self._cgroup else []))
            self.missing = tuple(hello.missing)
            return guest
        raise InfraError(f"the sandbox yields no fork: {failure}")

    def order_spare(self) -> None:
        """Have the fork for the next submission isolate itself: best while judge and fork are not both busy."""
        if self._spare is None and self._taken < self._lifetime:
            with contextlib.suppress(OSError, InfraError):  # who takes the next one meets it again
                self._spare = self._order()

    def is_ready(self) -> bool:
        """Whether a fork waits to be taken, and the zygote need not be replaced before."""
        return self._spare is not None and self._taken < self._lifetime

    def _part_with_last(self) -> None:
        """Wait until the last fork is gone, unless it was ended and leaves the next one all the room that it needs.

        Its memory and processes count against the control group until then, and the kernel takes 6 ms over it; over the
        segments of an interprocess namespace longer, since it frees those after the last process is gone.
        """
        if self._leaving is not None:
            self._leaving.kill()
            self._leaving = None
        if self._last is not None and not self._last.alive and self._has_room():
            self._leaving = self._last
        elif self._last is not None:
            self._last.kill()
            deadline = time.monotonic() + ROOM_SECONDS
            while self._cgroup is not None and not self._has_room() and time.monotonic() < deadline:
                time.sleep(0.002)
        self._last = None

    def _has_room(self) -> bool:
        if self._cgroup is None:  # then processes are limited per user, and memory is not known
            return False
        try:
            memory, processes = self._cgroup.usage()
        except OSError:
            return False
        return memory < self._settings.memory / 4 and processes <= 1 + 2 * FORK_PROCESSES

    def _order(self) -> Guest:
        if self._control is None:
            raise InfraError("the sandbox is not running")
        ours, theirs = socket.socketpair()
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)  # before the fork greets, or it goes unsigned
        status, writer = os.pipe()
        try:
            order = json.dumps(dataclasses.asdict(self._settings)).encode()
            socket.send_fds(self._control, [order], [theirs.fileno(), writer])
        except OSError:
            ours.close()
            os.close(status)
            raise
        finally:
            theirs.close()
            os.close(writer)
        return Guest(ours, status, self._limits, self._cgroup)

    def _start(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        self._control = ours
        with theirs:
            command, environment, layout = self._launch(theirs.fileno())
            self._process = subprocess.Popen(
                command,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                pass_fds=[theirs.fileno()],
                cwd="/",
            )
        with contextlib.suppress(OSError):  # a process that died already is reported below
            if layout is not None:
                ours.send(json.dumps(layout).encode())
            ours.send(json.dumps({"banned": self._banned}).encode())
        if not select.select([ours], [], [], START_SECONDS)[0]:
            raise InfraError(f"the sandbox ({self.tier}) did not start within {START_SECONDS:g} s")
        with contextlib.suppress(OSError):
            said, ancillary, _, _ = ours.recvmsg(1 << 16, socket.CMSG_SPACE(CREDENTIALS.size))
            if said:
                self.about = json.loads(said)
                if self._cgroup is not None:  # forks are born into it: to move each would cost 15 ms
                    self._cgroup.add(sender(ancillary))
                self.root_pid = self._process.pid
                self._requested, self._differs = 0, False
                self.request_inventory()
                self._inventory = self._take_inventory()
                return
        raise InfraError(f"the sandbox ({self.tier}) did not start: {self._last_words()}")

    def _last_words(self) -> str:
        assert self._process is not None
        assert self._process.stderr is not None
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(5)
        if self._process.returncode is None or not select.select([self._process.stderr], [], [], 0)[0]:
            return "no reason given"
        lines = self._process.stderr.read().decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else f"exit code {self._process.returncode}"

    def request_inventory(self) -> None:
        """Ask the zygote to look at itself, once a submission has ended."""
        if self._control is not None:
            with contextlib.suppress(OSError):  # a dead zygote is noticed when it does not answer
                self._control.send(b"{}")
                self._requested += 1

    def is_unchanged(self) -> bool:
        """Whether the zygote's modules, descriptors, threads, files and processes are what they were at its start.

        Nobody waits for the answer to the last request: a fork may be taken meanwhile, if who takes it asks again
        before its answers count. The one before that must have come.
        """
        try:
            while not self._differs and (self._requested > 1 or (self._requested and self._has_answered())):
                self._differs = not self._is_as_before(self._take_inventory())
        except (OSError, ValueError, InfraError):
            self._differs = True
        return not self._differs

    def _is_as_before(self, now: dict[str, Any]) -> bool:
        # The spare, and a killed fork whose processes are still being taken down.
        extra = now["processes"] - self._inventory["processes"]
        return extra <= 2 * FORK_PROCESSES and {**now, "processes": 0} == {**self._inventory, "processes": 0}

    def _has_answered(self) -> bool:
        assert self._control is not None
        return bool(select.select([self._control], [], [], 0)[0])

    def _take_inventory(self) -> dict[str, Any]:
        if self._control is None:
            raise InfraError("the sandbox is not running")
        if not select.select([self._control], [], [], START_SECONDS)[0]:
            raise InfraError("the zygote does not answer")
        self._requested -= 1
        inventory: dict[str, Any] = json.loads(self._control.recv(1 << 16))
        return inventory

    def _restart(self) -> None:
        self._stop()
        with contextlib.suppress(OSError):
            self._start()
            self._taken = 0

    def _stop(self) -> None:
        for guest in (self._last, self._leaving):
            if guest is not None:
                guest.kill()
        self._last = self._leaving = None
        if self._spare is not None:
            self._spare.abandon()
            self._spare = None
        if self._control is not None:
            self._control.close()  # the zygote ends when its judge hangs up
            self._control = None
        if self._process is not None:
            try:
                self._process.wait(0.5)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            if self._process.stderr is not None:
                self._process.stderr.close()
            self._process = None

    def close(self) -> None:
        """End the sandbox with everything in it."""
        self._stop()
        if self._cgroup is not None:
            self._cgroup.close()
            self._cgroup = None
