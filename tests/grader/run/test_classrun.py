"""A class from its download to its entries, through the command line, and everything that may go wrong on the way."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from grader.homework import load_homework
from grader.judging.environment import Environment
from grader.ledger.ledger import Ledger
from grader.run.classrun import open_run
from grader.run.folder import read_settings
from grader.sandbox.processes import inside
from grader.sandbox.where import ANYWHERE
from tests.grader.course import ASSIGNMENT, REFERENCE, SUITE, require_isolation, write_course

ROOT = Path(__file__).parents[3]
SLOW = REFERENCE.replace("def double(x):\n", "def double(x):\n    import time\n    time.sleep(0.1)\n")
WRONG = REFERENCE.replace("2 * x", "x * x")


@pytest.fixture(scope="module")
def course(tmp_path_factory) -> Path:
    require_isolation()
    return write_course(tmp_path_factory.mktemp("course"))


@pytest.fixture(scope="module")
def slow_class(tmp_path_factory) -> Path:
    """Thirty different submissions, every third one wrong, slow enough that there is a middle."""
    folder = tmp_path_factory.mktemp("class")
    for number in range(30):
        source = SLOW.replace("2 * x", "x * x") if number % 3 == 2 else SLOW
        hand_in(folder, f"s{number:02}", f"# {number}\n{source}")
    return folder


def hand_in(folder: Path, name: str, source: str) -> None:
    (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / name / "hw0.py").write_text(source)


def command(course: Path | None, *arguments: object) -> list[str]:
    where = ["--course", str(course)] if course else []
    return [sys.executable, "-m", "grader", *map(str, arguments), *where]


def start(course: Path | None, *arguments: object) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "200"}
    return subprocess.Popen(
        command(course, *arguments),
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def grade(course: Path | None, *arguments: object, code: int = 0) -> str:
    process = start(course, *arguments)
    said, _ = process.communicate(timeout=120)
    assert process.returncode == code, said
    return re.sub(r"\s+", " ", said)


def entries(run: Path, course: Path):
    """What gradebook and class page are made from."""
    settings = read_settings(run)
    homework = load_homework(course, "hw0")
    with Ledger(run / "ledger.sqlite") as ledger:
        classrun = open_run(run, homework, ledger, settings, Environment({}, ANYWHERE), None)
        return classrun.settle(datetime.now(UTC)).entries


def gradebook(run: Path, course: Path) -> bytes:
    """Everything in the entries that is no time of grading, and, but for the seed's sake, in any order."""
    rows = []
    for one in entries(run, course):
        checks = [
            [c.name, c.verdict, c.score, c.message, c.diagnosis and c.diagnosis.mistake]
            for c in (one.report.checks if one.report else ())
        ]
        rows.append([one.student.id, one.score, one.deduction, one.attempt, one.page, one.problem, checks])
    return json.dumps(rows).encode()


def graded(run: Path) -> list[tuple[str, float]]:
    with contextlib.closing(sqlite3.connect(run / "ledger.sqlite")) as ledger:
        return ledger.execute(
            "SELECT hand_ins.name, grades.score FROM given JOIN hand_ins ON hand_ins.id = hand_in_id"
            " JOIN grades ON grades.id = grade_id ORDER BY given.id"
        ).fetchall()


