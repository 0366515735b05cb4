"""Workers that misbehave, played by small programs that speak the protocol."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from grader.errors import GraderError, UsageError
from grader.judging.late import Lateness
from grader.report.model import CheckReport, Report
from grader.run import pool as module
from grader.run.ipc import Done, Job, Setup
from grader.run.pool import Pool, Stop, Unwritable
from grader.sandbox.where import WhereToGrade
from tests.grader.toy import SUITE, homework

SETUP = Setup("public", "reference", "suite", WhereToGrade("bubblewrap"), b"seed", "", "sha")
WORKER = """
import os, socket, sys
sys.path[:0] = [{{engine!r}}]
from grader.run.ipc import Done, Failed, Job, Ready, Unwritten, encode, receive
from grader.run.prototype import Berth, Prototype
from grader.outcome import Check
prototype = Prototype(socket.socket(fileno={{descriptor}}))
{first}
if not prototype.multiply(lambda is_alone: Berth(lambda: None, lambda: None), {is_alone}):
    os._exit(0)
with prototype.connection as connection:
    {before}
    connection.sendall(encode(Ready((Check("test_a", "a", "A.", 1.0),))))
    while (job := receive(connection)) is not None:
        {graded}
        connection.sendall(encode(Done(job.number, job.name.encode() * 1000, 0.1)))
