"""What a fork costs, in time and in memory, and what each of its walls adds."""

from __future__ import annotations

import contextlib
import functools
import statistics
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

from grader.errors import StudentError
from grader.homework import Homework
from grader.intake.submission import Submission
from grader.judging import session
from grader.sandbox import bubblewrap, namespaces
from grader.sandbox.fork import Fork
from grader.sandbox.launch import Launch, Launched
from grader.sandbox.where import WhereToGrade
from grader.sandbox.zygote import LAYERS, Zygote
from grader.spec import Limits

LAUNCH: dict[str, Launch] = {
    tier.NAME: functools.partial(tier.launch, where=WhereToGrade()) for tier in (bubblewrap, namespaces)
}
START = "from grader.guest.zygote import main"
PLAIN_PAGES = f"from grader.guest import huge_pages; huge_pages.madvise_collapse = lambda *_: False; {START}"


@dataclass(frozen=True)
class ForkCost:
    """Medians, in seconds: of fork, load and end in a row, the next fork prepared meanwhile; and of one fork alone."""

    what: str
    in_a_row: float
    alone: float
    n: int


def fork_costs(homework: Homework, tier: str, rounds: int, per_round: int = 10) -> list[ForkCost]:
    """Forks with all walls, without each of them, and without huge pages: all zygotes at once, round by round."""
    variants = {"all layers": (LAYERS, LAUNCH[tier]), "without huge pages": (LAYERS, _plain_pages(LAUNCH[tier]))}
    for left_out in LAYERS:
        variants[f"without {left_out}"] = tuple(name for name in LAYERS if name != left_out), LAUNCH[tier]
    assignment = homework.assignment
    in_a_row: dict[str, list[float]] = {what: [] for what in variants}
    alone: dict[str, list[float]] = {what: [] for what in variants}
    with ExitStack() as stack:
        zygotes = {
            what: stack.enter_context(Zygote(tier, launch, assignment.limits, assignment.banned, layers))
            for what, (layers, launch) in variants.items()
        }
        for _ in range(rounds):
            for what, zygote in zygotes.items():
                _once(homework, zygote.take)  # the spare has waited for long: the first one is cheaper
                in_a_row[what] += [_once(homework, zygote.take) for _ in range(per_round)]
                time.sleep(0.1)  # until the spare is ready, and out of the way
                alone[what] += [_once(homework, lambda zygote=zygote: _greeted(zygote)) for _ in range(per_round)]
    return [
        ForkCost(what, statistics.median(in_a_row[what]), statistics.median(alone[what]), rounds * per_round)
        for what in variants
    ]


def private_memory(homework: Homework, submissions: Sequence[Submission], zygote: Zygote) -> list[float]:
    """Private memory (MB, 10⁶ bytes) of each submission's processes, alive after all checks: what no other shares."""
    found: list[float] = []
    kill = Fork.kill

    def measured(fork: Fork, *, wait: bool = True) -> None:
        if fork.alive:
            server = _pid(fork)
            found.append(sum(private_bytes(pid) for pid in (_parent(server), *_tree(server))) / 1e6)
        kill(fork, wait=wait)

    with patch.object(Fork, "kill", measured):
        session.grade(homework, submissions, zygote, on_graded=lambda _: None)
    return found


def sandbox_memory(zygote: Zygote) -> float:
    """Memory (MB) of an idle sandbox: the outer wall, the zygote, and the fork that waits. Library files do not count.

    These processes share most of it, so that none has it for itself alone: each counts with its share.
    """
    total = 0
    for pid in _tree(zygote.root_pid):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # the last submission's fork may just end
            total += _sizes(pid)["Pss_Anon"]
    return total / 1e6


def private_bytes(pid: int | str) -> int:
    """Memory that a process shares with no other."""
    sizes = _sizes(pid)
    return sizes["Private_Clean"] + sizes["Private_Dirty"] + sizes["Private_Hugetlb"]


def _sizes(pid: int | str) -> dict[str, int]:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    return {name: int(rest.split()[0]) << 10 for name, rest in (line.split(":", 1) for line in lines)}


def _once(homework: Homework, take: Callable[[], Fork]) -> float:
    started = time.perf_counter()
    fork = take()
    files = {homework.assignment.files[0]: homework.reference_source.encode()}
    with contextlib.suppress(StudentError):  # without namespaces there is no place for the files, which costs as much
        fork.load(files, homework.assignment.module, 0, time.monotonic() + 60)
    fork.kill()
    return time.perf_counter() - started


def _greeted(zygote: Zygote) -> Fork:
    fork = zygote._order()
    fork.greet()
    return fork


def _plain_pages(launch: Launch) -> Launch:
    """The same sandbox, whose zygote leaves its memory in pages of 4 KiB."""

    def changed(control: int, limits: Limits) -> Launched:
        launched = Launched(*launch(control, limits))
        if launched.layout is not None:
            launched.layout["command"] = [word.replace(START, PLAIN_PAGES) for word in launched.layout["command"]]
        return launched._replace(command=[word.replace(START, PLAIN_PAGES) for word in launched.command])

    return changed


def _pid(fork: Fork) -> int:
    """The fork's process id in this process's namespace: the kernel tells it of the descriptor that names the fork."""
    lines = Path(f"/proc/self/fdinfo/{fork._pidfd}").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("Pid:")).split()[1])


def _parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def _tree(pid: int) -> list[int]:
    """A process and all that it started."""
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    children = [int(child) for task in tasks for child in task.read_text().split()]
    return [pid, *(process for child in children for process in _tree(child))]
