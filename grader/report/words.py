"""What the verdicts are called, in every format."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from grader.outcome import Verdict

LABEL = {
    Verdict.PASSED: "Passed",
    Verdict.FAILED: "Wrong answer",
    Verdict.ERROR: "Your code raised an error",
    Verdict.FORBIDDEN: "Forbidden operator",
    Verdict.TIMEOUT: "Out of time",
    Verdict.MEMORY: "Out of memory",
    Verdict.CRASH: "Crashed",
    Verdict.BLOCKED: "Could not be run",
    Verdict.INFRA: "Not judged: the grader failed",
}
TALLY = {  # in a line of counts: "41 passed, 5 wrong, 1 timeout"
    Verdict.PASSED: "passed",
    Verdict.FAILED: "wrong",
    Verdict.ERROR: "raised an error",
    Verdict.FORBIDDEN: "forbidden",
    Verdict.TIMEOUT: "out of time",
    Verdict.MEMORY: "out of memory",
    Verdict.CRASH: "crashed",
    Verdict.BLOCKED: "not run",
    Verdict.INFRA: "not judged",
}
NOT_GRADED = "Not graded: the grader failed, not you."


def tally(verdicts: Iterable[Verdict]) -> list[tuple[Verdict, int]]:
    """How often each verdict that occurs does, in the order in which `Verdict` lists them."""
    counts = Counter(verdicts)
    return [(verdict, counts[verdict]) for verdict in Verdict if counts[verdict]]