"""


def jobs(*names: str) -> list[Job]:
    return [
        Job(number, name, "x", "0", {"a.py": b"x" * 300_000}, "", Lateness(), "2027-01-01T00:00:00+00:00")
        for number, name in enumerate(names)
    ]


@pytest.fixture(params=[False, True], ids=["forked", "alone"])
def play(monkeypatch, request):
    """Run jobs on workers that do this; returns what was done, and what was lost with whose checks.

    They are forked from one prototype, or each is its own.
    """

    def run(
        names: list[str],
        *,
        first: str = "pass",
        before: str = "pass",
        graded: str = "pass",
        workers: int = 2,
        stop: Stop | None = None,
        order: list[str] | None = None,
    ):
        order = [] if order is None else order
        monkeypatch.setattr(
            module, "CODE", WORKER.format(first=first, before=before, graded=graded, is_alone=request.param)
        )
        done: list[str] = []
        lost: list[tuple[str, int, str]] = []

        def on_done(job: Job, answer: Done) -> None:
            assert answer.report == job.name.encode() * 1000
            done.append(job.name)
            order.append("done")
            if stop is not None and len(done) == 2:
                stop.presses += 1

        one = Pool(
            SETUP,
            jobs(*names),
            workers,
            on_done=on_done,
            on_ready=lambda: order.append("ready"),
            on_lost=lambda job, checks, words: lost.append((job.name, len(checks), words)),
            stop=stop,
        )
        return one.run(), sorted(done), lost

    return run


NAMES = [f"s{number:02}" for number in range(12)]


def test_every_job_is_done_once(play):
    assert play(NAMES) == (True, NAMES, [])


def test_a_job_that_workers_die_of_is_tried_three_times_and_lost_alone(play):
    finished, done, lost = play(
        NAMES, graded="job.name == 's05' and (print('ouch', file=sys.stderr), sys.stderr.flush(), os._exit(9))"
    )
    assert (finished, done) == (True, [name for name in NAMES if name != "s05"])
    assert lost == [("s05", 1, "a worker ended with code 9: ouch")]


def test_a_job_that_a_worker_dies_of_once_is_done_by_another(play, tmp_path):
    once = f"os.path.exists({str(tmp_path / 'x')!r}) or (open({str(tmp_path / 'x')!r}, 'w').close(), os._exit(9))"
    assert play(NAMES, graded=once) == (True, NAMES, [])


def test_workers_that_never_become_ready_end_the_run_with_their_words(play):
    with pytest.raises(
        GraderError, match=r"die before they can grade anything: a worker ended with code 1: ZeroDivisionError"
    ):
        play(NAMES, before="1 / 0")


def test_a_prototype_that_dies_ends_the_run_with_its_words(play):
    with pytest.raises(
        GraderError, match=r"die before they can grade anything: a worker ended with code 1: ZeroDivisionError"
    ):
        play(NAMES, first="1 / 0")


def test_a_prototype_that_is_killed_is_replaced_with_its_workers(play, tmp_path):
    mark = str(tmp_path / "x")
    once = f"os.path.exists({mark!r}) or (open({mark!r}, 'w').close(), os.kill(os.getsid(0), 9))"
    assert play(NAMES, graded=once) == (True, NAMES, [])


def test_one_death_of_a_prototype_is_one_start_in_vain_however_many_workers_wait(play, tmp_path):
    mark = str(tmp_path / "x")
    once = f"os.path.exists({mark!r}) or (open({mark!r}, 'w').close(), os.kill(os.getpid(), 9))"
    assert play(NAMES, first=once, workers=5) == (True, NAMES, [])


def test_more_threads_than_one_are_not_forked(play, tmp_path):
    first = "import threading, time; threading.Thread(target=time.sleep, args=(60,), daemon=True).start()"
    graded = f"open({str(tmp_path)!r} + '/' + str(os.getpid()), 'w').close() or __import__('time').sleep(0.1)"
    assert play(NAMES, first=first, graded=graded) == (True, NAMES, [])
    assert len(list(tmp_path.iterdir())) == 2


def test_what_a_worker_says_it_failed_of_is_the_graders_failure(play):
    failing = 'connection.sendall(encode(Failed("the suite does not collect")))'
    with pytest.raises(GraderError, match="the suite does not collect"):
        play(NAMES, before=failing)


def test_data_that_a_worker_does_not_find_is_wrong_usage(play):
    failing = 'connection.sendall(encode(Failed("there is no folder", is_usage=True)))'
    with pytest.raises(UsageError, match="there is no folder"):
        play(NAMES, before=failing)


def test_a_report_that_cannot_be_written_names_its_job(play):
    failing = 'job.name == "s03" and connection.sendall(encode(Unwritten(3, "No space left on device")))'
    with pytest.raises(Unwritable, match="No space left on device") as raised:
        play(NAMES, graded=failing)
    assert raised.value.number == 3


def test_after_one_ctrl_c_what_is_begun_is_finished_and_nothing_more(play):
    finished, done, lost = play(NAMES, stop=Stop())
    assert not finished
    assert 2 <= len(done) <= 4
    assert lost == []


def test_after_two_what_is_begun_is_dropped(play):
    stop = Stop()
    stop.presses = 1  # the second one comes when two are done
    finished, _, _ = play(NAMES, stop=stop, graded="pass")
    assert not finished


def test_it_says_when_the_first_worker_is_ready(play):
    order: list[str] = []
    assert play(["s00"], workers=2, order=order)[0]
    assert order[0] == "ready"
    assert order.count("ready") == 1
    assert order.count("done") == 1


def test_more_workers_than_jobs_do_no_harm(play):
    assert play(["s00"], workers=4) == (True, ["s00"], [])


def test_workers_wait_where_there_is_no_job_for_now(monkeypatch):
    monkeypatch.setattr(module, "CODE", WORKER.format(first="pass", before="pass", graded="pass", is_alone=False))
    names, done, nothing = list(NAMES), [], []

    def come():
        while names:
            for _ in range(2):
                nothing.append(len(done))
                yield None
            yield from jobs(names.pop())

    pool = Pool(SETUP, come(), 2, on_done=lambda job, _: done.append(job.name), on_lost=lambda *_: None)
    assert pool.run()
    assert sorted(done) == NAMES
    assert len(nothing) == 2 * len(NAMES)


def groups() -> set[Path]:
    """All control groups of graders, also of those who were killed."""
    return set(Path("/sys/fs/cgroup").glob("*/**/grader-*"))


@pytest.mark.long
def test_each_check_comes_as_its_student_may_see_it(tmp_path):
    hidden = """
        from gradescope_utils.autograder_utils.decorators import visibility

        @visibility("hidden")
        @part("shift")"""
    toy = homework(tmp_path, SUITE.replace('@part("shift")', dedent(hidden), 1))
    setup = Setup(
        str(toy.public), str(toy.reference), str(toy.suite), WhereToGrade(), b"0123456789abcdef", "",
        toy.suite_sha256, is_live=True,
    )  # fmt: skip
    source = toy.reference_source.encode()
    job = Job(0, "x", "x", "0", {toy.assignment.files[0]: source}, "", Lateness(), "2027-01-01T00:00:00+00:00")
    seen, done, before = [], [], groups()
    pool = Pool(
        setup,
        [job],
        1,
        on_checked=lambda _, one: seen.append(CheckReport.model_validate_json(one.check)),
        on_done=lambda _, one: done.append(Report.model_validate_json(one.report)),
        on_lost=lambda *_: None,
    )
    assert pool.run()
    (prototype,) = pool._prototypes
    assert prototype.process.returncode == 0
    assert [one for one in groups() - before if one.name.startswith(f"grader-{prototype.process.pid}-")] == []
    assert [one.visibility for one in done[0].checks].count("hidden") == 1
    assert [one.name for one in seen] == [one.name for one in done[0].checks if one.visibility == "visible"]
    assert all(one.score == one.max_score and one.staff_detail is None for one in seen)


@pytest.mark.parametrize(
    ("limit", "before", "graded", "said"),
    [
        ("LEAVE_SECONDS", "import threading, time; threading.Thread(target=time.sleep, args=(600,)).start()", "pass", "a worker's end"),
        ("LAST_WORDS_SECONDS", "pass", "connection.close(); import time; time.sleep(600)", "a worker that hung up"),
    ],
)  # fmt: skip
def test_what_is_waited_for_in_vain_is_said(play, monkeypatch, caplog, limit, before, graded, said):
    monkeypatch.setattr(module, limit, 0.05)
    play(["a"], before=before, graded=graded, workers=1)
    assert any(said in message for message in caplog.messages), caplog.messages
