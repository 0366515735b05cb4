from __future__ import annotations

import contextlib
import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from grader.commands.grade import run
from grader.errors import UsageError
from grader.homework import load_homework
from tests.grader.course import REFERENCE, require_isolation, write_course

ROOT = Path(__file__).parents[3]
STUDENTS = 40


@pytest.fixture(scope="module")
def course(tmp_path_factory) -> Path:
    require_isolation()
    return write_course(tmp_path_factory.mktemp("course"))


@pytest.fixture(scope="module")
def submissions(tmp_path_factory) -> Path:
    """A class in which every answer takes a moment, so that there is a middle to be interrupted in."""
    folder = tmp_path_factory.mktemp("submissions")
    for number in range(STUDENTS):
        path = folder / f"student{number:02}" / "hw0.py"
        path.parent.mkdir()
        path.write_text(
            f"# {number}: equal work is graded once\nimport time\n\n\n"
            + REFERENCE.replace("    return", "    time.sleep(0.2)\n    return")
        )
    return folder


def start(course: Path, submissions: Path, out: Path, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "grader", "grade", "hw0", str(submissions), "-o", str(out)]
    command += ["--course", str(course), *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    )


def wait_for(path: Path, pattern: str, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not list(path.glob(pattern)):
        assert time.monotonic() < deadline, f"no {pattern} within {seconds} s"
        time.sleep(0.05)


@pytest.mark.long
def test_ctrl_c_leaves_whole_reports_and_exit_code_130(course, submissions, tmp_path):
    out = tmp_path / "out"
    process = start(course, submissions, out)
    wait_for(out, "student02/report.json")
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to the whole group
    said, _ = process.communicate(timeout=30)
    assert process.returncode == 130, said
    done = sorted(path.name for path in out.glob("student*"))
    assert 3 <= len(done) < STUDENTS
    assert f"Interrupted: {len(done)} of {STUDENTS} are graded; their reports are complete." in re.sub(
        r"\s+", " ", said
    )
    assert "Traceback" not in said
    for name in done:
        assert json.loads((out / name / "report.json").read_text())["score"] == 5
        assert json.loads((out / "_staff" / name / "report.json").read_text())["score"] == 5
        assert json.loads((out / name / "results.json").read_text())["score"] == 5
        assert (out / name / "report.html").read_text().endswith("</html>\n")
    written = {path.relative_to(out).parts for path in out.rglob("*") if path.is_file()}
    own = {parts for parts in written if parts[0] == "ledger.sqlite" or parts[:2] == ("_staff", ".handed_in")}
    own |= {("_staff", "waits.log")}  # written where this machine is slow
    leftovers = {parts for parts in written - own if Path(parts[-1]).suffix not in (".html", ".md", ".json")}
    assert leftovers == {("_staff", ".lock")}


@pytest.mark.long
def test_a_seed_of_a_staff_report_repeats_the_run(course, tmp_path):
    (tmp_path / "ada").mkdir()
    (tmp_path / "ada" / "hw0.py").write_text(REFERENCE.replace("2 * x", "2 * x + x.abs().sum()"))
    found = []
    for out, seed in (("one", ()), ("two", None), ("three", ())):
        if seed is None:
            seed = ("--seed", json.loads((tmp_path / "one" / "_staff" / "ada" / "report.json").read_text())["seed"])
        process = start(course, tmp_path / "ada", tmp_path / out, *seed)
        said, _ = process.communicate(timeout=60)
        assert process.returncode == 0, said
        report = json.loads((tmp_path / out / "ada" / "report.json").read_text())
        found.append(report["checks"][0]["evidence"]["largest_error"])
    assert found[0] == found[1]
    assert found[0] != found[2]


@pytest.mark.long
def test_reports_among_the_submissions_are_no_submission(course, tmp_path):
    for name in ("ada", "ben"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "hw0.py").write_text(REFERENCE)
    starting = "starting 1 worker: importing torch …\n"
    for has_work in (True, False):
        said, _ = start(course, tmp_path, tmp_path / "out").communicate(timeout=60)
        assert "2 graded" in said, said
        assert said.startswith(starting) is has_work, said


@pytest.mark.long
def test_a_terminal_shows_from_the_start_what_is_going_on(course, tmp_path):
    (tmp_path / "ada").mkdir()
    (tmp_path / "ada" / "hw0.py").write_text(REFERENCE)
    command = [sys.executable, "-m", "grader", "grade", "hw0", str(tmp_path / "ada"), "-o", str(tmp_path / "out")]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm", "COLUMNS": "120"}
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [*command, "--course", str(course)], env=environment, stdout=theirs, stderr=theirs
    ) as process:
        os.close(theirs)
        said = b""
        with contextlib.suppress(OSError):  # a terminal that is closed at its other end
            while piece := os.read(ours, 1 << 16):
                said += piece
    os.close(ours)
    assert process.returncode == 0, said
    shown = ("reading what was handed in", "starting 1 worker: importing torch", "grading", "1 graded")
    places = [said.index(words.encode()) for words in shown]
    assert places == sorted(places)


def test_a_folder_that_cannot_be_written_to_is_wrong_usage(course, tmp_path, monkeypatch):
    def full(dir: Path) -> None:  # noqa: A002 - tempfile's own name
        raise OSError(28, "No space left on device", str(dir))

    (tmp_path / "hw0.py").write_text(REFERENCE)
    monkeypatch.setattr("grader.commands.grade.tempfile.TemporaryFile", full)
    with pytest.raises(UsageError, match=r"reports cannot be written to .*out: No space left on device"):
        run(load_homework(course, "hw0"), [tmp_path / "hw0.py"], tmp_path / "out")
