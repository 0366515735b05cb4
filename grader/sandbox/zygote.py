"""The judge's handle on a running zygote: start it, order forks, replace it when it dies."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import select
import socket
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from torch import Tensor

import grader
from grader.errors import InfraError, StudentError
from grader.guest import codec, probe
from grader.guest.isolation import THREADS, Settings
from grader.sandbox.cgroup import Cgroup, make_cgroup
from grader.sandbox.fork import Fork
from grader.sandbox.gpu import HOST_MB
from grader.sandbox.launch import START_SECONDS, Division, Launch, Sandbox
from grader.sandbox.sealed_files import File, store
from grader.sandbox.waits import ran_out
from grader.spec import Limits

FAILURES = 4  # to yield a fork, each after a restart: a run does not wait for a sandbox that is dead for good
FORK_PROCESSES = 2  # the intermediate one and the server
BUFFER = 1 << 20  # bytes of a socket: the kernel gives what its own limit allows
ROOM_SECONDS = 2.0  # for the kernel to free what an ended fork held
LIFETIME = 200  # forks, after which a zygote is replaced whatever its state; 1 is the strict mode
THERE = ("/etc/passwd", "/etc/shadow", "/var", "/bin/sh")  # on nearly every machine, for the probes to try
DIVISIBLE = ("bubblewrap", "namespaces")  # tiers that give a zygote namespaces of its own
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
        modules: tuple[str, ...] = (),
        gpu: bool = False,
        device: str = "",
    ) -> None:
        self.tier = tier
        self._launch = launch
        self._limits = limits
        self._banned = banned
        self._lifetime = lifetime
        self._modules = modules  # that the zygote imports before it forks
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
        # What a spare may take: one that has opened a GPU has threads, and CUDA's memory
        self._spares_room = (
            self._group[0] // 4 + (HOST_MB << 20) * bool(device),
            FORK_PROCESSES + THREADS * bool(device),
        )
        self._is_for_gpu = gpu
        self._cgroup: Cgroup | None = None
        self._sandbox: Sandbox | Division | None = None
        self._next: Sandbox | Division | None = None  # in strict mode, where each submission needs another
        self._spare: Fork | None = None
        self._last: Fork | None = None
        self._taken = 0
        self._divisions = 0
        self._failures = 0  # to yield a fork, in a row
        self._requested = 0  # inventories that were asked for and have not come
        self._is_unseen = False  # whether a fork was taken since one was asked for
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
    def is_divisible(self) -> bool:
        """Whether judges that are forked from this one can have zygotes that are forked from this one's."""
        return self.tier in DIVISIBLE and self._lifetime > 1 and not self._is_for_gpu

    def divide(self) -> Division:
        """Order a zygote for a judge that is about to be forked from this one, which moves into it.

        This one's never runs a submission, and is replaced where it is not as it was.
        """
        for _ in range(2):
            self.renew()
            with contextlib.suppress(OSError):
                if isinstance(self._sandbox, Sandbox):
                    self._divisions += 1
                    if self._cgroup is not None:  # each division leaves a process in it, and memory
                        self._cgroup.lift()
                    return self._sandbox.divide()
            self._restart()  # it has died since it was looked at
        raise InfraError("the sandbox cannot be divided: it dies")

    def move_into(self, division: Division) -> None:
        """Leave the sandbox to the judge that this one was forked from, and have a zygote of one's own."""
        whole, self._sandbox = self._sandbox, None
        if isinstance(whole, Sandbox):
            whole.disown()
        was_limited = self._cgroup is not None
        self._cgroup = self._last = self._spare = None
        self._divisions = 0
        self._next = division
        try:
            self._start()
            lacks_limit = was_limited and self._cgroup is None  # it is in a group that limits nothing any more
        except InfraError:  # it died with the one that it was divided off
            lacks_limit = True
        if lacks_limit:
            self._restart()
        self._prove()

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
            fork = self.take()
            victim = self._order()
            victim.greet()
            with tempfile.NamedTemporaryFile("w", prefix="grader-secret-") as secret:
                os.chmod(secret.name, 0o644)  # so that it is the sandbox's wall that holds, and no permission
                secrets = [secret.name, str(Path(grader.__file__).parent / "outcome.py"), *THERE]
                request = codec.Probe(
                    [path for path in secrets if os.path.exists(path)],
                    [os.getpid(), self._root_pid],
                    neighbour=_probed(victim, codec.Probe(victim=True)),
                )
                return _probed(fork, request)
        except StudentError as error:
            raise InfraError(f"a fork of the sandbox did not finish its probes: {error.message}") from error
        finally:
            self._settings = settings
            for one in (self._last, victim):
                if one is not None:
                    one.kill()

    def renew(self) -> None:
        """Before a submission: replace a zygote that is not as it was at its start, or has served its time."""
        with contextlib.suppress(InfraError, OSError):  # who takes a fork meets it again
            self._part_with_last()
            if self._is_unseen:
                self.request_inventory()
            if not self._is_unchanged() or self._taken >= self._lifetime:
                self._restart()

    def take(self) -> Fork:
        """A fork, once the one before it is gone. Raises `InfraError` where the sandbox yields none."""
        if self._failures >= FAILURES:
            raise InfraError("the sandbox has failed again and again; nothing more is graded in it")
        try:
            fork = self._take()
        except (InfraError, OSError) as error:
            self._failures += 1
            raise InfraError(str(error)) from error
        self._failures = 0
        return fork

    def _take(self) -> Fork:
        self._part_with_last()
        delayed = 0.0
        for _ in range(3):
            was_spare = self._spare is not None
            try:
                self._taken += 1
                self._is_unseen = True
                self._last = fork = self._spare or self._order()
                self._spare = None
                hello = fork.greet()
            except (OSError, InfraError) as error:
                failure, asked = error, time.monotonic()
                if was_spare:  # it was made beside the one before, which may have left it no room
                    self._part_with_last()
                else:
                    self._restart()
                delayed += time.monotonic() - asked
                continue
            fork.delayed = delayed
            assert self._sandbox is not None
            limited = self._cgroup is not None or (self._sandbox.launched.users and self.about["memory_group"])
            untried = [f"NOT PROVEN: {one}" for one in self._untried]
            self.protections = (*hello.protections, *(["memory control group"] if limited else []), *untried)
            self.missing = (*hello.missing, *self._sandbox.launched.lacking, *self._untried)
            self.device, self.settings = hello.device, tuple(hello.settings)
            return fork
        raise InfraError(f"the sandbox yields no fork: {failure}")

    def order_spare(self) -> None:
        """Have the fork for the next submission isolate itself: best while judge and fork are not both busy.

        In strict mode it is the next submission's sandbox that is started, in the background.
        """
        with contextlib.suppress(OSError, InfraError):  # who takes the next one meets it again
            if self._lifetime == 1 and self._next is None:
                self._next = self._new_sandbox()
                self._next.wait_in_background()
            elif self._spare is None and self._lifetime > 1:
                self._spare = self._order()

    def _part_with_last(self) -> None:
        """Wait until the last fork is gone, and what it held is free for the next one.

        Its memory and processes count against the control group until then. Where a fork does not go, or leaves
        something behind, the sandbox is replaced, and its control group with it.
        """
        if self._last is None:
            return
        self._last.kill()
        if self._last.lingers or not self._gets_room():
            self._restart()
        self._last = None

    def _gets_room(self) -> bool:
        """Whether the control group is empty but for the zygote and a spare, as it is within milliseconds."""
        deadline = time.monotonic() + ROOM_SECONDS
        while self._cgroup is not None and not self._cgroup.has_room(*self._spares_room):
            if time.monotonic() > deadline:
                ran_out("the memory and processes of an ended fork", ROOM_SECONDS)
                return False
            time.sleep(0.001)
        return True

    def _order(self) -> Fork:
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
        return Fork(ours, status, self._limits, self._cgroup, ended_inside=bool(launched.users))

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
        self._root_pid = self._sandbox.root_pid
        self._requested = 0
        self.request_inventory()
        self._inventory = self._take_inventory()

    def _new_sandbox(self) -> Sandbox:
        return Sandbox(self.tier, self._launch, self._limits, self._banned, self._data, self._modules)

    def _adopt(self, prepared: Sandbox | Division) -> bool:
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
            self._is_unseen = False
            with contextlib.suppress(OSError):  # a dead zygote is noticed when it does not answer
                self._sandbox.control.send(b"{}")
                self._requested += 1

    def _is_unchanged(self) -> bool:
        """Whether the zygote's modules, descriptors, threads, files and processes are what they were at its start.

        What was asked for while the last fork was being taken down may still name processes of its; so what differs is
        asked for once more.
        """
        try:
            now = self._inventory
            while self._requested:
                now = self._take_inventory()
            if not self._is_as_before(now):
                self.request_inventory()
                now = self._take_inventory()
        except (OSError, ValueError, InfraError):
            return False
        return self._is_as_before(now)

    def _is_as_before(self, now: dict[str, Any]) -> bool:
        # the spare's, and the last parent's that has just ended; divisions end when their judges want
        extra = now["processes"] - self._inventory["processes"]
        is_alone = extra <= 2 * FORK_PROCESSES or self._divisions > 0
        return is_alone and {**now, "processes": 0} == {**self._inventory, "processes": 0}

    def _take_inventory(self) -> dict[str, Any]:
        if self._sandbox is None:
            raise InfraError("the sandbox is not running")
        if not select.select([self._sandbox.control], [], [], START_SECONDS)[0]:
            ran_out("the zygote's inventory", START_SECONDS)
            raise InfraError("the zygote does not answer")
        self._requested -= 1
        said = self._sandbox.control.recv(1 << 16)
        if not said:
            raise InfraError("the zygote has hung up")
        inventory: dict[str, Any] = json.loads(said)
        return inventory

    def _restart(self) -> None:
        self._stop()
        if self._cgroup is not None:  # what is still in there is nobody's any more
            self._cgroup.close()
            self._cgroup = None
        with contextlib.suppress(OSError):
            self._start()
            self._taken = 0

    def _stop(self) -> None:
        if self._last is not None:
            self._last.kill()
            self._last = None
        spare, self._spare = self._spare, None
        if spare is not None:
            spare.kill(wait=False)  # one that opens a GPU looks at its channel seconds later: it ends with the sandbox
        sandbox, self._sandbox = self._sandbox, None  # first: what cannot be ended is not ended again and again
        if sandbox is not None:
            sandbox.stop()
        if spare is not None:
            spare.kill()

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


def _probed(fork: Fork, request: codec.Probe) -> dict[str, str]:
    frame = fork.ask(codec.encode(request), START_SECONDS, awaited=codec.Probed)
    findings: dict[str, str] = frame.body.findings
    return findings
