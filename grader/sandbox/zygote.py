"""The judge's handle on a running zygote: start it, order forks, replace it when it dies."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import select
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from torch import Tensor

import grader
from grader.bridge.errors import InfraError, StudentError
from grader.bridge.guest import Guest
from grader.guest import codec, probe
from grader.guest.isolation import THREADS, Settings
from grader.sandbox.cgroup import Cgroup, make_cgroup
from grader.sandbox.gpu import HOST_MB
from grader.sandbox.launch import START_SECONDS, Launch, Sandbox
from grader.sandbox.memory import File, store
from grader.spec import Limits

FAILURES = 4  # to yield a fork, each after a restart: a run does not wait for a sandbox that is dead for good
FORK_PROCESSES = 2  # the intermediate one and the server
BUFFER = 1 << 20  # bytes of a socket: the kernel gives what its own limit allows
ROOM_SECONDS = 2.0  # for the kernel to free what an ended fork held
LIFETIME = 200  # forks, after which a zygote is replaced whatever its state; 1 is the strict mode
THERE = (
    "/etc/passwd",
    "/etc/shadow",
    "/var",
    "/bin/sh",
)  # on nearly every machine, and none of a submission's business
LAYERS = ("namespaces", "landlock", "seccomp", "rlimits")


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
        data: Mapping[str, Tensor] | None = None,
        *,
        gpu: bool = False,
        device: str = "",
        apart: bool = False,
    ) -> None:
        self.tier = tier
        self._apart = apart  # whether submissions have cores on which no fork is prepared
        self._launch = launch
        self._limits = limits
        self._banned = banned
        self._lifetime = lifetime
        self._tensors = data or {}  # for training: every fork finds it in its memory
        self._data: tuple[File, ...] = ()
        self._settings = Settings(
            memory=limits.memory_mb << 20,
            processes=limits.processes,
            files=limits.files_mb << 20,
            cpu_seconds=int(limits.submission_seconds) + 5,
            layers=layers,
            device=device,
        )
        self._group = (  # bytes, processes
            (limits.memory_mb + (HOST_MB if gpu else 0)) << 20,
            limits.processes + 16 + (THREADS if gpu else 0),
        )
        self._cgroup: Cgroup | None = None
        self._sandbox: Sandbox | None = None
        self._next: Sandbox | None = None  # in strict mode, where each submission needs another
        self._spare: Guest | None = None
        self._last: Guest | None = None
        self._leaving: Guest | None = None  # ended, and perhaps not quite gone
        self._taken = 0
        self._failures = 0  # to yield a fork, in a row
        self._requested = 0  # inventories that were asked for and have not come
        self._differs = False  # whether one was not what it was at the start
        self._replaced = False  # whether one that differed was replaced, and nobody has asked yet
        self._inventory: dict[str, Any] = {}
        self._root_pid = 0
        self.about: dict[str, Any] = {}
        self.protections: tuple[str, ...] = ()
        self._untried: tuple[str, ...] = ()  # probes that nothing was found for
        self.missing: tuple[str, ...] = ()
        self.device = ""  # what the last fork opened, by its own name
        self.settings: tuple[str, ...] = ()  # with which it computes the same twice

    def __enter__(self) -> Self:
        self._data = store(self._tensors)
        try:
            self._start()
            self._prove()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def root_pid(self) -> int:
        """The process id of the outermost process of the sandbox; 0 before its start."""
        return self._root_pid

    @property
    def _process(self) -> subprocess.Popen[bytes] | None:
        return self._sandbox.process if self._sandbox else None

    def _prove(self) -> None:
        """Let one fork attack its own walls, and refuse to grade anybody behind walls that give way."""
        if set(self._settings.layers) != set(LAYERS):
            return  # a measurement with layers left out
        found = {name: what for name, what in self.probe().items() if what != probe.HELD}
        self._untried = tuple(f"{name}: {what}" for name, what in found.items() if what.startswith(probe.NOT_TRIED))
        broken = [f"{name}: {what}" for name, what in found.items() if not what.startswith(probe.NOT_TRIED)]
        if broken:
            raise InfraError(f"isolation {self.tier} does not hold on this machine: {'; '.join(broken)}")

    def probe(self) -> dict[str, str]:
        """What happened when a fork attacked its own walls, beside another one.

        Returns probe → "held", "not tried: why", or what got through.
        """
        settings, self._settings = self._settings, dataclasses.replace(self._settings, device="")  # it is no wall
        victim = None
        try:
            guest = self.take()
            victim = self._order()
            victim.greet()
            with tempfile.NamedTemporaryFile("w", prefix="grader-secret-") as secret:
                os.chmod(secret.name, 0o644)  # so that it is the sandbox's wall that holds, and no permission
                secrets = [secret.name, str(Path(grader.__file__).parent / "session.py"), *THERE]
                request = codec.Probe(
                    [path for path in secrets if os.path.exists(path)],
                    [os.getpid(), self._root_pid],
                    neighbour=_probed(victim, codec.Probe(victim=True)),
                )
                return _probed(guest, request)
        except StudentError as error:
            raise InfraError(f"a fork of the sandbox did not finish its probes: {error.message}") from error
        finally:
            self._settings = settings
            for one in (self._last, victim):
                if one is not None:
                    one.kill()

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
        changed = not self._is_unchanged()
        self._replaced |= changed
        if changed or self._taken >= self._lifetime:
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
            assert self._sandbox is not None
            limited = self._cgroup is not None or (self._sandbox.launched.users and self.about["memory_group"])
            untried = [f"NOT PROVEN: {one}" for one in self._untried]
            self.protections = (*hello.protections, *(["memory control group"] if limited else []), *untried)
            self.missing = (*hello.missing, *self._sandbox.launched.lacking, *self._untried)
            self.device, self.settings = hello.device, tuple(hello.settings)
            return guest
        raise InfraError(f"the sandbox yields no fork: {failure}")

    def order_spare(self) -> None:
        """Have the fork for the next submission isolate itself: best while judge and fork are not both busy.

        In strict mode it is a whole sandbox that is started, in the background.
        """
        with contextlib.suppress(OSError, InfraError):  # who takes the next one meets it again
            if self._lifetime == 1 and self._next is None:
                self._next = self._new_sandbox()
                self._next.wait_in_background()
            elif self._spare is None and self._taken < self._lifetime:
                self._spare = self._order()

    def is_ready(self) -> bool:
        """Whether a fork waits to be taken, and the zygote need not be replaced before."""
        return self._spare is not None and self._taken < self._lifetime

    def _part_with_last(self) -> None:
        """Wait until the last fork is gone, unless it was ended and leaves the next one all the room that it needs.

        Its memory and processes count against the control group until then, and the kernel takes 6 ms over it; over the
        segments of an interprocess namespace longer, since it frees those after the last process is gone. Where a fork
        does not go, or leaves something behind, the sandbox is replaced.
        """
        if self._leaving is not None:
            self._leaving.part()
            self._leaving = None
        if self._last is not None and not self._last.alive and self._has_room():
            self._leaving = self._last
        elif self._last is not None:
            self._last.part()
            if self._last.lingers:
                self._restart()
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
        return memory < self._group[0] / 4 and processes <= 1 + 2 * FORK_PROCESSES

    def _order(self) -> Guest:
        if self._sandbox is None:
            raise InfraError("the sandbox is not running")
        launched = self._sandbox.launched
        settings = dataclasses.replace(
            self._settings,
            user=launched.users,
            folder=launched.files,
            readable=launched.readable,
            listable=launched.listable,
            devices=launched.devices,
        )
        ours, theirs = socket.socketpair()
        for end in (ours, theirs):  # neither side stands still because the other has not read yet
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER)
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)  # before the fork greets, or it goes unsigned
        status, theirs_too = socket.socketpair()
        try:
            order = json.dumps(dataclasses.asdict(settings)).encode()
            socket.send_fds(self._sandbox.control, [order], [theirs.fileno(), theirs_too.fileno()])
        except OSError:
            ours.close()
            status.close()
            raise
        finally:
            theirs.close()
            theirs_too.close()
        return Guest(ours, status, self._limits, self._cgroup, ended_inside=bool(launched.users))

    def _start(self) -> None:
        prepared, self._next = self._next, None
        if prepared is None or not self._adopt(prepared):
            self._sandbox = self._new_sandbox()
            self._sandbox.wait()
        assert self._sandbox is not None
        self.about = self._sandbox.about
        if not self._sandbox.launched.users:  # a container is a control group already
            self._cgroup = self._cgroup or make_cgroup(*self._group)
        if self._cgroup is not None:  # forks are born into it: to move each would cost 15 ms
            self._cgroup.add(self._sandbox.signed)
        self._root_pid = self._sandbox.signed if self._sandbox.launched.listener else self._sandbox.process.pid
        self._requested, self._differs = 0, False
        self.request_inventory()
        self._inventory = self._take_inventory()

    def _new_sandbox(self) -> Sandbox:
        return Sandbox(self.tier, self._launch, self._limits, self._banned, self._data, apart=self._apart)

    def _adopt(self, prepared: Sandbox) -> bool:
        try:
            prepared.wait()
        except (OSError, InfraError):  # it died while it was not looked at
            prepared.stop()
            return False
        self._sandbox = prepared
        return True

    def request_inventory(self) -> None:
        """Ask the zygote to look at itself, once a submission has ended."""
        if self._sandbox is not None:
            with contextlib.suppress(OSError):  # a dead zygote is noticed when it does not answer
                self._sandbox.control.send(b"{}")
                self._requested += 1

    def has_changed(self) -> bool:
        """Whether the zygote is not what it was, or was not when a fork was taken since this was asked last."""
        changed, self._replaced = self._replaced or not self._is_unchanged(), False
        return changed

    def _is_unchanged(self) -> bool:
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
        assert self._sandbox is not None
        return bool(select.select([self._sandbox.control], [], [], 0)[0])

    def _take_inventory(self) -> dict[str, Any]:
        if self._sandbox is None:
            raise InfraError("the sandbox is not running")
        if not select.select([self._sandbox.control], [], [], START_SECONDS)[0]:
            raise InfraError("the zygote does not answer")
        self._requested -= 1
        inventory: dict[str, Any] = json.loads(self._sandbox.control.recv(1 << 16))
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
        if self._sandbox is not None:
            self._sandbox.stop()
            self._sandbox = None

    def close(self) -> None:
        """End the sandbox with everything in it."""
        self._stop()
        if self._next is not None:
            self._next.stop()
            self._next = None
        if self._cgroup is not None:
            self._cgroup.close()
            self._cgroup = None
        for file in self._data:
            file.close()
        self._data = ()


def _probed(guest: Guest, request: codec.Probe) -> dict[str, str]:
    frame = guest.ask(codec.encode(request), START_SECONDS, awaited=codec.Probed)
    findings: dict[str, str] = frame.body.findings
    return findings
