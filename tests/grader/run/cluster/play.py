"""A cluster in threads of this process, whose workers grade nothing: they answer as a job's name asks for."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Iterator

from distributed import Scheduler, Worker

from grader.judging.late import Lateness
from grader.outcome import Check
from grader.run.cluster import messages
from grader.run.cluster.coordinator import Cluster
from grader.run.cluster.messages import Course, Landed, Lost, Over, Refused, Welcome
from grader.run.cluster.plugin import Grading
from grader.run.cluster.trust import security
from grader.run.executor import Stop
from grader.run.ipc import Done, Job, Setup
from grader.sandbox.where import WhereToGrade

SETUP = Setup("public", "reference", "suite", WhereToGrade("bubblewrap"), b"seed", "", "sha")
COURSE = Course(SETUP, "hw0", b"", "", {})
CHECKS = (Check("test_a", "a", "A.", 1.0),)
INSECURE = security("tcp://127.0.0.1:0", None, insecure=True)
QUIET = {"dashboard": False, "dashboard_address": "127.0.0.1:0"}


class Played(Grading):
    """Answers without a host: a job called "dies…" kills it, "lost" its workers."""

    refusing: frozenset[str] = frozenset()  # names of workers
    full = ""  # the name of one whose disk is

    def setup(self, worker: Worker) -> None:
        self._name = worker.name
        self._is_over = True

    async def teardown(self, worker: Worker) -> None:
        pass

    async def greet(self) -> bytes:
        if self._name in self.refusing:
            return messages.encode(Refused("torch is 1.0, not 2.14"))
        self._is_over = False
        return messages.encode(Welcome(CHECKS, "bubblewrap"))

    async def grade(self, number: int, job: bytes) -> bytes:
        given = messages.to_host.decode(job).job
        if self._is_over:
            return messages.encode(Over("it had ended", is_idle=True))
        await asyncio.sleep(0.01)
        if given.name.startswith("dies"):
            self._is_over = True
            return messages.encode(Over("a host ended with code -9"))
        if self._name == self.full:
            return messages.encode(Refused("No space left on device"))
        if given.name == "lost":
            return messages.encode(Lost(number, "a worker ended with code 9"))
        return messages.encode(Landed(Done(number, given.name.encode(), 0.1), {}))


@contextlib.contextmanager
def cluster(workers: int, slots: int = 1, port: int = 0) -> Iterator[str]:
    """The address of a scheduler with so many workers."""
    ready, ends = threading.Event(), threading.Event()
    address: list[str] = []

    async def run() -> None:
        scheduler = Scheduler(host="tcp://127.0.0.1", port=port, security=INSECURE, **QUIET)
        async with scheduler, contextlib.AsyncExitStack() as stack:
            for number in range(workers):
                worker = Worker(
                    scheduler.address, nthreads=slots, name=f"w{number}", memory_limit=0, security=INSECURE, **QUIET
                )
                await stack.enter_async_context(worker)
            address.append(scheduler.address)
            ready.set()
            while not ends.is_set():  # noqa: ASYNC110 - another thread sets it
                await asyncio.sleep(0.02)

    thread = threading.Thread(target=lambda: asyncio.run(run()))
    thread.start()
    try:
        assert ready.wait(30)
        yield address[0]
    finally:
        ends.set()
        thread.join(30)


def jobs(*names: str) -> list[Job]:
    return [
        Job(number, name, "x", "0", {"a.py": b"x" * 3000}, "", Lateness(), "2027-01-01T00:00:00+00:00")
        for number, name in enumerate(names)
    ]


def run(
    address: str,
    given: object,
    grading: Callable[[str, bytes], Grading] = Played,
    stop: Stop | None = None,
    on_done: Callable[[str], None] = lambda _: None,
    on_tick: Callable[[], None] = lambda: None,
) -> tuple[bool, list[str], list[tuple[str, int, str]], list[str]]:
    """Run jobs; returns whether all is done, what was done, what was lost, and what was said."""
    done: list[str] = []
    lost: list[tuple[str, int, str]] = []
    said: list[str] = []

    def land(job: Job, answer: Done) -> None:
        assert (answer.report, answer.number) == (job.name.encode(), job.number)
        done.append(job.name)
        on_done(job.name)

    one = Cluster(
        SETUP,
        given,
        address=address,
        security=INSECURE,
        course=lambda _: COURSE,
        say=said.append,
        grading=grading,
        on_done=land,
        on_lost=lambda job, checks, words: lost.append((job.name, len(checks), words)),
        on_tick=on_tick,
        stop=stop,
    )
    return one.run(), sorted(done), lost, said
