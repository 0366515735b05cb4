"""The warm sandbox: its forks, its death and rebirth, and that it takes everything with it when it goes."""

from __future__ import annotations

import contextlib
import functools
import os
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from grader.errors import InfraError, StudentError
from grader.guest import codec
from grader.intake.submission import Submission
from grader.outcome import Verdict
from grader.sandbox.launch import Launched
from grader.sandbox.opening import open_sandbox
from grader.sandbox.processes import inside
from grader.sandbox.tiers import TIERS
from grader.sandbox.where import WhereToGrade
from grader.sandbox.zygote import FAILURES, Zygote
from grader.spec import Limits
from tests.grader.course import require_isolation
from tests.grader.toy import correct, grade_all, quick, verdicts, with_double

PASSED = [Verdict.PASSED] * 3


def descendants(pid: int) -> list[int]:
    """All living processes below `pid`, from /proc."""
    parent_of = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                state, parent = (entry / "stat").read_text().rsplit(")", 1)[1].split()[:2]
            except OSError:
                continue
            if state != "Z":
                parent_of[int(entry.name)] = int(parent)
    found, queue = [], [pid]
    while queue:
        above = queue.pop()
        below = [child for child, parent in parent_of.items() if parent == above]
        found += below
        queue += below
    return found


BEST, *OTHER = TIERS
EACH = [BEST, *(pytest.param(tier, marks=pytest.mark.long) for tier in OTHER)]  # test_tiers has all in short


@pytest.fixture(scope="module", params=EACH)
def own(request, toy) -> Iterator[Zygote]:
    """A sandbox of this file's own, to be killed: it is replaced, and serves the next test."""
    lacking = TIERS[request.param].missing()
    if lacking:
        pytest.skip(f"tier {request.param}: {lacking}")
    with open_sandbox(toy.assignment, WhereToGrade(request.param)) as zygote:
        yield zygote


def kill(zygote: Zygote) -> None:
    """Kill the whole sandbox, from the outermost process on."""
    process = zygote._sandbox.process
    with contextlib.suppress(
        ProcessLookupError
    ):  # users' forks outlive a zygote, and what is asked of them is answered
        os.kill(zygote.root_pid, signal.SIGKILL)
    for _ in range(100):
        if process.poll() is not None and not descendants(zygote.root_pid):
            return
        time.sleep(0.02)


@pytest.mark.long
def test_killed_zygote_is_replaced(own, toy):
    # between submissions
    assert verdicts(grade_all(toy, own, correct())[0]) == PASSED
    kill(own)
    assert verdicts(grade_all(toy, own, correct())[0]) == PASSED

    # in a submission, between two of its calls

    def submissions() -> Iterator[Submission]:
        yield correct("first")
        kill(own)
        yield correct("second")

    for grading in grade_all(toy, own, *submissions()):
        assert verdicts(grading) == PASSED


KINDS = ("descriptors", "threads", "files", "environment", "handlers")


@pytest.mark.parametrize("what", ["modules", *(pytest.param(one, marks=pytest.mark.long) for one in KINDS)])
def test_a_zygote_that_differs_from_its_start_is_replaced(own, toy, what):
    before = own.root_pid
    assert verdicts(grade_all(toy, own, correct())[0]) == PASSED
    own._inventory[what] = "what it would have been, had nobody reached it"
    for _ in range(2):
        assert verdicts(grade_all(toy, own, correct())[0]) == PASSED
    assert own.root_pid != before


def test_a_spare_that_fails_costs_another_fork_and_no_sandbox(own, monkeypatch):
    """It was made beside a submission that left it no room, and the next one waited for a new sandbox."""

    def fail():
        raise InfraError("isolation failed: no room")

    own.order_spare()
    spare, before = own._spare, own.root_pid
    monkeypatch.setattr(spare, "greet", fail)
    fork = own.take()
    assert fork is not spare
    assert own.root_pid == before
    fork.kill()


def test_what_an_ended_fork_still_is_in_the_inventory_is_no_change(own, monkeypatch):
    own.take().kill()
    own.request_inventory()
    late, real = [1], own._take_inventory

    def take():
        found = real()
        return {**found, "processes": found["processes"] + 40 * late.pop()} if late else found

    monkeypatch.setattr(own, "_take_inventory", take)
    before = own.root_pid
    own.renew()
    assert not late
    assert own.root_pid == before


@pytest.mark.long
def test_a_zygote_that_has_served_its_time_is_replaced_between_submissions(toy):
    with open_sandbox(toy.assignment, WhereToGrade(strict=True)) as zygote:
        before = zygote.root_pid
        for _ in range(3):  # of one submission
            zygote.take().kill()
        assert zygote.root_pid == before
        zygote.renew()
        assert zygote.root_pid != before


