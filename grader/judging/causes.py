"""Which failed checks have one cause, and which causes may follow from others: a pure function of the outcomes.

A cause is a diagnosis, a function that is not written yet, a line that raises, or else one verdict and message (but for
its numbers) of one function. A cause without a diagnosis may follow from another one if the model answer makes its
function out of that one's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any, Protocol

from grader.outcome import Asked, Diagnosis, Line, Verdict


class Finding(Protocol):
    """What is read of a check: an `Outcome` and a report's check have all of it."""

    @property
    def verdict(self) -> Verdict: ...
    @property
    def message(self) -> str: ...
    @property
    def diagnosis(self) -> Diagnosis | None: ...
    @property
    def asked(self) -> Asked | None: ...
    @property
    def line(self) -> Line | None: ...


class Kind(Enum):
    """How a cause is known."""

    DIAGNOSIS = "diagnosis"
    MISSING = "missing"  # functions that are not written yet
    MESSAGE = "message"


@dataclass(frozen=True)
class Cause:
    """Failed checks that go back to one thing, by their places among the findings, and what may follow from it."""

    kind: Kind
    checks: tuple[int, ...]
    functions: tuple[str, ...]  # of the student's that it is in, in order
    follow: tuple[Cause, ...] = ()


def causes(findings: Sequence[Finding]) -> tuple[Cause, ...]:
    """The causes of what did not pass, in the order of their first checks, consequences with what they follow from.

    What was not run, and what the grader failed at, comes last.
    """
    grouped: dict[Any, list[int]] = {}
    for i, finding in enumerate(findings):
        if finding.verdict is not Verdict.PASSED:
            grouped.setdefault(_key(finding), []).append(i)
    found = [Cause(key[0], tuple(places), _functions(findings[i] for i in places)) for key, places in grouped.items()]
    found.sort(key=lambda cause: (_is_last(findings[cause.checks[0]]), cause.checks))
    before = {id(cause): _origins(cause, found, findings) for cause in found}
    roots = {id(cause) for cause in found if not before[id(cause)]}
    follow: dict[int, list[Cause]] = {}
    for cause in found:
        if id(cause) not in roots:
            origin = next((one for one in before[id(cause)] if id(one) in roots), None)
            if origin is None:  # two that are made of each other: one has to be first
                roots.add(id(cause))
            else:
                follow.setdefault(id(origin), []).append(cause)
    return tuple(replace(cause, follow=tuple(follow.get(id(cause), ()))) for cause in found if id(cause) in roots)


def is_missing(finding: Finding) -> bool:
    """Whether a function is not written yet, or not there."""
    text = finding.message
    return finding.verdict is Verdict.ERROR and (
        text.startswith("NotImplementedError") or re.match(r"\w+\.py defines no `", text) is not None
    )


def function_of(finding: Finding) -> str:
    """The function in which a check failed: where it raised, or else what was asked; none of what was not run."""
    if finding.verdict is Verdict.BLOCKED:
        return ""
    line = finding.line
    if finding.verdict in (Verdict.ERROR, Verdict.FORBIDDEN) and line is not None and line.function:
        return line.function.removesuffix(".__init__")
    missing = re.match(r"\w+\.py defines no `(\w+)`", finding.message)
    if missing:
        return missing[1]
    return finding.asked.function if finding.asked else ""


def _key(finding: Finding) -> tuple[Any, ...]:
    if finding.diagnosis is not None:
        return Kind.DIAGNOSIS, finding.diagnosis.mistake
    if is_missing(finding):
        return (Kind.MISSING,)
    function, line = function_of(finding), finding.line
    if finding.verdict in (Verdict.ERROR, Verdict.FORBIDDEN) and line is not None and line.number:
        return Kind.MESSAGE, finding.verdict, function, line.file, line.number
    if function and finding.verdict in (Verdict.TIMEOUT, Verdict.MEMORY):
        return Kind.MESSAGE, finding.verdict, function  # a loop without an end, whatever limit ended it
    return Kind.MESSAGE, finding.verdict, function, without_numbers(finding.message)


def without_numbers(message: str) -> str:
    """A message with its numbers removed: "`dx` is wrong in 25% of its elements" and "… all of …" are one."""
    text = re.sub(r"(?:over |under )?[-+]?\d[\d.,]*(?:e[-+]?\d+)?%?", "#", message)
    return re.sub(r"\ball(?= of its elements)", "#", text)


def _functions(findings: Iterable[Finding]) -> tuple[str, ...]:
    return tuple(name for name in dict.fromkeys(map(function_of, findings)) if name)


def _is_last(finding: Finding) -> int:
    return {Verdict.BLOCKED: 1, Verdict.INFRA: 2}.get(finding.verdict, 0)


def _origins(cause: Cause, every: Sequence[Cause], findings: Sequence[Finding]) -> list[Cause]:
    """What a cause may follow from: others in a function which all of its checks are built on."""
    if cause.kind is not Kind.MESSAGE or _is_last(findings[cause.checks[0]]):
        return []
    return [
        other
        for other in every
        if other is not cause
        and not _is_last(findings[other.checks[0]])
        and all(_is_built_on(findings[i], other.functions) for i in cause.checks)
    ]


def _is_built_on(finding: Finding, functions: Sequence[str]) -> bool:
    return (
        finding.asked is not None
        and function_of(finding) == finding.asked.function
        and any(name in finding.asked.built_on for name in functions)
    )