def wait_until(condition, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def some_are_graded(run: Path, number: int):
    def condition() -> bool:
        with contextlib.suppress(sqlite3.Error):
            return len(graded(run)) >= number
        return False

    return condition


@pytest.fixture(scope="module")
def calm(course, slow_class, tmp_path_factory) -> Path:
    """A run that nothing disturbed."""
    run = tmp_path_factory.mktemp("calm") / "run"
    grade(course, "grade", "hw0", slow_class, "-o", run, "--seed", "ab" * 16, "-j", 2)
    return run


@pytest.mark.long
def test_a_run_that_is_killed_loses_nothing_that_had_finished_and_ends_in_the_same_gradebook(
    course, slow_class, calm, tmp_path
):
    run = tmp_path / "run"
    arguments = ("grade", "hw0", slow_class, "-o", run, "--seed", "ab" * 16, "-j", 2)
    finished: set[str] = set()
    for number in (3, 12):
        process = start(course, *arguments)
        wait_until(some_are_graded(run, number))
        children = [pid for pid in inside(process.pid) if pid != process.pid]
        process.kill()
        process.communicate()
        before = {name for name, _ in graded(run)}
        assert finished <= before
        finished = before
        wait_until(lambda pids=children: not any(Path(f"/proc/{pid}/cmdline").exists() and alive(pid) for pid in pids))
    said = grade(course, *arguments)
    assert "30 graded" in said
    names = [name for name, _ in graded(run)]
    assert len(names) == len(set(names)) == 30  # nobody was graded twice
    assert gradebook(run, course) == gradebook(calm, course)
    assert (run / "gradebook" / "gradebook.csv").is_file()
    for file in sorted((calm / "gradebook").iterdir()):
        assert (run / "gradebook" / file.name).read_bytes() == file.read_bytes(), file.name
    assert not list(run.rglob("*.tmp"))


def alive(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    return False


@pytest.mark.long
def test_again_with_nothing_changed_grades_nothing_and_starts_no_worker(course, slow_class, calm, tmp_path):
    before = graded(calm)
    pages = {path: path.stat().st_mtime_ns for path in calm.glob("s*/report.html")}
    said = grade(course, "grade", "hw0", slow_class, "-o", calm)
    assert "30 graded" in said
    assert graded(calm) == before
    assert {path: path.stat().st_mtime_ns for path in calm.glob("s*/report.html")} == pages


@pytest.mark.long
def test_a_report_that_is_missing_is_written_again_without_grading(course, slow_class, calm):
    before = graded(calm)
    page = calm / "s02" / "report.html"
    text = page.read_text()
    page.unlink()
    grade(course, "grade", "hw0", slow_class, "-o", calm)
    assert page.read_text() == text
    assert graded(calm) == before


@pytest.mark.long
def test_workers_that_die_cost_nobody_a_grade(course, slow_class, calm, tmp_path):
    run = tmp_path / "run"
    process = start(course, "grade", "hw0", slow_class, "-o", run, "--seed", "ab" * 16, "-j", 2)
    stop = threading.Event()

    def strike() -> None:
        for number in (2, 8, 15):
            wait_until(lambda at=number: stop.is_set() or some_are_graded(run, at)())
            for pid in inside(process.pid):
                with contextlib.suppress(OSError):
                    if b"grader.run.worker" in Path(f"/proc/{pid}/cmdline").read_bytes():
                        os.kill(pid, signal.SIGKILL)
                        break

    thread = threading.Thread(target=strike)
    thread.start()
    said, _ = process.communicate(timeout=180)
    stop.set()
    thread.join()
    assert process.returncode == 0, said
    assert gradebook(run, course) == gradebook(calm, course)


@pytest.mark.long
def test_ctrl_c_twice_stops_at_once_and_the_rest_is_graded_later(course, tmp_path):
    loop = REFERENCE.replace("return 2 * x", "import time; time.sleep(1.9); return 2 * x")
    for number in range(4):
        hand_in(tmp_path / "class", f"s{number}", f"# {number}\n{loop}")
    run = tmp_path / "run"
    process = start(course, "grade", "hw0", tmp_path / "class", "-o", run, "-j", 1)
    wait_until(some_are_graded(run, 1))
    os.killpg(process.pid, signal.SIGINT)
    time.sleep(0.4)
    os.killpg(process.pid, signal.SIGINT)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert "Traceback" not in said
    assert "Run the same command again" in re.sub(r"\s+", " ", said)
    assert "4 graded" in grade(course, "grade", "hw0", tmp_path / "class", "-o", run)


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 600 kB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=600k", "tmpfs", folder], capture_output=True, text=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"NOT TESTED ON A FULL DISK: no tmpfs can be mounted here ({mounted.stderr.strip()})")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


@pytest.mark.long
def test_a_full_disk_is_a_sentence_and_room_made_the_rest_is_graded(course, slow_class, small_disk, calm):
    run = small_disk / "run"
    arguments = ("grade", "hw0", slow_class, "-o", run, "--seed", "ab" * 16, "-j", 1)
    said = grade(course, *arguments, code=3)
    assert "Traceback" not in said
    assert re.search("No space left on device|no room left on its disk", said), said
    assert re.search("run the same command again", said, re.IGNORECASE)
    for path in run.glob("s*/report.json"):
        assert json.loads(path.read_text())["score"] is not None
    subprocess.run(["mount", "-o", "remount,size=100m", small_disk], check=True)
    assert "30 graded" in grade(course, *arguments)
    assert gradebook(run, course) == gradebook(calm, course)


@pytest.mark.long
def test_two_graders_do_not_work_in_one_folder(course, slow_class, tmp_path):
    run = tmp_path / "run"
    process = start(course, "grade", "hw0", slow_class, "-o", run, "-j", 1)
    wait_until(some_are_graded(run, 1))
    said = grade(course, "grade", "hw0", slow_class, "-o", run, code=3)
    assert f"another grader (process {process.pid}) is at work in" in said
    os.killpg(process.pid, signal.SIGINT)
    process.communicate(timeout=60)


@pytest.mark.long
def test_a_corrupted_ledger_is_a_sentence_and_reports_stay(course, tmp_path):
    hand_in(tmp_path / "class", "ada", REFERENCE)
    run = tmp_path / "run"
    grade(course, "grade", "hw0", tmp_path / "class", "-o", run)
    (run / "ledger.sqlite").write_bytes(b"garbage" * 1000)
    said = grade(course, "grade", "hw0", tmp_path / "class", "-o", run, code=3)
    assert "it is corrupted, or no ledger at all. Move it away and grade again" in said
    assert json.loads((run / "class" / "report.json").read_text())["score"] == 5


@pytest.mark.long
def test_a_class_with_a_roster_late_work_attempts_and_strangers(course, tmp_path):
    late = ASSIGNMENT.replace("points = 5\n", "points = 5\ndue = 2027-03-20T03:00:00+08:00\n", 1)
    own = write_course(tmp_path / "course", assignment=late + "\n[late]\npercent_per_day = 20\n")
    (own / "assignments" / "course.toml").write_text('name = "C"\ntime_zone = "Asia/Taipei"\n')
    for name, source in (("s1", REFERENCE), ("s2", "# b\n" + REFERENCE), ("s3", WRONG), ("zoe", "# z\n" + REFERENCE)):
        hand_in(tmp_path / "class", name, source)
    hand_in(tmp_path / "class", "s3_attempt2", "# better\n" + REFERENCE)
    (tmp_path / "class" / "s4").mkdir()
    roster = tmp_path / "roster.csv"
    roster.write_text("id,name,extension\ns1,Ada,0\ns2,Ben,2\ns3,李雷,0\ns4,Dan,0\ns5,Eve,0\n")
    times = tmp_path / "times.csv"
    times.write_text("id,submitted_at\ns1,2027-03-20 12:00\ns2,2027-03-20 12:00\ns3,2027-03-19 12:00\n")
    run = tmp_path / "run"
    options = ("--roster", roster, "--times", times)
    said = grade(own, "grade", "hw0", tmp_path / "class", "-o", run, *options)
    found = {one.student.id: one for one in entries(run, own)}
    assert sorted(found) == ["s1", "s2", "s3", "s4", "s5", "zoe"]
    assert [found[name].score for name in ("s1", "s2", "s3", "s5", "zoe")] == [4, 5, 5, None, 5]
    assert (found["s1"].deduction, found["s1"].late_seconds) == (1, 9 * 3600)
    assert "9 h after it was due (Sat 20 Mar 2027 03:00 CST): 1 started day" in found["s1"].deduction_reason
    assert (found["s3"].attempt, found["s3"].attempts) == ("s3_attempt2", 2)
    assert (found["s4"].score, found["s4"].problem, found["s4"].report) == (0, "The folder is empty.", None)
    assert found["s5"].problem == "nothing handed in"
    assert "zoe: zoe is nobody on the roster. It is graded anyway." in said
    assert "1 student handed nothing in: Eve (s5)" in said
    page = (run / "s1" / "report.md").read_text()
    assert page.startswith("# Warm-up: 4 / 5")
    assert "| Late: Handed in 9 h after it was due" in page
    results = json.loads((run / "s1" / "results.json").read_text())
    assert results["score"] == 4
    assert "Late: −1. Handed in 9 h after it was due" in results["output"]

    grade(None, "adjust", run, "s1", "--reason", "explained it", "--by", "tina", "--", "0.5")
    assert json.loads((run / "s1" / "report.json").read_text())["standing"]["score"] == 4.5
    assert "tina" not in (run / "s1" / "report.html").read_text()
    assert "tina" not in (run / "s1" / "results.json").read_text()
    roster.write_text("id,name,extension\ns1,Ada,1\ns2,Ben,2\ns3,李雷,0\ns4,Dan,0\ns5,Eve,0\n")
    before = graded(run)
    grade(own, "grade", "hw0", tmp_path / "class", "-o", run, *options)
    assert graded(run) == before  # an extension needs no grading
    found = {one.student.id: one for one in entries(run, own)}
    assert (found["s1"].score, found["s1"].deduction) == (5.5, 0)


@pytest.mark.long
def test_late_days_are_a_budget_over_the_term(tmp_path):
    require_isolation()
    ledger = tmp_path / "term.sqlite"
    hand_in(tmp_path / "class", "s1", REFERENCE)
    hand_in(tmp_path / "class", "s2", "# 2\n" + REFERENCE)
    (tmp_path / "roster.csv").write_text("id\ns1\ns2\n")
    scores = []
    for week, hours in ((13, 30), (20, 30)):  # both homeworks are two started days late, and there are three to spend
        late = ASSIGNMENT.replace("points = 5\n", f"points = 5\ndue = 2027-03-{week}T03:00:00Z\n", 1)
        own = write_course(tmp_path / f"course{week}", assignment=late)
        (own / "assignments" / "course.toml").write_text('name = "C"\nlate_days = 3\n[late]\naccepted = false\n')
        (tmp_path / "times.csv").write_text(f"id,submitted_at\ns1,2027-03-{week + 1}T{hours - 21:02}:00:00Z\n")
        options = ("--roster", tmp_path / "roster.csv", "--times", tmp_path / "times.csv", "--ledger", ledger)
        grade(own, "grade", "hw0", tmp_path / "class", "-o", tmp_path / f"run{week}", *options)
        scores.append(
            [json.loads((tmp_path / f"run{week}" / name / "report.json").read_text()) for name in ("s1", "s2")]
        )
    (first, _), (second, other) = scores
    assert first["standing"]["score"] == 5
    assert "2 started days, all covered by late days" in first["standing"]["reason"]
    assert second["standing"]["score"] == 0
    assert "and 1 day of late days left would not cover it" in second["standing"]["reason"]
    assert other["standing"] is None


@pytest.fixture
def changed_suite(course, tmp_path) -> Path:
    """The suite, with one check of part `shift` that nobody passes."""
    (written,) = (course / "tests" / "hidden" / "hw0").glob("test_suite_*.py")
    folder = tmp_path / "suite"
    folder.mkdir()
    text = written.read_text().replace("lambda x: torch.tensor([0, 2, 4, 6])", "lambda x: torch.tensor([0, 2, 4, 7])")
    (folder / written.name).write_text(text)
    return folder


@pytest.mark.long
def test_a_regrade_is_previewed_then_applied_and_adjustments_and_history_stay(course, changed_suite, tmp_path):
    for name, source in (("s1", REFERENCE), ("s2", WRONG), ("s3", "import time\ntime.sleep(60)\n")):
        hand_in(tmp_path / "class", name, source)
    run = tmp_path / "run"
    grade(course, "grade", "hw0", tmp_path / "class", "-o", run)
    grade(course, "adjust", run, "s1", 1, "--reason", "well said")
    before = gradebook(run, course)
    said = grade(course, "regrade", run, "--suite", changed_suite)
    assert "1 of 3 students change, worst -1, best -1." in said
    assert "test_double_of_integers passed → failed" in said
    assert "s1 6 5 -1" in said
    assert "Nothing is applied." in said
    assert gradebook(run, course) == before
    said = grade(course, "regrade", run, "--suite", changed_suite, "--apply")
    assert "; all were graded by this suite before." in said
    assert "put the changed suite into" in said
    scores = {one.student.id: one.score for one in entries(run, course)}
    assert scores == {"s1": 5, "s2": 2, "s3": 0}
    assert [score for name, score in graded(run) if name == "s1"] == [5, 4]
    assert json.loads((run / "s1" / "report.json").read_text())["standing"]["score"] == 5


@pytest.mark.long
def test_a_strict_run_is_regraded_strictly_unless_that_is_unsaid(course, tmp_path):
    hand_in(tmp_path / "class", "s1", REFERENCE)
    run = tmp_path / "run"
    grade(course, "grade", "hw0", tmp_path / "class", "-o", run, "--strict")
    assert "all were graded by this suite before" in grade(course, "regrade", run, "--preview")
    assert "of which 1 in full" in grade(course, "regrade", run, "--preview", "--no-strict")


@pytest.mark.long
def test_a_regrade_of_one_changed_check_asks_for_its_part_alone(course, changed_suite, tmp_path):
    """s1's shift misbehaves when it is asked again: a regrade of `double` must not ask it."""
    for name, source in (("s1", REFERENCE), ("s2", WRONG)):
        hand_in(tmp_path / "class", name, source)
    run = tmp_path / "run"
    grade(course, "grade", "hw0", tmp_path / "class", "-o", run)
    said = grade(course, "regrade", run, "--suite", changed_suite, "--apply")
    assert "2 submissions, of which 2 had to be graded again in double." in said
    old = json.loads((run / "_staff" / "s2" / "report.json").read_text())
    whole = grade(course, "regrade", run, "--suite", changed_suite, "--whole", "--apply")
    assert "No grade changes." in whole
    new = json.loads((run / "_staff" / "s2" / "report.json").read_text())
    timeless = [[{**check, "seconds": 0} for check in report["checks"]] for report in (old, new)]
    assert timeless[0] == timeless[1]


@pytest.mark.long
def test_a_grading_is_replayed_bit_for_bit_and_another_suite_is_told(course, tmp_path):
    for name, source in (("s1", WRONG), ("s2", "import torch\n\n\ndef double(x):\n    return torch.rand(3, 4)\n")):
        hand_in(tmp_path / "class", name, source)
    run = tmp_path / "run"
    grade(course, "grade", "hw0", tmp_path / "class", "-o", run)
    report = run / "_staff" / "s1" / "report.json"
    assert "s1: the same, bit for bit" in grade(course, "replay", report)
    assert "s2: the same, bit for bit" in grade(course, "replay", run / "_staff" / "s2" / "report.json")
    other = json.loads(report.read_text())
    other["checks"][2]["message"] = "another sentence"
    (tmp_path / "report.json").write_text(json.dumps(other))
    said = grade(course, "replay", tmp_path / "report.json", tmp_path / "class", code=1)
    assert "test_shift, message: another sentence →" in said
    said = grade(course, "replay", tmp_path / "report.json", code=2)
    assert "is not in the run's folder; say where it is" in said
    assert "is a student's report" in grade(course, "replay", run / "s1" / "report.json", code=2)


@pytest.mark.long
def test_only_and_dry_run(course, tmp_path):
    for name in ("s1", "s2", "t1"):
        hand_in(tmp_path / "class", name, f"# {name}\n" + REFERENCE)
    run = tmp_path / "run"
    said = grade(course, "grade", "hw0", tmp_path / "class", "-o", run, "--dry-run")
    assert "3 submissions: 3 to grade, 0 graded before. Nothing was done." in said
    assert not run.exists()
    assert "2 graded" in grade(course, "grade", "hw0", tmp_path / "class", "-o", run, "--only", "s*")
    assert [name for name, _ in graded(run)] == ["s1", "s2"]
    said = grade(course, "grade", "hw0", tmp_path / "class", "-o", run, "--dry-run")
    assert "3 submissions: 1 to grade, 2 graded before. Nothing was done." in said
    said = grade(course, "grade", "hw0", tmp_path / "class", "-o", run, "--only", "nobody", code=2)
    assert "--only nobody: no submission and no student here is called that" in said


@pytest.mark.long
def test_times_and_roster_of_an_earlier_run_still_hold_without_their_options(tmp_path):
    require_isolation()
    late = ASSIGNMENT.replace("points = 5\n", "points = 5\ndue = 2027-03-20T03:00:00Z\n", 1)
    own = write_course(tmp_path / "course", assignment=late + "\n[late]\naccepted = false\n")
    download, run = tmp_path / "download", tmp_path / "run"
    download.mkdir()
    for name in ("lovelaceada_LATE_101_9001_hw0.py", "hopperben_LATE_102_9002_hw0.py"):
        (download / name).write_text(f"# {name}\n{REFERENCE}")
    (tmp_path / "roster.csv").write_text("id,name\ns1,Ada Lovelace\ns2,Ben Hopper\n")
    (tmp_path / "times.csv").write_text("id,submitted_at\ns1,2027-03-20 05:00\n")
    options = ("--roster", tmp_path / "roster.csv", "--times", tmp_path / "times.csv")
    say_late = "its platform says that it was late, but not when"
    rehearsed = grade(own, "grade", "hw0", download, "-o", run, *options, "--dry-run")
    said = grade(own, "grade", "hw0", download, "-o", run, *options)
    assert "lovelaceada_101 Ada Lovelace (s1) 2027-03-20 05:00 UTC" in rehearsed
    assert "passed; late −5" in said
    for text in (rehearsed, said):
        assert f"hopperben_102: {say_late}" in text
        assert f"lovelaceada_101: {say_late}" not in text
    assert "lovelaceada_101 Ada Lovelace (s1) 2027-03-20 05:00 UTC" in grade(
        own, "grade", "hw0", download, "-o", run, "--dry-run"
    )
    grade(own, "grade", "hw0", download, "-o", run, "--only", "s1")
    assert {one.student.id: one.score for one in entries(run, own)} == {"s1": 0, "s2": 5}
    (tmp_path / "times.csv").write_text("id,submitted_at\ns2,2027-03-20 01:00\n")
    grade(own, "grade", "hw0", download, "-o", run, *options)  # what the file says now holds
    assert {one.student.id: one.score for one in entries(run, own)} == {"s1": 5, "s2": 5}
    assert "there is no adjustment 7" in grade(own, "adjust", run, "--withdraw", 7, "--reason", "x", code=2)


@pytest.mark.long
def test_what_cannot_be_taken_in_or_read_again_has_no_grade_and_everybody_else_has(course, tmp_path):
    """The grader's own faults, in the ledger and in what is kept: recorded, exit code 3, and all others go on."""
    from grader.collect.handin import HandIn

    for name in ("ada", "ben", "cy"):
        hand_in(tmp_path / "class", name, f"# {name}\n{REFERENCE}")
    run = tmp_path / "run"
    grade(course, "grade", "hw0", tmp_path / "class", "-o", run, "-j", 1)
    with contextlib.closing(sqlite3.connect(run / "ledger.sqlite")) as ledger:
        ((sha256,),) = ledger.execute("SELECT sha256 FROM hand_ins WHERE name = 'ben'").fetchall()
    (run / "_staff" / ".handed_in" / sha256 / "hw0.py").write_text("x = 1")
    settings = read_settings(run)
    with Ledger(run / "ledger.sqlite") as ledger:
        opened = open_run(run, load_homework(course, "hw0"), ledger, settings, Environment({}, ANYWHERE), None).run
        fault = HandIn("dee", "f" * 64, "", "The grader failed to take this in: ZeroDivisionError", is_fault=True)
        ledger.keep(opened, [fault], datetime.now(UTC))
    said = grade(course, "grade", "hw0", tmp_path / "class", "-o", run, "-j", 1, "--seed", "ab" * 16, code=3)
    assert "NOT GRADED AGAIN ben, the earlier grade stands: what ben handed in is not in" in said
    assert [name for name, _ in graded(run)].count("ben") == 1
    assert dict(graded(run)) == {"ada": 5.0, "ben": 5.0, "cy": 5.0}
    said = grade(course, "regrade", run, "--preview", code=3)
    assert "2 submissions could not be graded: nothing is applied." in said


@pytest.mark.long
def test_nobody_handed_anything_in(course, tmp_path):
    (tmp_path / "class").mkdir()
    said = grade(course, "grade", "hw0", tmp_path / "class", "-o", tmp_path / "run")
    assert "1 submission could not be read: class: The folder is empty." in said


@pytest.mark.long
def test_a_folder_of_another_homeworks_run_is_refused(course, tmp_path):
    hand_in(tmp_path / "class", "s1", REFERENCE)
    run = tmp_path / "run"
    grade(course, "grade", "hw0", tmp_path / "class", "-o", run)
    settings = run / "_staff" / "run.json"
    settings.write_text(settings.read_text().replace("hw0", "hw9"))
    said = grade(course, "grade", "hw0", tmp_path / "class", "-o", run, code=2)
    assert "holds a run of hw9: choose another folder with -o" in said


@pytest.mark.long
def test_a_clock_that_jumps_changes_no_grade(course, tmp_path):
    """Grades that were given "later" by a clock that was wrong do not count for more than newer ones."""
    hand_in(tmp_path / "class", "s1", WRONG)
    run = tmp_path / "run"
    grade(course, "grade", "hw0", tmp_path / "class" / "s1", "-o", run)
    with contextlib.closing(sqlite3.connect(run / "ledger.sqlite")) as ledger, ledger:
        for table, column in (("given", "given_at"), ("grades", "graded_at"), ("hand_ins", "collected_at")):
            ledger.execute(f"UPDATE {table} SET {column} = '2099-01-01T00:00:00+00:00'")
    hand_in(tmp_path / "class", "s1", REFERENCE)
    grade(course, "grade", "hw0", tmp_path / "class" / "s1", "-o", run)
    (one,) = entries(run, course)
    assert one.score == 5


def test_the_suite_is_the_one_that_the_tests_think_it_is():
    assert SUITE.count("torch.tensor([0, 2, 4, 6])") == 1
