"""The grading process: with workers that are played by a small program, and (long) with real ones that are killed."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from textwrap import dedent

import pytest

from grader.collect.roster import Person
from grader.judging.environment import Environment
from grader.ledger.ledger import Ledger
from grader.portal import grading, line
from grader.portal.course import LEDGER, Place, run_folder
from grader.portal.grading import LiveRun, _with_extensions
from grader.portal.supervisor import Supervisor
from grader.run import pool
from grader.run.executor import Stop
from grader.run.folder import alone, ledger_address, settle_settings
from grader.sandbox.where import ANYWHERE
from tests.grader.commands import runs
from tests.grader.commands.test_rubric import WITH_ESSAY
from tests.grader.course import REFERENCE, require_isolation

WORKER = """
import os, socket, sys
sys.path[:0] = [{{engine!r}}]
from grader.run.ipc import Checked, Done, Job, Ready, encode, receive
from grader.run.prototype import Berth, Prototype
prototype = Prototype(socket.socket(fileno={{descriptor}}))
if not prototype.multiply(lambda is_alone: Berth(lambda: None, lambda: None), False):
    os._exit(0)
with prototype.connection as connection:
    connection.sendall(encode(Ready(())))
    while (job := receive(connection)) is not None:
        connection.sendall(encode(Checked(job.number, b"seen")))
        {graded}
        report = open({report!r}, "rb").read()
        connection.sendall(encode(Done(job.number, report, 0.1)))
"""


class Graded:
    """A homework's grading process, in this process."""

    def __init__(self, site, tmp_path, monkeypatch) -> None:
        self.site, self.path, self.patch = site, tmp_path / "report.json", monkeypatch
        monkeypatch.setattr(grading, "QUIET_SECONDS", 0.0)
        monkeypatch.setattr(grading, "LOOK_SECONDS", 0.0)
        monkeypatch.setattr(grading, "IDLE_SECONDS", 0.6)

    @contextlib.contextmanager
    def run(self):
        homework, folder = self.site.portal.place.homeworks["hw0"], run_folder(self.site.state, "hw0")
        folder.mkdir(parents=True, exist_ok=True)
        settings = settle_settings(folder, homework, ANYWHERE, str(self.site.state / LEDGER))
        with Ledger(ledger_address(folder, settings)) as ledger:
            run = ledger.open_run(settings.key, "hw0", None, None, runs.NOW)
            yield LiveRun(
                folder, homework, ledger, run, Environment({"tier": "played", "python": "3", "torch": "2"}, ANYWHERE)
            )

    def serve(self, *, graded: str = "pass", score: float | None = 5.0) -> list:
        """Grade what waits; returns the history."""
        self.patch.setattr(pool, "CODE", WORKER.format(graded=dedent(graded), report=str(self.path)))
        with self.run() as live:
            self.path.write_text(runs.report(live, "x", score).model_dump_json())
            live.attach(self.site.book, Stop())
            live.serve(1)
            return live.ledger.history(live.run)


@pytest.fixture
def graded(site, tmp_path, monkeypatch):
    return Graded(site, tmp_path, monkeypatch)


def test_a_hand_in_is_graded_said_and_in_the_ledger(site, graded):
    number = site.hand_in("ada")
    (given,) = graded.serve()
    assert (given.name, given.score) == ("ada_attempt1", 5.0)
    row = site.row(number)
    assert row.state == line.DONE
    with site.book.reading() as connection:
        said = [(event.kind, event.content) for event in line.events_after(connection, 0, number)]
    assert said == [(line.STATE, line.RUNNING), (line.CHECK, "seen"), (line.STATE, line.DONE)]
    assert site.portal.place.report("hw0", row.name).score == 5.0
    with graded.run() as live:
        assert [one.students for one in live.ledger.hand_ins(live.run)] == [("ada",)]
        assert [person.id for person in live.ledger.roster(live.run)] == ["ada", "ben"]


def test_what_the_ledger_counts_is_what_the_student_reads_as_counting(site, graded):
    first, second = site.hand_in("ada", "a = 1"), site.hand_in("ada", "a = 2")
    with site.book.writing() as connection:  # the second was uploaded before the first was
        early = line.t.hand_ins.update().where(line.t.hand_ins.c.id == second)
        connection.execute(early.values(submitted_at="2020-01-01T00:00:00+00:00"))
    graded.serve()
    with site.book.writing() as connection:
        connection.execute(line.t.events.delete())  # the played worker's checks are none that a page shows
    pages = [site.browser("ada").get(f"/hand-ins/{one}").text for one in (first, second)]
    assert ["counts so far" in page for page in pages] == [True, False]
    with site.book.writing() as connection:
        assert line.counting(connection, "hw0", "ada") == "ada_attempt1"
        line.note_homework(connection, "hw0", counting='{"ada": "ada_attempt2"}')
    pages = [site.browser("ada").get(f"/hand-ins/{one}").text for one in (first, second)]
    assert ["counts so far" in page for page in pages] == [False, True]


def test_a_hand_in_that_was_graded_before_its_process_was_killed_has_one_grade(site, graded):
    number = site.hand_in("ada")
    graded.serve()
    with site.book.writing() as connection:  # as it is when the process is killed between the ledger and the line
        line.note_homework(connection, "hw0", stale=True)
        connection.execute(line.t.hand_ins.update().values(state=line.RUNNING))
        line.recover(connection, "hw0")
    assert len(graded.serve(score=1.0)) == 1
    assert site.row(number).state == line.DONE


