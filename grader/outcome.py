"""The result of grading one check: the words that all later stations use.

Pure data. `session` makes outcomes, `diagnose` adds to them, `scoring` adds them up, `report` shows them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Verdict(StrEnum):
    """How one check ended. Only `INFRA` is the grader's fault, and it is never scored."""

    PASSED = "passed"
    FAILED = "failed"  # an answer came back, and it is wrong
    ERROR = "error"  # the student's code raised
    FORBIDDEN = "forbidden"  # the student's code called what the assignment bans
    TIMEOUT = "timeout"
    MEMORY = "memory"
    CRASH = "crash"  # the student's process died, or answered with bytes that are no answer
    BLOCKED = "blocked"  # the check could not be asked: the module does not load, say
    INFRA = "infra"  # our fault: retried, then shown loudly; there is no grade


VISIBILITIES = ("visible", "hidden", "after_due_date", "after_published")  # Gradescope's words


@dataclass(frozen=True)
class Check:
    """One test of the hidden suite (one parameter set, if it is parametrised)."""

    name: str
    part: str
    sentence: str  # the test's docstring: what the student reads
    points: float
    visibility: str = "visible"  # one of VISIBILITIES
    number: str | None = None
    tags: tuple[str, ...] = ()
    hide_errors: str | None = None  # shown in place of the message, if set


@dataclass(frozen=True)
class Evidence:
    """How a tensor differs from the expected one, without giving away a single expected value."""

    output: str | None  # which of several outputs, "dx" for example
    shape: tuple[int, ...]
    dtype: str
    expected_shape: tuple[int, ...]
    expected_dtype: str
    wrong_share: float | None = None  # of elements, 0 to 1; None where the shapes differ
    largest_error: float | None = None  # absolute; inf where the answer is NaN or infinite
    largest_error_at: tuple[int, ...] | None = None
    error_over_tolerance: float | None = None  # of the worst element
    error_map: tuple[tuple[int, ...], ...] = ()  # rows of levels: 0 within tolerance … 9 worst
    fact: str = ""  # what explains all elements: a sign, a factor, an offset, another precision


@dataclass(frozen=True)
class Curve:
    """Numbers that a training printed under one name, in their order."""

    name: str
    values: tuple[float, ...]


@dataclass(frozen=True)
class Measurement:
    """The accuracy of a network that the student's code trained, and what it is held against.

    Points rise linearly from `none_at` to `full_at`. These were calibrated: `runs` trainings of the reference reached
    `mean` ± `sd`, and a training like these stays below `full_at` with probability `false_fail` at most.
    """

    training: str
    data: str
    device: str
    accuracies: tuple[float, ...]  # shares of the test images, one per training; their median counts
    seconds: tuple[float, ...]
    accuracy: float
    none_at: float
    full_at: float
    mean: float
    sd: float
    runs: int
    false_fail: float
    curves: tuple[Curve, ...] = ()  # of the last training
    reference: tuple[Curve, ...] = ()  # of a training of the reference, when it was calibrated
    guessing: float = 0.0  # the accuracy of guessing


@dataclass(frozen=True)
class Place:
    """What a check puts on Gradescope's leaderboard."""

    column: str
    value: float
    order: str = "desc"  # "asc" where less is better


@dataclass(frozen=True)
class Diagnosis:
    """The known mistake whose answers are the student's answers."""

    mistake: str
    sentence: str


@dataclass(frozen=True)
class Asked:
    """How a check asked the student's code: forms and options, and no hidden value."""

    function: str = ""  # the student's function or class that the check is about; "" where that is not known
    call: str = ""  # "conv2d_forward(x: float64[3×2×6×9], w: float64[4×2×3×2], stride=1)"; a line for each step
    built_on: tuple[str, ...] = ()  # functions of the handout that the model answer's function uses
    by_chance: bool = False  # whether the answers depend on random numbers


@dataclass(frozen=True)
class Line:
    """A line of the student's own file, with those around it."""

    file: str
    number: int
    function: str = ""
    first: int = 0  # number of the first of the lines below
    around: tuple[str, ...] = ()
    cell: str = ""  # "code cell 3, line 4" of a notebook


@dataclass(frozen=True)
class Shown:
    """A value as a person reads it: a tensor of few numbers in planes of rows, anything else as text."""

    name: str
    text: str  # as Python writes it
    form: str = ""  # "float64[2×3]" of a tensor
    planes: tuple[tuple[tuple[str, ...], ...], ...] = ()  # the last two axes of a tensor


@dataclass(frozen=True)
class Example:
    """The smallest input found on which a function's answer is wrong. Drawn for this, never the hidden suite's."""

    function: str
    inputs: tuple[Shown, ...]
    yours: Shown
    expected: Shown
    difference: Shown | None  # yours less expected, where both are numbers of one form
    says: str  # what is wrong, in words
    snippet: str  # Python to paste beside the student's file
    file: str  # the same as JSON, for `grader check --example`
    numbers: int  # in all inputs
    is_small: bool  # whether all numbers, of inputs and answers, are whole and have one or two digits


@dataclass(frozen=True)
class Outcome:
    """The verdict of one check on one submission."""

    check: Check
    verdict: Verdict
    earned: float  # points, 0 to check.points
    message: str = ""  # for the student; holds nothing hidden
    evidence: Evidence | None = None
    diagnosis: Diagnosis | None = None
    measurement: Measurement | None = None  # of a check that trains a network
    seconds: float = 0.0
    staff_detail: str = ""  # traceback and inputs: staff only
    place: Place | None = None
    asked: Asked | None = None  # of a check that did not pass
    line: Line | None = None  # where it was raised, or where the function begins
    example: Example | None = None  # of its cause


@dataclass(frozen=True)
class Provenance:
    """What a grade was made from: enough to repeat it and to defend it."""

    submission_sha256: str
    suite_sha256: str
    seed_id: str  # names the run's secret seed without revealing it
    isolation: str
    protections: tuple[str, ...]
    device: str  # that networks were trained on: "cpu", "cuda:0 (NVIDIA H100)"
    python: str
    torch: str
    started_at: str  # ISO 8601, UTC
    seconds: float
    settings: tuple[str, ...] = ()  # with which the device computes the same twice, as far as it can
    whose: str = ""  # ids of the students whom values were drawn for; empty where the suite draws none


@dataclass(frozen=True)
class Grading:
    """Everything known about one graded submission, staff's eyes only."""

    submission: str
    outcomes: tuple[Outcome, ...]
    provenance: Provenance
    problem: str = ""  # what stopped the whole submission, for the student: "conv.py: line 3: invalid syntax"
    seed: str = field(default="", repr=False)  # hexadecimal; for a replay
    notes: tuple[str, ...] = ()  # what failed while the module was loaded, and cost no more than what needs it
