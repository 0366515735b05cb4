"""Classical item analysis of a class: how hard each check was, and whether it tells strong work from weak. Pure.

Submissions count if they have a grade and at least one of their checks could run: a file that does not import says
nothing about the checks. Formulas and sources: docs/gradebook.md.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from grader.gradebook.entry import Entry
from grader.outcome import Verdict
from grader.report.model import CheckReport, Report

DUST = 1e-9  # points: scores that differ by less are the same score
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Item:
    """A check, or a part, over all counted submissions."""

    name: str
    part: str
    sentence: str  # of a part: its title
    n: int  # submissions that have a score in it
    mean: float  # points
    max_score: float
    difficulty: float | None  # mean / max_score: 1 is "everybody has it"; None for an item of 0 points
    discrimination: float | None  # correlation with the rest of the submission's points, -1 to 1
    undefined: str = ""  # why there is no discrimination, a clause: "all 120 have 4 points"
    verdicts: Mapping[Verdict, float] = field(default_factory=dict)  # shares, adding up to 1; of a part: of its checks
    separates: bool = True  # whether any two submissions differ in it


@dataclass(frozen=True)
class Mistake:
    """A diagnosis and how many submissions have it."""

    name: str
    sentence: str  # as students read it
    students: int
    of: int
    parts: tuple[str, ...]  # where it was found
    shown: bool  # whether students could read it: False where every check with it is withheld or hides its errors


@dataclass(frozen=True)
class Analysis:
    """One homework's statistics."""

    assignment: str
    n: int  # submissions counted
    left_out: int  # those with a report that are not: without a grade, or nothing of theirs could be run
    checks: tuple[Item, ...]
    parts: tuple[Item, ...]
    mistakes: tuple[Mistake, ...]  # commonest first

    @property
    def flat(self) -> tuple[Item, ...]:
        """The checks that never separate anyone."""
        return tuple(item for item in self.checks if item.n > 1 and not item.separates)


def analyse(entries: Sequence[Entry], assignment: str) -> Analysis:
    """The statistics of one homework; other homeworks' entries are passed over."""
    own = sorted((entry for entry in entries if entry.assignment == assignment), key=lambda entry: entry.student.id)
    reports = [entry.report for entry in own if entry.report is not None]
    counted = [report for report in reports if counts(report)]
    known = _known_checks(counted)
    scores = _scores(counted, list(known))
    totals = np.nansum(scores, axis=1)
    tallies = _tallies(counted)
    checks = tuple(
        _item(check.name, check.part, check.sentence, check.max_score, scores[:, i], totals, _shares(tallies[name]))
        for i, (name, check) in enumerate(known.items())
    )
    return Analysis(
        assignment,
        len(counted),
        len(reports) - len(counted),
        checks,
        _parts(counted, known, scores, totals, tallies),
        _mistakes(counted),
    )


def counts(report: Report) -> bool:
    """Whether a submission says something about the checks."""
    return report.score is not None and any(check.verdict is not Verdict.BLOCKED for check in report.checks)


def discrimination(item: Floats, rest: Floats) -> float | None:
    """The item-rest correlation (Pearson's) of two columns of equal length; None where it is undefined."""
    if len(item) < 2 or flat(item) or flat(rest):
        return None
    a, b = item - item.mean(), rest - rest.mean()
    return float(np.clip((a @ b) / np.sqrt((a @ a) * (b @ b)), -1, 1))


def flat(column: Floats) -> bool:
    """Whether all of a column's values are the same, but for dust."""
    return len(column) == 0 or float(column.max() - column.min()) <= DUST


def _known_checks(reports: Sequence[Report]) -> dict[str, CheckReport]:
    """Every check that occurs, by name, in the suite's order."""
    known: dict[str, CheckReport] = {}
    for report in reports:
        for check in report.checks:
            known.setdefault(check.name, check)
    return known


def _scores(reports: Sequence[Report], names: Sequence[str]) -> Floats:
    """Submissions × checks, in points; NaN where a submission was graded without the check."""
    column = {name: i for i, name in enumerate(names)}
    scores = np.full((len(reports), len(names)), np.nan)
    for row, report in zip(scores, reports, strict=True):
        for check in report.checks:
            if check.score is not None:
                row[column[check.name]] = check.score
    return scores


def _item(
    name: str,
    part: str,
    sentence: str,
    max_score: float,
    column: Floats,
    totals: Floats,
    verdicts: Mapping[Verdict, float],
) -> Item:
    has = ~np.isnan(column)
    item, rest = column[has], (totals - column)[has]
    n = int(has.sum())
    mean = float(item.mean()) if n else 0.0
    known = discrimination(item, rest)
    return Item(
        name,
        part,
        sentence,
        n,
        mean,
        max_score,
        mean / max_score if n and max_score else None,
        known,
        "" if known is not None else _why_undefined(item, rest),
        verdicts,
        not flat(item),
    )


def _why_undefined(item: Floats, rest: Floats) -> str:
    if len(item) < 2:
        return "fewer than two submissions"
    if flat(item):
        return f"all {len(item):,} have {round(float(item[0]), 2):g} points"
    assert flat(rest)
    return "all have the same points in everything else"


def _parts(
    reports: Sequence[Report],
    known: Mapping[str, CheckReport],
    scores: Floats,
    totals: Floats,
    tallies: Mapping[str, Counter[Verdict]],
) -> tuple[Item, ...]:
    titles = {part.name: part for report in reports[:1] for part in report.parts}
    names = list(dict.fromkeys([*titles, *(check.part for check in known.values())]))
    items = []
    for name in names:
        own = [i for i, check in enumerate(known.values()) if check.part == name]
        if not own:
            continue
        column = scores[:, own]
        points = np.where(np.isnan(column).all(axis=1), np.nan, np.nansum(column, axis=1))
        worth = titles[name].max_score if name in titles else sum(list(known.values())[i].max_score for i in own)
        title = titles[name].title if name in titles else name
        verdicts = _shares(sum((tallies[list(known)[i]] for i in own), Counter()))
        items.append(_item(name, name, title, worth, points, totals, verdicts))
    return tuple(items)


def _tallies(reports: Sequence[Report]) -> dict[str, Counter[Verdict]]:
    """Check → how often each verdict."""
    tallies: dict[str, Counter[Verdict]] = defaultdict(Counter)
    for report in reports:
        for check in report.checks:
            tallies[check.name][check.verdict] += 1
    return tallies


def _shares(found: Counter[Verdict]) -> dict[Verdict, float]:
    """The share of each verdict that occurs, in `Verdict`'s order."""
    return {verdict: found[verdict] / found.total() for verdict in Verdict if found[verdict]}


def _mistakes(reports: Sequence[Report]) -> tuple[Mistake, ...]:
    sentences: dict[str, str] = {}
    students: Counter[str] = Counter()
    parts: dict[str, dict[str, None]] = {}
    shown: set[str] = set()
    for report in reports:
        own = [check for check in report.checks if check.diagnosis is not None]
        for check in own:
            assert check.diagnosis is not None
            name = check.diagnosis.mistake
            sentences.setdefault(name, check.diagnosis.sentence)
            parts.setdefault(name, {})[check.part] = None
            if check.visibility == "visible" and check.hide_errors is None:
                shown.add(name)
        students.update({check.diagnosis.mistake for check in own if check.diagnosis is not None})
    order = sorted(students, key=lambda name: (-students[name], name))
    return tuple(
        Mistake(name, sentences[name], students[name], len(reports), tuple(parts[name]), name in shown)
        for name in order
    )