def test_equal_work_shares_a_grade_and_staff_may_have_it_graded_again(site, graded):
    first, second = site.hand_in("ada"), site.hand_in("ben")
    history = graded.serve()
    assert [one.name for one in history] == ["ada_attempt1", "ben_attempt1"]
    assert site.row(second).state == line.DONE
    with site.book.writing() as connection:
        line.again(connection, first, line.RERUN)
    history = graded.serve(score=3.0)
    assert [(one.name, one.score) for one in history][2:] == [("ada_attempt1", 3.0)]


def test_what_kills_its_workers_is_set_aside_and_stops_no_other(site, graded):
    deadly, other = site.hand_in("ada", "deadly = 1"), site.hand_in("ben")
    graded.serve(graded="if b'deadly' in job.files['hw0.py']: os._exit(1)")
    assert (site.row(deadly).state, site.row(other).state) == (line.ASIDE, line.DONE)
    assert "died" in site.row(deadly).why


def test_what_the_grader_failed_on_has_no_grade_and_is_shown_to_staff(site, graded):
    number = site.hand_in("ada")
    (given,) = graded.serve(score=None)
    assert given.score is None
    assert site.row(number).state == line.ASIDE
    assert site.portal.place.report("hw0", site.row(number).name).score is None


def test_an_extension_reaches_the_ledger(site, graded):
    with site.book.writing() as connection:
        values = {"homework": "hw0", "user_id": site.user("ada").id, "days": 2.0, "reason": "ill"}
        connection.execute(line.t.extensions.insert().values(**values))
    site.hand_in("ben")
    graded.serve()
    with graded.run() as live:
        assert [person.extension for person in live.ledger.roster(live.run)] == [2.0, 0.0]


def test_late_days_that_were_spent_are_shown(site, graded):
    with site.book.writing() as connection:
        line.note_homework(connection, "hw0", late_days='{"ada": 2}')
        assert line.late_days(connection, "ada") == 2
    site.hand_in("ben")
    graded.serve()  # which says what was spent, in place of what was said before: nothing is late without a due date
    with site.book.reading() as connection:
        assert line.late_days(connection, "ada") == 0


def test_the_longer_extension_holds():
    people = [Person("a", extension=3.0), Person("b", extension=1.0), Person("c")]
    assert [one.extension for one in _with_extensions(people, {"a": 1.0, "b": 2.0})] == [3.0, 2.0, 0.0]


def test_a_command_that_works_in_the_run_is_waited_for(site, graded):
    number = site.hand_in("ada")
    run_folder(site.state, "hw0").mkdir(parents=True)
    stop = Stop()
    with alone(run_folder(site.state, "hw0")), graded.run() as live:
        live.attach(site.book, stop)
        assert next(live._waiting()) is None
        assert site.row(number).state == line.QUEUED
    with graded.run() as live:
        live.attach(site.book, stop)
        assert next(live._waiting()).number == number


def wait(site, number: int, *states: str, seconds: float = 60.0) -> str:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if (state := site.row(number).state) in states:
            return state
        time.sleep(0.05)
    raise AssertionError(site.row(number))


@pytest.mark.long
def test_a_grading_process_that_is_killed_is_replaced_and_each_hand_in_has_one_grade(site):
    require_isolation()
    number, other = site.hand_in("ada"), site.hand_in("ben", REFERENCE + "\n# ben's\n")
    supervisor = Supervisor(site.book, site.portal.place, 1, ANYWHERE)
    supervisor.start()
    try:
        wait(site, number, line.RUNNING, line.DONE)
        os.kill(supervisor.alive()["hw0"], signal.SIGKILL)
        assert [wait(site, one, line.DONE) for one in (number, other)] == [line.DONE] * 2
        again = site.hand_in("ada", REFERENCE + "\n# again\n")
        began = time.monotonic()
        wait(site, again, line.DONE)
        print(f"a hand-in to a warm process took {time.monotonic() - began:.2f} s")
    finally:
        supervisor.stop()
    assert supervisor.alive() == {}
    folder = run_folder(site.state, "hw0")
    with Ledger(site.state / LEDGER) as ledger:
        (run,) = ledger.runs()
        names = [one.name for one in ledger.history(run)]
        assert sorted(names) == ["ada_attempt1", "ada_attempt2", "ben_attempt1"]
    assert (folder / "ada_attempt2" / "report.html").exists()


def test_a_part_that_nobody_has_marked_is_said_and_the_rest_is_shown(site, graded):
    (site.course / "assignments" / "hw0" / "assignment.toml").write_text(WITH_ESSAY)
    site.portal.place = Place.of(site.course, site.state)
    number = site.hand_in("ada")
    graded.serve(score=3.0)
    ada = site.browser("ada")
    for page in ("/", "/homework/hw0", f"/hand-ins/{number}/report"):  # its own page wants checks that are real
        assert "so far" in ada.get(page).text, page
    assert "3 / 9 so far" in ada.get("/homework/hw0").text


@pytest.mark.long
def test_a_suite_that_fails_pauses_grading_and_staff_read_why(site):
    require_isolation()
    (suite,) = (site.course / "tests" / "hidden" / "hw0").glob("*.py")
    suite.write_text("import nothing_of_this_name\n")
    number = site.hand_in("ada")
    supervisor = Supervisor(site.book, site.portal.place, 1, ANYWHERE)
    supervisor.start()
    try:
        until = time.monotonic() + 60
        while time.monotonic() < until and "nothing_of_this_name" not in site.browser("tom").get("/staff/health").text:
            time.sleep(0.2)
        assert "nothing_of_this_name" in site.browser("tom").get("/staff/health").text
        said = site.browser("ada").get(f"/hand-ins/{number}").text
        assert "Grading is paused" in said
        assert "nothing_of_this_name" not in said
        assert site.row(number).state == line.QUEUED
    finally:
        supervisor.stop()
