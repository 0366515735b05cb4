"""Grades a class on the workers of a Dask cluster.

The coordinator asks each worker that it sees for a host, gives a host as many jobs as it has slots, and writes what
comes back. It counts deaths itself: a job that was with a worker that died is tried again alone, on a worker that has
nothing else, so that the third death is its own. A worker that hangs is one that died. If the scheduler dies, what was
on its way is given out anew when it is back, and nobody is blamed.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
from distributed import Client
from distributed.comm.addressing import parse_address, parse_host_port
from distributed.security import Security

from grader.errors import GraderError, UsageError
from grader.outcome import Check
from grader.report.write import put_report
from grader.run.cluster import messages, plugin
from grader.run.cluster.messages import Course, Flight, Landed, Lost, Over, Refused, Welcome
from grader.run.executor import TRIES, Stop, Unwritable
from grader.run.ipc import Checked, Done, Job, Setup

TICK_SECONDS = 0.25
SEND_SECONDS = 0.002  # for the next jobs to be on their way before the answers to the last ones are written
LOOK_SECONDS = 1.0  # between two looks at the workers
REACH_SECONDS = 5.0  # for a port to take a connection
CONNECT_SECONDS = 30.0  # for a scheduler behind it, on a machine that has much to do
ANSWER_SECONDS = 15.0  # for the scheduler
SILENT_SECONDS = 30.0  # without a beat of its heart, after which a worker hangs
AWAY_SECONDS = 600.0  # for a scheduler to come back, and for a first worker to come
STARTS = 3  # of hosts that die before they are ready, in a row


@dataclass
class _Member:
    """A worker of the cluster."""

    address: str
    slots: int
    beat: float  # as the scheduler says it
    beat_at: float  # when that last changed, by our clock
    is_ready: bool = False
    is_greeted: bool = False  # or being greeted
    refused: str = ""
    starts_in_vain: int = 0
    jobs: dict[int, Job] = field(default_factory=dict)  # on their way, by flight


class _Away(Exception):
    """The scheduler does not answer."""


class Cluster:
    """An executor, see `grader.run.executor`. `say` gets a sentence for staff now and then."""

    def __init__(
        self,
        setup: Setup,
        jobs: Iterable[Job | None],
        *,
        address: str,
        security: Security,
        course: Callable[[Setup], Course],
        say: Callable[[str], None] = lambda _: None,
        grading: Callable[[str, bytes], plugin.Grading] = plugin.Grading,
        on_done: Callable[[Job, Done], None],
        on_lost: Callable[[Job, tuple[Check, ...], str], None],
        on_ready: Callable[[], None] = lambda: None,
        on_tick: Callable[[], None] = lambda: None,
        on_checked: Callable[[Job, Checked], None] = lambda *_: None,
        stop: Stop | None = None,
    ) -> None:
        self._address, self._security, self._say, self._grading = address, security, say, grading
        self._out = setup.out
        self._needs_gpu = setup.where.has_gpu
        packed = messages.encode(course(setup))
        self._name = messages.name_of(packed)
        self._course = packed
        self._jobs = iter(jobs)
        self._again: deque[Job] = deque()
        self._tries: dict[int, int] = {}
        self._is_out_of_jobs = False
        self._landed: deque[tuple[Job, Landed]] = deque()  # still to be written
        self._on_done, self._on_lost = on_done, on_lost
        self._on_ready, self._on_tick, self._on_checked = on_ready, on_tick, on_checked
        self._stop = stop or Stop()
        self._members: dict[str, _Member] = {}
        self._tasks: dict[asyncio.Task[bytes], tuple[_Member, int]] = {}  # 0: a greeting
        self._number = secrets.randbits(52)  # of flights: a host may still have those of a coordinator that was killed
        self._scheduler = ""  # the id of that which is linked
        self._seen_any = time.monotonic()
        self.checks: tuple[Check, ...] = ()

    def run(self) -> bool:
        """Work until all is done (True), or until Ctrl-C stops it (False).

        Raises `GraderError`, `Unwritable`, and `UsageError` where workers cannot use what they are given.
        """
        logging.getLogger("distributed").setLevel(logging.CRITICAL)  # that connections break is for us to say
        return asyncio.run(self._run())

    async def _run(self) -> bool:
        wait_until, was_there = 0.0, False  # the scheduler has to be there when the run begins
        while not self._is_over():
            try:
                async with self._linked() as client:
                    wait_until, was_there = 0.0, True
                    await self._work(client)
            except _Away as error:
                if was_there and not wait_until:
                    self._say(f"the scheduler at {self._address} is away: waiting for it")
                    wait_until = time.monotonic() + AWAY_SECONDS
                if time.monotonic() > wait_until:
                    raise GraderError(
                        f"no scheduler answers at {self._address} ({error}). What was graded is kept; "
                        "run the same command again when one does"
                    ) from error
                self._on_tick()
                await asyncio.sleep(TICK_SECONDS)
        return not self._stop.presses

    def _is_over(self) -> bool:
        if self._stop.presses > 1:
            return True
        if self._landed or any(one.jobs for one in self._members.values()):
            return False
        return bool(self._stop.presses) or (self._is_out_of_jobs and not self._again)

    @contextlib.asynccontextmanager
    async def _linked(self) -> AsyncIterator[Client]:
        """A connection to the scheduler. Raises `_Away`."""
        client = None
        try:
            await _reach(self._address)  # Dask's client goes on trying where nothing listens
            client = await Client(
                self._address,
                security=self._security,
                asynchronous=True,
                set_as_default=False,
                timeout=CONNECT_SECONDS,
            )
            client.subscribe_topic(self._name, self._check)
        except OSError as error:
            await _close(client)
            raise _Away(str(error) or type(error).__name__) from error
        is_away, self._scheduler = False, ""
        try:
            yield client
        except _Away:
            is_away = True
            raise
        finally:
            self._drop()
            if not is_away:
                with contextlib.suppress(Exception):  # else a host ends when it has been idle for a while
                    await asyncio.wait_for(client.run(plugin.leave, self._name, on_error="ignore"), ANSWER_SECONDS)
            await _close(client)

    async def _work(self, client: Client) -> None:
        """Give out jobs and take in what comes until all is done. Raises `_Away`."""
        looked = 0.0
        while not self._is_over():
            if time.monotonic() - looked > LOOK_SECONDS:
                await self._look(client)
                looked = time.monotonic()
            self._feed(client)
            done: set[asyncio.Task[bytes]] = set()
            if self._tasks:
                done, _ = await asyncio.wait(self._tasks, timeout=TICK_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            else:
                await asyncio.sleep(TICK_SECONDS)
            for task in done:
                if task in self._tasks:  # or its worker was given up meanwhile
                    await self._hear(client, task)
            if self._landed:
                self._feed(client)
                await asyncio.sleep(SEND_SECONDS)
            while self._landed:
                self._land(*self._landed.popleft())
            self._on_tick()

    # --------------------------------------------------------------------------------------------------- who is there

    async def _look(self, client: Client) -> None:
        """See who has come, who has gone and who hangs, and greet the new ones. Raises `_Away`, `GraderError`."""
        now = time.monotonic()
        try:
            scheduler: Any = client.scheduler
            identity = await asyncio.wait_for(scheduler.identity(n_workers=-1), ANSWER_SECONDS)
        except OSError as error:
            raise _Away(str(error) or type(error).__name__) from error
        self._scheduler = self._scheduler or identity["id"]
        if identity["id"] != self._scheduler:  # Dask's client has found it by itself
            raise _Away("another one has come in its place")
        there: dict[str, dict[str, Any]] = identity["workers"]
        for address in self._members.keys() - there.keys():
            self._bury(self._members.pop(address), "it has left the cluster")
        for address, told in there.items():
            member = self._members.get(address)
            if member is None:
                slots = int(told["resources"].get("GPU", 0)) if self._needs_gpu else told["nthreads"]
                member = self._members[address] = _Member(address, slots, told["last_seen"], now)
                if not slots:
                    member.refused = "it has no GPU"
            elif member.beat != told["last_seen"]:
                member.beat, member.beat_at = told["last_seen"], now
            is_silent = now - member.beat_at > SILENT_SECONDS
            if is_silent and (member.is_ready or member.is_greeted):
                self._bury(member, f"it has said nothing for {SILENT_SECONDS:.0f} s")
            if not (is_silent or member.is_greeted or member.refused):
                member.is_greeted = True
                self._ask(client, member, 0, plugin.greet, self._name)
        if there:
            self._seen_any = now
        self._see_that_someone_can()

    def _see_that_someone_can(self) -> None:
        members = self._members.values()
        if members and all(one.refused for one in members):
            reasons = "; ".join(dict.fromkeys(f"{one.address}: {one.refused}" for one in members))
            raise GraderError(f"no worker of the cluster can grade this. {reasons}")
        if not members and time.monotonic() - self._seen_any > AWAY_SECONDS:
            raise GraderError(f"no worker has joined {self._address}; `grader worker` starts one")

    def _ask(self, client: Client, member: _Member, number: int, question: Callable[..., Any], *about: Any) -> None:
        async def answer() -> bytes:
            given: dict[str, bytes] = await client.run(question, *about, workers=[member.address])
            return given[member.address]

        self._tasks[asyncio.create_task(answer())] = member, number

    # ------------------------------------------------------------------------------------------------------------ jobs

    def _feed(self, client: Client) -> None:
        """Give each free slot a job, the emptiest workers first."""
        while not self._stop.presses:
            free = [one for one in self._members.values() if one.is_ready and self._has_room(one)]
            if not free:
                return
            member = min(free, key=lambda one: len(one.jobs) / one.slots)
            job = self._next(alone=not member.jobs)
            if job is None:
                return
            self._number += 1
            member.jobs[self._number] = job
            flight = messages.encode(Flight(msgspec.structs.replace(job, number=self._number)))
            self._ask(client, member, self._number, plugin.grade, self._name, self._number, flight)

    def _has_room(self, member: _Member) -> bool:
        return len(member.jobs) < member.slots and not any(one.number in self._tries for one in member.jobs.values())

    def _next(self, *, alone: bool) -> Job | None:
        """The next job, or None for now: one that a worker has died of only to a worker that has nothing else."""
        for job in self._again:
            if alone or job.number not in self._tries:
                self._again.remove(job)
                return job
        if self._is_out_of_jobs:
            return None
        try:
            return next(self._jobs)
        except StopIteration:
            self._is_out_of_jobs = True
            return None

    async def _hear(self, client: Client, task: asyncio.Task[bytes]) -> None:
        """Take an answer in. Raises `_Away`, `Unwritable`, `GraderError`."""
        member, number = self._tasks[task]
        if task.exception() is not None:
            await self._fail(client, task, member, number)
            return
        del self._tasks[task]
        content = task.result()
        if not content:  # a worker that does not know this run
            grading = self._grading(self._name, self._course)
            self._ask(client, member, 0, plugin.introduce, self._name, grading)
            return
        answer = messages.from_host.decode(content)
        match answer:
            case Welcome(checks=checks, tier=tier):
                member.is_ready, member.starts_in_vain = True, 0
                self._say(f"{member.address} grades in {member.slots} slots, isolated by {tier}")
                is_first, self.checks = not self.checks, checks
                if is_first:
                    self._on_ready()
            case Landed():
                self._landed.append((member.jobs.pop(number), answer))
            case Lost(words=words):
                self._on_lost(member.jobs.pop(number), self.checks, words)
            case Refused(reason=reason, is_usage=is_usage):
                self._refuse(member, reason)
                if is_usage:
                    raise UsageError(reason)
            case Over(words=words, is_idle=is_idle):
                if number and is_idle:
                    self._again.appendleft(member.jobs.pop(number))
                self._bury(member, words, is_at_fault=not is_idle)

    async def _fail(self, client: Client, task: asyncio.Task[bytes], member: _Member, number: int) -> None:
        """A question whose connection broke: the scheduler's, or the worker's."""
        error = task.exception()
        await self._look(client)
        if self._tasks.pop(task, None) is None:  # it is gone, and was buried
            return
        if not number and not isinstance(error, OSError):
            self._refuse(member, f"the grader cannot be started there: {error!r}")
            return
        self._bury(member, f"the connection to it broke: {error}")

    def _land(self, job: Job, landed: Landed) -> None:
        self._tries.pop(job.number, None)
        if self._out:
            try:
                put_report(Path(self._out), job.name, landed.files)
            except OSError as error:
                raise Unwritable(job.number, error.strerror or str(error)) from error
            except ValueError as error:
                raise Unwritable(job.number, str(error)) from error
        self._on_done(job, msgspec.structs.replace(landed.done, number=job.number))

    def _check(self, event: tuple[float, Any]) -> None:
        """A check of a job that is on its way."""
        check = messages.from_host.decode(event[1])
        assert isinstance(check, Checked)
        for member in self._members.values():
            if check.number in member.jobs:
                job = member.jobs[check.number]
                self._on_checked(job, msgspec.structs.replace(check, number=job.number))

    # ---------------------------------------------------------------------------------------------------------- deaths

    def _bury(self, member: _Member, words: str, *, is_at_fault: bool = True) -> None:
        """A host or its worker has died, or hangs: its jobs are tried again, up to `TRIES` times."""
        self._forget(member)
        if is_at_fault and not member.is_ready:
            member.starts_in_vain += 1
            if member.starts_in_vain >= STARTS:
                self._refuse(member, words)
        member.is_ready = member.is_greeted = False
        jobs, member.jobs = list(member.jobs.values()), {}
        for job in jobs:
            if is_at_fault:
                self._tries[job.number] = self._tries.get(job.number, 0) + 1
            if self._tries.get(job.number, 0) < TRIES:
                self._again.append(job)
            else:
                self._on_lost(job, self.checks, f"the worker {member.address} died: {words}")

    def _refuse(self, member: _Member, reason: str) -> None:
        """Give a worker nothing any more."""
        self._forget(member)
        member.is_ready, member.refused = False, reason
        self._again.extend(member.jobs.values())
        member.jobs = {}
        self._say(f"{member.address} is refused: {reason}")

    def _forget(self, member: _Member) -> None:
        """Wait for no answer of a worker's any more."""
        for task in [task for task, (one, _) in self._tasks.items() if one is member]:
            del self._tasks[task]
            task.cancel()

    def _drop(self) -> None:
        """Take back all that is on its way. Nobody is to blame."""
        for member in self._members.values():
            self._forget(member)
            self._again.extend(member.jobs.values())
        self._members.clear()


async def _reach(address: str) -> None:
    """Raises `OSError` where nothing listens."""
    host, port = parse_host_port(parse_address(address)[1])
    _, writer = await asyncio.wait_for(asyncio.open_connection(host, port), REACH_SECONDS)
    writer.close()


async def _close(client: Client | None) -> None:
    if client is not None:
        with contextlib.suppress(Exception):
            await asyncio.wait_for(client.close(), ANSWER_SECONDS)