@pytest.mark.long
def test_where_an_ended_fork_leaves_no_room_the_sandbox_is_replaced_and_it_is_said(toy, monkeypatch, caplog):
    monkeypatch.setattr("grader.sandbox.zygote.ROOM_SECONDS", 0.01)
    with open_sandbox(toy.assignment) as zygote:
        if zygote._cgroup is None:
            pytest.skip("no control group can be made here")
        full = zygote._cgroup
        monkeypatch.setattr(full, "has_room", lambda *_: False)
        before = zygote.root_pid
        zygote.take().kill()  # after the one that proved the walls
        assert zygote.root_pid != before
        assert zygote._cgroup is not full
    assert "waited 0.01 s in vain for the memory and processes of an ended fork" in caplog.messages


@pytest.mark.long
@pytest.mark.parametrize("error", [InfraError("no more"), OSError("no more")])
def test_a_sandbox_that_cannot_be_replaced_between_submissions_is_no_end_of_the_run(toy, monkeypatch, error):
    with open_sandbox(toy.assignment) as zygote:
        zygote.take()
        zygote._inventory["files"] = ["what it would have been, had nobody reached it"]
        start, refused = zygote._start, [error]

        def start_later():
            if refused:
                raise refused.pop()
            start()

        monkeypatch.setattr(zygote, "_start", start_later)
        gradings = grade_all(toy, zygote, correct(), correct())
    assert not refused
    assert [verdicts(grading) for grading in gradings] == [PASSED] * 2


@pytest.mark.long
def test_a_sandbox_that_cannot_be_ended_is_not_ended_again(toy, monkeypatch):
    zygote = open_sandbox(toy.assignment).__enter__()
    stop, stopped = zygote._sandbox.stop, []

    def stop_and_fail():
        stopped.append(stop())
        raise InfraError("processes of submissions cannot be ended")

    monkeypatch.setattr(zygote._sandbox, "stop", stop_and_fail)
    with pytest.raises(InfraError, match="cannot be ended"):
        zygote.close()
    zygote.close()
    assert len(stopped) == 1


READS = """
import os, torch
folder = os.path.join(os.path.dirname(torch.__file__), "lib")
largest = max((os.path.join(folder, name) for name in os.listdir(folder)), key=os.path.getsize)
with open(largest, "rb") as file:
    for _ in range(400):
        file.read(1 << 20)
def double(x):
    os._exit(1)
"""


@pytest.mark.long
def test_who_reads_files_that_nobody_has_cached_keeps_nobody_waiting(toy, caplog):
    """They count against the group until the kernel needs the room: a fork that waited for that waited for ever."""
    folder = Path(torch.__file__).parent / "lib"
    largest = max(folder.iterdir(), key=lambda path: path.stat().st_size)
    with open_sandbox(toy.assignment) as zygote:
        if zygote._cgroup is None:
            pytest.skip("no control group can be made here")
        with largest.open("rb") as file:
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        reads = Submission("reads", {"toy.py": READS.encode()}, "0" * 64, "reads")
        gradings = grade_all(toy, zygote, reads, correct())
        if int(zygote._cgroup._usage.read_text()) < zygote._group[0] // 4:
            pytest.skip("the kernel has not counted what was read against the group")
    assert verdicts(gradings[0])[0] is Verdict.CRASH
    assert verdicts(gradings[1]) == PASSED
    assert not [said for said in caplog.messages if "an ended fork" in said]


def test_an_unchanged_zygote_stays(own, toy):
    before = own.root_pid
    grade_all(toy, own, *[correct()] * 5)
    assert own.root_pid == before


@pytest.mark.long
@pytest.mark.parametrize("tier", EACH)
def test_zygote_killed_during_a_call_is_no_fault_of_the_submission(toy, tier):
    lacking = TIERS[tier].missing()
    if lacking:
        pytest.skip(f"tier {tier}: {lacking}")
    slow = with_double("import time; time.sleep(0.6); return 2 * x")
    with open_sandbox(toy.assignment, WhereToGrade(tier)) as zygote:

        def strike(*_: object) -> None:
            os.kill(zygote.root_pid, signal.SIGKILL)

        before = signal.signal(signal.SIGALRM, strike)
        signal.setitimer(signal.ITIMER_REAL, 0.4)
        try:
            struck, after = grade_all(toy, zygote, slow, correct())
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)
        assert (verdicts(struck), verdicts(after)) == (PASSED, PASSED)


