"""What to fix first: the causes of a report's failed checks as cards, the same in every format."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from grader.judging.causes import Cause, Kind, causes, function_of
from grader.judging.scoring import add
from grader.outcome import Evidence, Example, Line, Measurement, Verdict
from grader.report.model import CheckReport, PartReport, Report
from grader.report.text import count

WITH_SOURCE = (Verdict.ERROR, Verdict.FORBIDDEN, Verdict.TIMEOUT, Verdict.BLOCKED)


@dataclass(frozen=True)
class Test:
    """The checks of one test function: its variants."""

    failed: tuple[CheckReport, ...]  # of the card's cause
    right: tuple[str, ...]  # names of the variants that passed

    __test__ = False  # pytest takes it for one of its own

    @property
    def sentence(self) -> str:
        """What the student reads of the test."""
        return self.failed[0].sentence or self.failed[0].name

    @property
    def wrong(self) -> tuple[str, ...]:
        """The names of the variants that did not pass."""
        return tuple(filter(None, map(variant, self.failed)))

    @property
    def lost(self) -> float:
        """Points."""
        return add(check.max_score - (check.score or 0.0) for check in self.failed)


@dataclass(frozen=True)
class Card:
    """One cause, with the checks that go back to it."""

    number: int  # from 1, in the order in which to fix
    kind: Kind
    checks: tuple[CheckReport, ...]
    functions: tuple[str, ...]
    tests: tuple[Test, ...]
    follow: tuple[Card, ...]
    part: PartReport | None  # that of its first check
    sections: tuple[tuple[str, tuple[str, ...]], ...] = ()  # of the handout, and which of the functions each is about

    @property
    def first(self) -> CheckReport:
        """The check that stands for the others: the first one, and of a diagnosis the first that was answered."""
        return self.checks[0]

    @property
    def verdict(self) -> Verdict:
        """Of its first check."""
        return self.first.verdict

    @property
    def heading(self) -> str:
        """What it is about, where that is not one function or two."""
        if self.functions:
            return count(len(self.functions), "function") if len(self.functions) > 2 else ""
        return self.part.title if self.part and len(self.parts) == 1 else "The whole file"

    @property
    def lost(self) -> float:
        """Points that its own checks lost."""
        return add(test.lost for test in self.tests)

    @property
    def message(self) -> str:
        """What is said where there is no diagnosis; "" of what is only not written yet."""
        return "" if self.kind is Kind.MISSING else self.first.message

    def tells(self, problem: str) -> bool:
        """Whether it says what stopped the whole submission."""
        return self.verdict is Verdict.BLOCKED and self.message == problem

    @property
    def line(self) -> Line | None:
        """The student's line; none of several functions."""
        return None if self.kind is Kind.MISSING or len(self.functions) > 1 else self.first.line

    @property
    def source(self) -> Line | None:
        """The line with those around it, where it tells what happened."""
        return self.line if self.line and self.line.around and self.verdict in WITH_SOURCE else None

    @cached_property
    def example(self) -> Example | None:
        """Of the first check that has one."""
        return next((check.example for check in self.checks if check.example), None)

    @cached_property
    def evidence(self) -> Evidence | None:
        """Of the first check that has any."""
        return next((check.evidence for check in self.checks if check.evidence), None)

    @property
    def measurement(self) -> Measurement | None:
        """Of the training, if it is one that did not reach what it should."""
        return next((check.measurement for check in self.checks if check.measurement), None)

    @property
    def parts(self) -> tuple[str, ...]:
        """The names of the parts in which it costs points."""
        return tuple(dict.fromkeys(check.part for check in self.checks))


def cards(report: Report) -> tuple[Card, ...]:
    """The report's causes, what to fix first foremost."""
    checks = report.checks
    parts = {part.name: part for part in report.parts}
    order = {name: i for i, name in enumerate(parts)}
    ordered = sorted(checks, key=lambda check: order.get(check.part, len(order)))  # the handout's order
    passed: dict[tuple[str, str], list[str]] = {}
    for check in ordered:
        if check.verdict is Verdict.PASSED:
            passed.setdefault((check.part, _test(check)), []).append(variant(check))
    made: list[Card] = []

    def make(cause: Cause) -> Card:
        own = tuple(ordered[i] for i in cause.checks)
        number = len(made) + 1
        first = parts.get(own[0].part)
        return Card(
            number, cause.kind, own, cause.functions, _tests(own, passed), (), first, _sections(own, parts, cause.kind)
        )

    for cause in causes(ordered):
        card = make(cause)
        follow = tuple(make(one) for one in cause.follow)
        made.append(replace(card, follow=follow))
    return tuple(made)


def variant(check: CheckReport) -> str:
    """Its parameters, as pytest names them: "stride_2"; "" of a test without any."""
    found = re.search(r"\[(.*)\]$", check.name)
    return found[1] if found else ""


def place_of(line: Line) -> str:
    """Where a line is: "conv.py, line 12", of a notebook with its cell."""
    return f"{line.file}, line {line.number}" + (f" ({line.cell})" if line.cell else "")


def _test(check: CheckReport) -> str:
    return check.name.partition("[")[0]


def _tests(checks: Sequence[CheckReport], passed: dict[tuple[str, str], list[str]]) -> tuple[Test, ...]:
    grouped: dict[tuple[str, str], list[CheckReport]] = {}
    for check in checks:
        grouped.setdefault((check.part, _test(check)), []).append(check)
    return tuple(Test(tuple(own), tuple(passed.get(key, ()))) for key, own in grouped.items())


def _sections(
    checks: Sequence[CheckReport], parts: dict[str, PartReport], kind: Kind
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Where to read on: of functions that are not written the section in which each is first asked for."""
    found: dict[str, dict[str, None]] = {}
    seen: set[str] = set()
    for check in checks if kind is Kind.MISSING else checks[:1]:
        name, part = function_of(check), parts.get(check.part)
        if name not in seen:
            seen.add(name)
            found.setdefault(part.section if part else "", {})[name] = None
    if len({check.part for check in checks}) > 1 and checks[0].verdict is Verdict.BLOCKED:
        return ()
    return tuple((section, tuple(filter(None, names))) for section, names in found.items() if section)
