"""What the coordinator makes of workers that come, go, die and refuse, played in this process."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from typing import ClassVar

import pytest
from distributed import Worker

from grader.errors import GraderError
from grader.run.cluster import coordinator, messages
from grader.run.cluster.messages import Over
from grader.run.executor import Stop
from grader.run.ipc import Job
from tests.grader.run.cluster.play import Played, cluster, jobs, run

NAMES = [f"s{number:02}" for number in range(30)]


class Choosy(Played):
    refusing = frozenset({"w0"})


class Full(Played):
    full = "w1"


class Unwilling(Played):
    refusing = frozenset({"w0", "w1"})


class Forgotten(Played):
    """Of each worker its plugin is gone after the first job, as where it joined while others were told of the run."""

    forgot: ClassVar[set[str]] = set()  # names of workers

    def setup(self, worker: Worker) -> None:
        super().setup(worker)
        self._plugins = worker.plugins

    async def grade(self, number: int, job: bytes) -> bytes:
        if self._name not in self.forgot:
            self.forgot.add(self._name)
            del self._plugins[self.name]
            return messages.encode(Over("the worker was told to forget this run", is_idle=True))
        return await super().grade(number, job)


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(coordinator, "LOOK_SECONDS", 0.05)
    monkeypatch.setattr(coordinator, "TICK_SECONDS", 0.02)


@pytest.fixture(scope="module")
def two():
    with cluster(2, slots=2) as address:
        yield address


def test_every_job_is_done_once(two):
    assert run(two, jobs(*NAMES))[:3] == (True, NAMES, [])


def test_a_job_that_hosts_die_of_is_tried_three_times_and_lost_alone(two):
    finished, done, lost, _ = run(two, jobs("dies", *NAMES))
    assert (finished, done) == (True, NAMES)
    ((name, checks, words),) = lost
    assert (name, checks) == ("dies", 1)
    assert words.endswith("died: a host ended with code -9")


def test_two_of_them_at_a_time_take_nobody_with_them(two):
    finished, done, lost, _ = run(two, jobs(*NAMES[:4], "dies1", *NAMES[4:9], "dies2", *NAMES[9:]))
    assert (finished, done) == (True, NAMES)
    assert sorted(name for name, _, _ in lost) == ["dies1", "dies2"]


def test_a_job_that_a_hosts_own_workers_die_of_is_lost_at_once(two):
    finished, done, lost, _ = run(two, jobs("lost", *NAMES))
    assert (finished, done) == (True, NAMES)
    assert lost == [("lost", 1, "a worker ended with code 9")]


def test_a_worker_that_differs_is_refused_with_a_sentence_and_the_others_do_the_work(two):
    finished, done, _, said = run(two, jobs(*NAMES), Choosy)
    assert (finished, done) == (True, NAMES)
    (sentence,) = [one for one in said if "refused" in one]
    assert sentence.endswith("is refused: torch is 1.0, not 2.14")


def test_a_worker_whose_disk_is_full_gets_nothing_more_and_nobody_loses(two):
    finished, done, lost, said = run(two, jobs(*NAMES), Full)
    assert (finished, done, lost) == (True, NAMES, [])
    assert [one for one in said if one.endswith("is refused: No space left on device")]


def test_a_worker_that_does_not_know_the_run_is_told_of_it_again(two):
    stop, began = Stop(), time.monotonic()

    def tick() -> None:
        stop.presses = 2 if time.monotonic() - began > 30 else 0

    assert run(two, jobs(*NAMES), Forgotten, stop=stop, on_tick=tick)[:3] == (True, NAMES, [])
    assert Forgotten.forgot == {"w0", "w1"}


def test_another_scheduler_in_the_place_of_the_first_is_noticed_and_nobody_is_to_blame():
    with contextlib.ExitStack() as first, contextlib.ExitStack() as second:
        address = first.enter_context(cluster(2))

        def exchange() -> None:
            first.close()
            second.enter_context(cluster(2, port=int(address.rpartition(":")[2])))

        thread = threading.Thread(target=exchange)

        def come() -> Iterator[Job | None]:
            yield from jobs(*NAMES[:10])
            thread.start()
            while thread.is_alive():
                yield None
            yield from jobs(*NAMES)[10:]

        finished, done, lost, said = run(address, come())
    assert (finished, done, lost) == (True, NAMES, [])
    assert [one for one in said if one.endswith("is away: waiting for it")]


def test_where_all_are_refused_the_run_ends_with_their_reasons(two):
    with pytest.raises(GraderError, match=r"no worker of the cluster can grade this.*torch is 1.0, not 2.14"):
        run(two, jobs(*NAMES), Unwilling)


def test_it_waits_where_there_is_no_job_for_now(two):
    def come():
        for one in jobs(*NAMES[:5]):
            yield None
            yield one
            yield None

    assert run(two, come())[:2] == (True, NAMES[:5])


def test_after_one_ctrl_c_what_is_begun_is_finished_and_nothing_more(two):
    stop = Stop()

    def press(_: str) -> None:
        stop.presses = 1

    finished, done, lost, _ = run(two, jobs(*NAMES), stop=stop, on_done=press)
    assert not finished
    assert 1 <= len(done) <= 8
    assert lost == []


def test_after_two_what_is_begun_is_dropped(two):
    stop = Stop()
    stop.presses = 2
    assert run(two, jobs(*NAMES), stop=stop)[:2] == (False, [])


def test_a_scheduler_that_is_not_there_is_said_at_once():
    began = time.monotonic()
    with pytest.raises(GraderError, match=r"no scheduler answers at tcp://127\.0\.0\.1:9 "):
        run("tcp://127.0.0.1:9", jobs(*NAMES))
    assert time.monotonic() - began < 20
