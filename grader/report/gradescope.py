"""Gradescope's `results.json`, made from the staff's report.

Hidden checks are in it with their visibility, for Gradescope withholds them itself; staff details, the seed and
errors that a check hides are not. Gradescope hides the total while any test is hidden: that is its own rule.
https://gradescope-autograders.readthedocs.io/en/latest/specs/
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from grader.outcome import Verdict
from grader.report import measured
from grader.report.bill import bill, not_marked, part_lines
from grader.report.build import shown_message
from grader.report.evidence import LEVELS, drawing, facts
from grader.report.looks import LOOK, NOT_GRADED
from grader.report.model import CheckReport, PartReport, Report
from grader.report.text import plain, shorten

CHARACTERS = 100_000  # what Gradescope takes; longer outputs are cut without a word
VISIBILITIES = frozenset({"visible", "hidden", "after_due_date", "after_published"})


def render(report: Report, extra: Mapping[str, Any] | None = None) -> str:
    """results.json, strict JSON of fewer than `CHARACTERS` characters. Without a score where the grader failed.

    `extra` is for staff's eyes, too: Gradescope shows its `extra_data` to nobody.
    """
    rows = results(report)
    rows["extra_data"] |= extra or {}
    text = _json(rows)
    limit = CHARACTERS // 2
    while len(text) >= CHARACTERS and limit > 40:
        cut = [test | {"output": shorten(test["output"], limit)} for test in rows["tests"]]
        text = _json(rows | {"tests": cut})
        limit //= 2
    return text


def refused(reason: str, score: float, leaderboard: Sequence[object] = ()) -> str:
    """results.json of a submission that was not graded, for `reason`: score and places are the ones from before.

    Gradescope takes the newest submission for the one that counts.
    """
    return _json(
        {
            "score": score,
            "output": plain(reason),
            "output_format": "text",
            "visibility": "visible",
            "stdout_visibility": "hidden",
            "extra_data": {"refused": True},
            **({"leaderboard": list(leaderboard)} if leaderboard else {}),
        }
    )


def failed() -> str:
    """results.json where the grader could not do its work: without a score, which Gradescope takes for its failure."""
    return _json({"output": NOT_GRADED, "output_format": "text", "stdout_visibility": "hidden", "tests": []})


def results(report: Report) -> dict[str, Any]:
    """The content of results.json before it is cut to length."""
    top: dict[str, Any] = {"output": _summary(report)} if _summary(report) else {}
    if report.score is not None:
        top["score"] = report.so_far
    return top | {
        "output_format": "text",
        "execution_time": float(report.provenance.seconds),
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": [
            *(_test(check, graded=report.score is not None) for check in report.checks),
            *(_by_hand(part) for part in report.parts if part.by_hand),
        ],
        **_leaderboard(report),
        "extra_data": {
            "assignment": report.assignment,
            "parts": {part.name: part.score for part in report.parts},
            "provenance": asdict(report.provenance),
        },
    }


def _leaderboard(report: Report) -> dict[str, Any]:
    places = [check.place for check in report.checks if check.place is not None]
    rows = [{"name": one.column, "value": one.value, "order": one.order} for one in places]
    return {"leaderboard": rows} if rows else {}


def output(check: CheckReport) -> str:
    """What a student reads below the check's sentence."""
    blocks = [] if check.verdict is Verdict.PASSED else [f"{LOOK[check.verdict].label}."]
    blocks.append(plain(shown_message(check)))
    if check.hide_errors is None and check.diagnosis:
        blocks.append(f"What this looks like: {check.diagnosis.sentence}")
    if check.hide_errors is None and check.evidence:
        blocks.append("\n".join(f"{label}: {plain(value)}" for label, value in facts(check.evidence)))
        if check.evidence.error_map:
            blocks.append(f"Error map ({LEVELS}):\n{drawing(check.evidence.error_map)}")
    if check.hide_errors is None and check.measurement:
        blocks.append("\n".join(f"{label}: {value}" for label, value in measured.facts(check.measurement)))
    return "\n\n".join(block for block in blocks if block)


def _summary(report: Report) -> str:
    lines = [NOT_GRADED] if report.score is None else []
    lines += [f"So far: {not_marked(report)}."] if report.unmarked else []
    lines += [
        f"{line.label}: {line.points}{f'. {line.note}' if line.note else ''}" for line in bill(report, names=False)
    ]
    lines += [plain(note, one_line=True) for note in report.notes]
    return "\n".join([*lines, plain(report.problem)] if report.problem else lines)


def _test(check: CheckReport, *, graded: bool) -> dict[str, Any]:
    test: dict[str, Any] = {
        "name": plain(check.sentence or check.name, one_line=True),
        "name_format": "text",
    }
    if check.number is not None:
        test["number"] = check.number
    if graded:
        test["score"] = check.score
        test["max_score"] = check.max_score
    return test | {
        "status": "passed" if check.verdict is Verdict.PASSED else "failed",
        "output": output(check),
        "output_format": "text",
        # Gradescope refuses words it does not know; what is not known to be visible is hidden.
        "visibility": check.visibility if check.visibility in VISIBILITIES else "hidden",
        "tags": [check.part, *check.tags],
        "extra_data": {"check": check.name, "verdict": check.verdict.value},
    }


def _by_hand(part: PartReport) -> dict[str, Any]:
    """A part that people mark, as one of the tests; without points before it is marked."""
    scores = {} if part.is_unmarked else {"score": part.score, "max_score": part.max_score, "status": "passed"}
    return scores | {
        "name": plain(part.title, one_line=True),
        "name_format": "text",
        "output": "\n".join(part_lines(part, names=False)),
        "output_format": "text",
        "visibility": "visible",
        "tags": [part.name],
    }


def _json(rows: dict[str, Any]) -> str:
    return json.dumps(rows, ensure_ascii=False, allow_nan=False)
