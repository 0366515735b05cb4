"""A worker's host: a real child process, beside a worker that is only a name."""

from __future__ import annotations

import asyncio
import os
import signal
from types import SimpleNamespace

import msgspec
import pytest

from grader.homework import load_homework
from grader.judging.environment import environment
from grader.judging.late import Lateness
from grader.report.model import CheckReport, Report
from grader.run.cluster import host, messages, plugin
from grader.run.cluster.messages import Flight, Landed, Over, Refused, Welcome
from grader.run.cluster.plugin import Grading
from grader.run.ipc import Job, Setup
from grader.sandbox.where import ANYWHERE
from tests.grader.course import REFERENCE, require_isolation, write_course


@pytest.fixture(scope="module")
def course(tmp_path_factory) -> messages.Course:
    require_isolation()
    homework = load_homework(write_course(tmp_path_factory.mktemp("course")), "hw0")
    here = environment(ANYWHERE)
    setup = Setup(
        str(homework.public), str(homework.reference), str(homework.suite), here.where, b"0123456789abcdef", "out",
        homework.suite_sha256, is_live=True,
    )  # fmt: skip
    return messages.course(homework, setup, here)


@pytest.fixture
def play(tmp_path):
    """Run a coroutine with a plugin on a worker of one slot; afterwards no folder may be left."""

    def run(course: messages.Course, coroutine):
        told: list[object] = []
        worker = SimpleNamespace(
            local_directory=str(tmp_path),
            state=SimpleNamespace(nthreads=1),
            log_event=lambda topic, content: told.append(messages.from_host.decode(content)),
        )

        async def whole():
            one = Grading("grader-x", messages.encode(course))
            one.setup(worker)
            try:
                return await asyncio.wait_for(coroutine(one), 100)
            finally:
                await one.teardown(worker)

        result = asyncio.run(whole())
        assert list(tmp_path.iterdir()) == []
        return result, told

    return run


async def greet(one: Grading):
    return messages.from_host.decode(await one.greet())


def test_a_machine_that_differs_is_refused_with_a_sentence(course, play):
    other = msgspec.structs.replace(course, facts={**course.facts, "torch": "1.0"})
    answer, _ = play(other, greet)
    assert isinstance(answer, Refused)
    assert answer.reason.startswith("torch is 2.")
    assert answer.reason.endswith(", not 1.0")


def test_a_host_that_is_killed_is_over_and_the_next_greeting_starts_another(course, play, monkeypatch):
    monkeypatch.setattr(host, "CODE", "{engine!r}; import time; time.sleep(60)")

    async def kill(one: Grading):
        waits = asyncio.ensure_future(greet(one))
        while one._host is None:  # noqa: ASYNC110 - a test looks in
            await asyncio.sleep(0.01)
        os.kill(one._host._process.pid, signal.SIGKILL)
        first = await waits
        monkeypatch.setattr(host, "CODE", "raise SystemExit('ouch')")
        late = messages.from_host.decode(await one.grade(1, b""))
        return first, late, await greet(one)

    (first, late, second), _ = play(course, kill)
    assert first == Over("a host ended with code -9")
    assert late == Over("the host had ended", is_idle=True)
    assert second == Over("a host ended with code 1: ouch")


def test_a_host_that_is_silent_hangs(course, play, monkeypatch):
    monkeypatch.setattr(host, "CODE", "import os; os.kill(os.getpid(), 19)")
    monkeypatch.setattr(plugin, "SILENT_SECONDS", 0.3)
    monkeypatch.setattr(plugin, "LEAVE_SECONDS", 0.1)
    answer, _ = play(course, greet)
    assert answer == Over("a host ended with code -9")


@pytest.mark.long
def test_a_submission_is_graded_and_its_files_come_back(course, play):
    job = Job(7, "s1", "x", "0", {"hw0.py": REFERENCE.encode()}, "", Lateness(), "2027-01-01T00:00:00+00:00")

    async def grade(one: Grading):
        return await greet(one), messages.from_host.decode(await one.grade(7, messages.encode(Flight(job))))

    (welcome, landed), told = play(course, grade)
    assert isinstance(welcome, Welcome)
    assert len(welcome.checks) == 4
    assert isinstance(landed, Landed)
    assert landed.done.number == 7
    assert Report.model_validate_json(landed.done.report).score == 5
    assert sorted(landed.files) == [
        "_staff/report.html", "_staff/report.json", "report.html", "report.json", "report.md", "results.json",
    ]  # fmt: skip
    assert [CheckReport.model_validate_json(one.check).score for one in told] == [2, 1, 1, 1]