@pytest.mark.long
def test_a_judge_that_ignores_interrupts_hands_that_to_no_submission(toy):
    require_isolation()
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # as a shell does for what it starts in the background
    try:
        with open_sandbox(toy.assignment) as zygote:
            body = "import os, signal, time; os.kill(os.getpid(), signal.SIGINT); time.sleep(9)"
            (grading,) = grade_all(toy, zygote, with_double(body))
    finally:
        signal.signal(signal.SIGINT, before)
    assert verdicts(grading) == [Verdict.ERROR, Verdict.ERROR, Verdict.PASSED]


@pytest.mark.long
@pytest.mark.parametrize("tier", EACH)
def test_nothing_is_left_after_closing(toy, tier):
    lacking = TIERS[tier].missing()
    if lacking:
        pytest.skip(f"tier {tier}: {lacking}")
    descriptors = len(os.listdir("/proc/self/fd"))
    before = set(descendants(os.getpid()))
    with open_sandbox(toy.assignment, WhereToGrade(tier)) as zygote:
        fork = zygote.take()
        stays = b"import os, time\nif os.fork() == 0:\n    os.setsid()\n    time.sleep(1000)\n"
        fork.load({"toy.py": stays}, "toy", 1, time.monotonic() + 5)
        started = set(descendants(os.getpid())) - before | inside(zygote.root_pid)  # an engine's are not ours
        # the zygote, the fork, what it started and its intermediate process; a daemon of a user's is its neighbour's
        assert len(started) >= 3
        folders = zygote._cgroup._folders if zygote._cgroup is not None else []
    deadline = time.monotonic() + 5
    while [pid for pid in started if Path(f"/proc/{pid}").exists()] and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not [pid for pid in started if Path(f"/proc/{pid}").exists()]
    assert not [folder for folder in folders if folder.exists()]
    fork.kill()
    assert len(os.listdir("/proc/self/fd")) == descriptors


def test_memory_limit_of_the_control_group(toy, tmp_path):
    from grader.sandbox.cgroup import make_cgroup

    group = make_cgroup(1 << 28, 8)
    if group is None:
        pytest.skip("this user cannot make a control group here: only RLIMIT_AS holds")
    group.close()
    # without RLIMIT_AS the group alone has to hold
    patient = toy.assignment.limits.model_copy(update={"call_seconds": 30.0, "submission_seconds": 90.0})
    toy = replace(toy, assignment=toy.assignment.model_copy(update={"limits": patient}))
    with Zygote(*offered(), patient, (), layers=("namespaces", "landlock", "seccomp")) as zygote:
        touch = with_double("return torch.empty(2 << 30, dtype=torch.uint8).fill_(1)")
        touched, after = grade_all(quick(toy, call_seconds=10), zygote, touch, correct())
    assert verdicts(touched) == [Verdict.MEMORY, Verdict.MEMORY, Verdict.PASSED]
    assert touched.outcomes[0].message == "killed for using more than 256 MB of memory"
    assert verdicts(after) == PASSED


def test_memory_limit_without_a_control_group(toy, monkeypatch):
    monkeypatch.setattr("grader.sandbox.zygote.make_cgroup", lambda *_: None)
    with Zygote(*offered(), toy.assignment.limits, ()) as zygote:
        assert "memory control group" not in zygote.protections
        touch = with_double("a = []\nwhile True: a.append(torch.ones(1 << 20))")
        touched, after = grade_all(quick(toy, call_seconds=10), zygote, touch, correct())
    assert verdicts(touched) == [Verdict.MEMORY, Verdict.MEMORY, Verdict.PASSED]
    assert "out of memory (toy.py, line" in touched.outcomes[0].message
    assert verdicts(after) == PASSED


def offered() -> tuple[str, object]:
    for tier, module in TIERS.items():
        if not module.missing():
            return tier, functools.partial(module.launch, where=WhereToGrade())
    pytest.skip("this machine offers no tier of isolation")


def test_kills_for_memory_of_one_submission_are_not_the_next_ones(zygote, toy):
    hidden = with_double(
        "import os\nchild = os.fork()\nif child == 0:\n    a = []\n    while True: a.append(bytearray(1 << 20))\n"
        "os.waitpid(child, 0)\nreturn 2 * x"
    )
    crash = with_double("import os; os._exit(1)")
    first, second = grade_all(toy, zygote, hidden, crash)
    assert verdicts(first) == PASSED
    assert verdicts(second) == [Verdict.CRASH, Verdict.CRASH, Verdict.PASSED]


