"""The live display, read as a TA reads it: the frames that a terminal was sent, without its control sequences."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass

import pytest
from rich.console import Console

from grader.commands import display
from grader.commands.display import Display, say_notes
from grader.report.build import build
from grader.report.model import Report
from grader.spec import Assignment, Part
from tests.grader.report.samples import DUE, HOSTILE, grade, outcome


@dataclass
class Clock:
    """Stands still until it is told otherwise."""

    now: float = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(display.time, "monotonic", made.monotonic)
    return made


@pytest.fixture
def terminal() -> Console:
    return Console(file=io.StringIO(), force_terminal=True, width=120, color_system=None)


PARTS = tuple(Part(name=name, title=name.title(), points=10) for name in ("forward", "backward"))
ASSIGNMENT = Assignment(name="hw1", title="Convolution", points=20, due=DUE, files=("conv.py",), parts=PARTS)


def report_of(submission: str = "ada") -> Report:
    outcomes = (outcome("a"), outcome("b"), outcome("c", "backward"), outcome("d", "backward"))
    return build(ASSIGNMENT, grade(*outcomes, submission=submission))


@pytest.fixture
def report() -> Report:
    return report_of()


def sent(console: Console) -> str:
    """All frames, oldest first."""
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", console.file.getvalue())


def test_it_counts_what_is_done_and_says_the_rate_and_the_time_left(terminal, clock, report):
    with Display(terminal, 10, workers=2) as shown:
        for seconds in (1.0, 5.0, 2.0, 3.0):
            shown.step(report, seconds)
            clock.now += 20
        shown.tick()
    last = sent(terminal).rsplit("graded", 1)[1]
    assert "4/10" in last
    assert "2 at work, 0.0 per second, 2 min left" in last  # three in 80 s: six more take 160
    assert "checks: 16 passed" in last
    assert "slowest: ada 5.0 s, ada 3.0 s, ada 2.0 s" in last


def test_no_rate_is_told_of_few(terminal, clock, report):
    with Display(terminal, 10, workers=1) as shown:
        for _ in range(3):
            shown.step(report, 1.0)
            clock.now += 1
        shown.tick()
    assert "per second" not in sent(terminal)
    assert shown.rate() is None


def test_it_says_what_ctrl_c_does(terminal, report):
    with Display(terminal, 2, workers=1) as shown:
        shown.step(report, 1.0)
        shown.say("stopping after what is being graded")
    assert "stopping after what is being graded" in sent(terminal)


def test_it_says_what_takes_its_time_before_anything_is_graded(terminal):
    with Display(terminal, 10, workers=2) as shown:
        assert "starting 2 workers: importing torch …" in sent(terminal)
        shown.ready()
        assert "grading" in sent(terminal).rsplit("importing torch", 1)[1]


def test_without_a_terminal_it_says_that_it_starts_and_no_more(report):
    console = Console(file=io.StringIO(), width=120)
    with Display(console, 2, workers=1) as shown:
        assert console.file.getvalue() == "starting 1 worker: importing torch …\n"
        shown.ready()
        shown.step(report, 1.0)
    assert console.file.getvalue().strip() == "starting 1 worker: importing torch …"


def test_a_hostile_name_moves_no_cursor(terminal):
    with Display(terminal, 5, workers=1) as shown:
        for _ in range(4):
            shown.step(report_of(HOSTILE), 1.0)
    assert not set(sent(terminal)) & set("\x1b\x00\x9b\u202e\u2066")


def test_notes_are_listed_below_their_title(terminal):
    say_notes(terminal, "To look at:", ["ada: late", "[red]bob"])
    assert sent(terminal).split("\n")[1:4] == ["To look at:", "  ada: late", "  [red]bob"]
    say_notes(terminal, "Nothing:", [])
    assert "Nothing" not in sent(terminal)
