"""How a verdict looks, in every format: one table that terminal, report, gradebook and class page read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from grader.outcome import Verdict

_CIRCLE = '<circle cx="8" cy="8" r="5.6"/>'


@dataclass(frozen=True)
class Look:
    """One verdict's words, icon and colours."""

    label: str  # above a check
    tally: str  # in a line of counts: "41 passed, 5 wrong, 1 out of time"
    terminal: str  # rich's name of a style
    tone: str  # the report's colour (a variable of its sheet) of icon and text …
    tint: str  # … and of what is behind them
    chart: str  # the class page's colour (a variable of its sheet)
    icon: str  # SVG in a box of 16 × 16


LOOK = {  # in the order in which they are counted and listed
    Verdict.PASSED: Look("Passed", "passed", "green", "good", "tint-good", "good", '<path d="M3 8.5l3.4 3.4L13 4.6"/>'),
    Verdict.FAILED: Look("Wrong answer", "wrong", "red", "bad", "tint-bad", "bad", '<path d="M4 4l8 8M12 4l-8 8"/>'),
    Verdict.ERROR: Look(
        "Your code raised an error", "raised an error", "red", "bad", "tint-bad", "l5", '<path d="M8 3v6.2M8 12.4v.4"/>'
    ),
    Verdict.FORBIDDEN: Look(
        "Forbidden operator", "forbidden", "magenta", "ban", "tint-ban", "ban",
        f'{_CIRCLE}<path d="M4.1 11.9l7.8-7.8"/>',
    ),
    Verdict.TIMEOUT: Look(
        "Out of time", "out of time", "yellow", "warn", "tint-warn", "warn",
        f'{_CIRCLE}<path d="M8 4.8V8l2.2 1.6"/>',
    ),
    Verdict.MEMORY: Look(
        "Out of memory", "out of memory", "yellow", "warn", "tint-warn", "l3",
        '<rect x="4" y="4" width="8" height="8" rx="1"/><path d="M6.4 4V1.8M9.6 4V1.8M6.4 14.2V12M9.6 14.2V12"/>',
    ),
    Verdict.CRASH: Look(
        "Crashed", "crashed", "yellow", "warn", "tint-warn", "l2",
        '<path d="M9 1.8L4 9h3.6L7 14.2 12 7H8.4z"/>',
    ),
    Verdict.BLOCKED: Look(
        "Could not be run", "not run", "bright_black", "quiet", "tint-quiet", "quiet", '<path d="M3.4 8h9.2"/>'
    ),
    Verdict.INFRA: Look(
        "Not judged: the grader failed", "not judged", "bold white on red", "paper", "bad", "ink",
        '<path d="M6 5.6a2.1 2.1 0 1 1 2.9 2c-.6.3-.9.7-.9 1.4v.4M8 12.4v.4"/>',
    ),
}  # fmt: skip
NOT_GRADED = "Not graded: the grader failed, not you."


def tally(verdicts: Iterable[Verdict]) -> list[tuple[Verdict, int]]:
    """How often each verdict that occurs does, in the order of the table."""
    counts = Counter(verdicts)
    return [(verdict, counts[verdict]) for verdict in LOOK if counts[verdict]]


def sheet_of_verdicts() -> str:
    """The colours of the report's verdicts, as the end of its style sheet."""
    return "\n".join(
        f".{verdict.value} {{ --tone: var(--{look.tone}); --tint: var(--{look.tint}); }}"
        for verdict, look in LOOK.items()
    )
