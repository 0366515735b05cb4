"""Judges that share a container, one after another and side by side. Where there is none: `make test-all`."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from grader.errors import StudentError
from grader.judging.bridge.examination import Examination
from grader.judging.bridge.student import Student
from grader.outcome import Verdict
from grader.sandbox import in_container
from grader.sandbox.opening import open_sandbox
from grader.sandbox.where import WhereToGrade
from tests.grader.guest.test_isolation import LIMITS

pytestmark = pytest.mark.skipif(bool(in_container.missing()), reason=in_container.missing())
STAYS = "import os, time\nif os.fork() == 0:\n    os.setsid()\nopen('left', 'w').write('x')\ntime.sleep(600)\n"
JUDGE = """
import sys, threading, time
from pathlib import Path
from grader.homework import load_homework
from grader.sandbox.opening import open_sandbox
from grader.sandbox.where import WhereToGrade
toy = load_homework(Path(sys.argv[1]), "toy").assignment
slow = toy.model_copy(update={"limits": toy.limits.model_copy(update={"import_seconds": 600, "submission_seconds": 600})})
with open_sandbox(slow, WhereToGrade("in-container")) as zygote:
    guest = zygote.take()
    submission = {"toy.py": sys.argv[2].encode()}, "toy", 1, time.monotonic() + 600
    threading.Thread(target=guest.load, args=submission, daemon=True).start()  # which does not end
    while not list(Path(zygote._sandbox.launched.files).glob("*/submission/left")):
        time.sleep(0.02)
    print(zygote._sandbox.launched.files, zygote._sandbox.launched.users, flush=True)
    time.sleep(600)
"""


@pytest.fixture
def judge(toy):
    """Another judge in this container, with a submission that stays: the folder of its forks, and their first user."""
    command = [sys.executable, "-c", JUDGE, str(toy.public.parents[1]), STAYS]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    folder, user = process.stdout.readline().split()
    yield process, folder, int(user)
    process.kill()
    process.wait()
    process.stdout.close()


def until(holds) -> bool:
    deadline = time.monotonic() + 10
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.02)
    return holds()


def test_a_judge_that_is_killed_leaves_nothing_for_the_next(toy, judge):
    process, folder, user = judge
    assert os.listdir(folder)
    assert in_container.running(user)
    with open_sandbox(toy.assignment, WhereToGrade("in-container")) as beside:
        assert beside._sandbox.launched.users != user
        assert beside._sandbox.launched.files != folder
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert until(lambda: not in_container.running(user))  # its forks' intermediate processes see that it hung up
    with open_sandbox(toy.assignment, WhereToGrade("in-container")) as after:
        assert after._sandbox.launched.users == user
        assert not os.path.exists(folder)


def test_what_nobody_ended_is_ended_by_the_next(toy, judge):
    process, folder, user = judge
    above = {
        int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1]) for pid in in_container.running(user)
    }
    for pid in (*(above - {1, os.getpid()} - set(in_container.running(user))), process.pid):
        os.kill(pid, signal.SIGKILL)  # the intermediate processes first, which would see to it
    process.wait()
    assert in_container.running(user)
    with open_sandbox(toy.assignment, WhereToGrade("in-container")) as after:
        assert after._sandbox.launched.users == user
        assert not os.path.exists(folder)


def test_nothing_is_left_in_the_end(toy):
    others = set(in_container.PLACES.glob("*/engine"))  # of judges that are still at work, this process's for one
    with open_sandbox(toy.assignment, WhereToGrade("in-container")) as zygote:
        folder = zygote._sandbox.launched.files
        zygote.take().kill()
        assert os.stat(folder).st_mode & 0o777 == 0o711
        assert os.stat(folder).st_uid == 0
    assert not os.path.exists(folder)
    assert set(in_container.PLACES.glob("*/engine")) == others


@pytest.mark.parametrize(
    ("code", "killed"),
    [
        ("for n in range(100): open(f'f{n}', 'wb').write(bytes(1 << 20))", True),
        ("for n in range(5000): os.mkdir(f'd{n}')", True),
        ("open('f', 'wb').write(bytes(8 << 20)); open('g', 'wb').write(bytes(4 << 20))", False),
    ],
)
def test_files_have_a_quota_where_none_is_to_be_had(toy, code, killed):
    source = f"import os, time\ndef f():\n    {code}\n    time.sleep(0.5)\n    return 'done'\n".encode()
    with open_sandbox(toy.assignment, WhereToGrade("in-container")) as zygote:
        examination = Examination({"toy.py": source}, "toy", 1, LIMITS, zygote.take)
        try:
            if killed:
                with pytest.raises(StudentError, match="killed for having more than 16 MB of files") as caught:
                    Student(examination).f()
                assert caught.value.verdict is Verdict.MEMORY
            else:
                assert Student(examination).f() == "done"
        finally:
            examination.close()
        zygote.take().kill()
        assert len(os.listdir(zygote._sandbox.launched.files)) <= 1  # a spare's


def test_what_is_hard_to_remove_is_removed(toy):
    source = (
        b"import os\ndef f():\n    for _ in range(200):\n        os.mkdir('n' * 200)\n        os.chdir('n' * 200)\n"
        b"    open('x', 'w').close()\n    os.chmod('x', 0)\n    os.chmod('.', 0)\n    return 'done'\n"
    )
    with open_sandbox(toy.assignment, WhereToGrade("in-container")) as zygote:
        before = zygote.root_pid
        examination = Examination({"toy.py": source}, "toy", 1, LIMITS, zygote.take)
        assert Student(examination).f() == "done"
        examination.close()
        zygote.take().kill()
        assert zygote.root_pid == before
