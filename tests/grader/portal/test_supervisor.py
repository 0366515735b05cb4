"""Which grading process runs when, with processes that are played by a small program."""

from __future__ import annotations

import sys
import time

import pytest

from grader.portal import line
from grader.portal import supervisor as module
from grader.portal.supervisor import Supervisor
from grader.sandbox.where import ANYWHERE


@pytest.fixture
def play(site, monkeypatch, tmp_path):
    """Supervise processes that do this; what each was told is a line of the file that is returned."""
    started = tmp_path / "started"
    started.touch()

    def start(code: str) -> Supervisor:
        def command(*said):
            return [
                sys.executable,
                "-c",
                f"import sys, time, signal\nopen({str(started)!r}, 'a').write({said[3]!r} + '\\n')\n{code}",
            ]

        monkeypatch.setattr(module, "ours", command)
        made = Supervisor(site.book, site.portal.place, 1, ANYWHERE)
        made.start()
        return made

    start.times = lambda: started.read_text().count("\n")
    return start


def until(condition) -> bool:
    end = time.monotonic() + 10
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return False


def test_a_process_is_started_where_something_waits_and_ended_with_the_server(site, play):
    supervisor = play("time.sleep(60)")
    time.sleep(3 * module.LOOK_SECONDS)
    assert play.times() == 0
    site.hand_in("ada")
    assert until(lambda: play.times() == 1)
    assert list(supervisor.alive()) == ["hw0"]
    supervisor.stop()
    assert supervisor.alive() == {}


def test_a_process_is_made_warm_for_who_looks_at_a_homework(site, play):
    supervisor = play("time.sleep(60)")
    supervisor.warm("hw0")
    assert until(lambda: play.times() == 1)
    supervisor.stop()


def test_one_that_dies_is_replaced_but_not_for_ever(site, play):
    number = site.hand_in("ada")
    supervisor = play("sys.exit(9)")
    assert until(lambda: play.times() == module.DEATHS)
    time.sleep(3 * module.LOOK_SECONDS)
    assert play.times() == module.DEATHS
    supervisor.stop()
    with site.book.reading() as connection:
        assert "ended with code 9" in line.homework(connection, "hw0").fault
    assert site.row(number).state == line.QUEUED


def test_what_was_running_when_the_server_was_killed_waits_again(site, play):
    number = site.hand_in("ada")
    with site.book.writing() as connection:
        line.take(connection, "hw0")
    supervisor = play("time.sleep(60)")
    assert site.row(number).state == line.QUEUED
    supervisor.stop()