def test_walls_that_give_way_grade_nobody(toy, monkeypatch):
    monkeypatch.setattr("grader.sandbox.zygote.LAYERS", ("namespaces", "landlock", "rlimits"))
    tier, launch = offered()
    with pytest.raises(
        InfraError, match=r"does not hold on this machine: .*opens no network socket: can open a socket"
    ):
        Zygote(tier, launch, toy.assignment.limits, (), layers=("namespaces", "landlock", "rlimits")).__enter__()


FALSE_STARTS = {
    "no such program": (["/nonexistent"], FileNotFoundError, "nonexistent"),
    "says why": ([sys.executable, "-c", "import sys; sys.exit('no torch here')"], InfraError, "no torch here"),
    "says nothing": (["/bin/false"], InfraError, "did not start: exit code 1"),
}


@pytest.mark.parametrize(("program", "error", "text"), FALSE_STARTS.values(), ids=FALSE_STARTS)
def test_sandbox_that_does_not_start(program, error, text):
    descriptors = len(os.listdir("/proc/self/fd"))
    with pytest.raises(error, match=text):
        Zygote("broken", lambda *_: Launched(program, {}), Limits(), ()).__enter__()
    assert len(os.listdir("/proc/self/fd")) == descriptors


def test_sandbox_that_dies_for_good_is_infra_and_loud(toy, monkeypatch):
    with Zygote(*offered(), toy.assignment.limits, ()) as zygote:
        kill(zygote)
        monkeypatch.setattr(zygote, "_launch", lambda *_: Launched(["/bin/false"], {}))
        descriptors = len(os.listdir("/proc/self/fd"))
        (grading,) = grade_all(toy, zygote, correct())
        assert verdicts(grading) == [Verdict.INFRA] * 3
        assert "did not start" in grading.outcomes[0].staff_detail
        assert len(os.listdir("/proc/self/fd")) <= descriptors


def test_a_run_does_not_wait_for_a_dead_sandbox_in_every_check(toy, monkeypatch):
    starts = []

    def launch(*_):
        starts.append(1)
        return Launched(["/bin/false"], {})

    with Zygote(*offered(), toy.assignment.limits, ()) as zygote:
        kill(zygote)
        monkeypatch.setattr(zygote, "_launch", launch)
        gradings = grade_all(toy, zygote, *[correct()] * 4)
    assert {verdict for grading in gradings for verdict in verdicts(grading)} == {Verdict.INFRA}
    assert len(starts) == FAILURES


def forget_spare(zygote: Zygote) -> None:
    if zygote._spare is not None:
        zygote._spare.kill()
        zygote._spare = None


def test_fork_that_never_greets_is_infra(zygote, monkeypatch):
    monkeypatch.setattr("grader.sandbox.fork.GREETING_SECONDS", 0.0001)
    monkeypatch.setattr(zygote, "_restart", lambda: None)
    forget_spare(zygote)
    with pytest.raises(InfraError, match="the sandbox yields no fork"):
        zygote.take()


def test_a_spare_that_cannot_be_ordered_is_no_harm_yet(zygote, monkeypatch):
    zygote._last.kill()
    forget_spare(zygote)

    def refuse():
        raise OSError("no more")

    monkeypatch.setattr(zygote, "_order", refuse)
    zygote.order_spare()
    assert zygote._spare is None
    monkeypatch.undo()
    zygote.take().kill()
    zygote.order_spare()
    assert zygote._spare is not None


def test_isolation_that_fails_says_why(toy, monkeypatch):
    with Zygote(*offered(), toy.assignment.limits, ()) as zygote:
        broken = zygote._settings.__class__(**{**vars(zygote._settings), "processes": "many"})
        monkeypatch.setattr(zygote, "_settings", broken)
        monkeypatch.setattr(zygote, "_restart", lambda: None)
        forget_spare(zygote)
        with pytest.raises(InfraError, match=r"a fork of the sandbox died before it greeted|isolation failed"):
            zygote.take()


def test_unknown_kind_of_request_does_not_end_the_fork(zygote):
    fork = zygote.take()
    with pytest.raises(StudentError, match="a judge does not send this"):
        fork.ask(codec.encode(codec.Answer(None)), 1)
    assert fork.is_quiet()
    fork.kill()
    fork.kill()  # twice does no harm
    assert not fork.is_quiet()


def test_start_tells_what_it_is(zygote):
    assert zygote.about["python"] == ".".join(map(str, sys.version_info[:3]))
    assert zygote.about["banned"] > 20
    assert zygote.missing == ()
    assert "seccomp filter" in zygote.protections
