"""`report.md`. What a student wrote stands in code spans and code blocks only, where no Markdown is read."""

from __future__ import annotations

import re

from grader.outcome import Evidence, Verdict
from grader.report import measured
from grader.report.bill import bill
from grader.report.evidence import drawing, facts
from grader.report.looks import LOOK, NOT_GRADED, tally
from grader.report.model import CheckReport, Report
from grader.report.text import count, out_of, plain, points

# What Markdown, its tables, strikethrough and formulas give a meaning; list markers only where they would start one.
_PUNCTUATION = re.compile(r"([\\`*_\[\]#|~$]|^[-+]|(?<=\d)[.)])")
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


def render(report: Report) -> str:
    """The report as Markdown (CommonMark with tables), ending in a newline."""
    blocks = [f"# {escape(report.title)}: {out_of(report.final, report.max_score)}"]
    if report.withheld is None:
        blocks.append("**STAFF VIEW: do not hand out.**")
    blocks.append(f"Submission {code(report.submission)}")
    if report.score is None:
        blocks.append(f"**{NOT_GRADED}**")
    if report.problem:
        blocks.append(fence(report.problem))
    if report.notes:
        blocks.append("\n".join(["About what you handed in:", "", *(f"- {escape(note)}" for note in report.notes)]))
    blocks.append(_bill(report))
    blocks.append(_parts(report))
    blocks += [_counts(report), *_failed(report), *_passed(report), _provenance(report)]
    return "\n\n".join(block for block in blocks if block) + "\n"


def prose(text: str) -> str:
    """Staff's text on one line, with `backticked` words as code."""
    pieces = re.split(r"`([^`]+)`", plain(text, one_line=True).strip())
    return "".join(code(piece) if i % 2 else escape(piece) for i, piece in enumerate(pieces))


def escape(text: str) -> str:
    """Staff's text on one line that Markdown shows as it is."""
    return _PUNCTUATION.sub(r"\\\1", plain(text, one_line=True)).translate(_ENTITIES)


def code(text: str) -> str:
    """A code span that holds `text`, whatever backticks it has."""
    text = plain(text, one_line=True)
    if not text.strip():
        return "(nothing)"
    ticks = "`" * (_longest_run(text) + 1)
    space = " " if "`" in text or text != text.strip() else ""
    return f"{ticks}{space}{text}{space}{ticks}"


def fence(text: str) -> str:
    """A code block that holds `text`, whatever fences it has."""
    text = plain(text)
    ticks = "`" * max(3, _longest_run(text) + 1)
    return f"{ticks}text\n{text}\n{ticks}"


def _longest_run(text: str) -> int:
    return max(map(len, re.findall("`+", text)), default=0)


def _bill(report: Report) -> str:
    rows = [
        f"| {escape(line.label)}{f': {escape(line.note)}' if line.note else ''} | {line.points} |"
        for line in bill(report)
    ]
    return "\n".join(["| What counts | Points |", "| --- | ---: |", *rows]) if rows else ""


def _parts(report: Report) -> str:
    rows = [f"| {escape(part.title)} | {out_of(part.score, part.max_score)} |" for part in report.parts]
    return "\n".join(["| Part | Points |", "| --- | ---: |", *rows])


def _counts(report: Report) -> str:
    line = ", ".join(f"{number} {LOOK[verdict].tally}" for verdict, number in tally(c.verdict for c in report.checks))
    text = f"{count(len(report.checks), 'check')}: {line}." if report.checks else ""
    if report.withheld and report.withheld.checks:
        text += (
            f" {count(report.withheld.checks, 'more check')} worth {points(report.withheld.max_score)} points"
            " not shown here; the points above include them."
        )
    return text.strip()


def _failed(report: Report) -> list[str]:
    failed = [check for check in report.checks if check.verdict is not Verdict.PASSED]
    return ["## What to look at", *(block for check in failed for block in _check(check))] if failed else []


def _check(check: CheckReport) -> list[str]:
    score = out_of(check.score, check.max_score)
    blocks = [f"### {prose(check.sentence or check.name)}", f"**{LOOK[check.verdict].label}**, {score} points"]
    if check.diagnosis:
        blocks.append(f"> **What this looks like:** {prose(check.diagnosis.sentence)}")
    if check.message:
        blocks.append(fence(check.message))
    if check.evidence:
        blocks += _evidence(check.evidence)
    if check.measurement:
        blocks.append("\n".join(f"- {label}: {code(value)}" for label, value in measured.facts(check.measurement)))
    if check.staff_detail:
        blocks += ["For staff:", fence(check.staff_detail)]
    return blocks


def _evidence(evidence: Evidence) -> list[str]:
    blocks = ["\n".join(f"- {label}: {code(value)}" for label, value in facts(evidence))]
    if len(evidence.error_map) > 1 or any(len(row) > 1 for row in evidence.error_map):
        blocks += [
            "Rows and columns of the error (· is within tolerance, 9 is worst):",
            fence(drawing(evidence.error_map)),
        ]
    return blocks


def _passed(report: Report) -> list[str]:
    passed = [check for check in report.checks if check.verdict is Verdict.PASSED]
    rows = [f"- {prose(check.sentence or check.name)} ({points(check.score)})" for check in passed]
    return ["## Passed", "\n".join(rows)] if passed else []


def _provenance(report: Report) -> str:
    facts_of_run = report.provenance
    rows = [
        ("submission", facts_of_run.submission_sha256),
        ("suite", facts_of_run.suite_sha256),
        ("seed", facts_of_run.seed_id),
        ("isolation", facts_of_run.isolation),
        ("device", facts_of_run.device),
        ("Python, torch", f"{facts_of_run.python}, {facts_of_run.torch}"),
        ("started", facts_of_run.started_at),
    ]
    return "## How this was graded\n\n" + "\n".join(f"- {label}: {code(value)}" for label, value in rows)
