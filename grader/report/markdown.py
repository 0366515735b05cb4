"""`report.md`. What a student wrote stands in code spans and code blocks only, where no Markdown is read."""

from __future__ import annotations

import re

from grader.judging.causes import Kind
from grader.outcome import Evidence, Example, Verdict
from grader.report import measured
from grader.report.bill import NOT_MARKED, bill, headline, not_marked, part_lines
from grader.report.cards import Card, Test, cards, place_of
from grader.report.evidence import LEVELS, drawing, facts
from grader.report.looks import LOOK, NOT_GRADED, tally
from grader.report.model import Report
from grader.report.text import count, out_of, plain, points

# What Markdown, its tables, strikethrough and formulas give a meaning; list markers only where they would start one.
_PUNCTUATION = re.compile(r"([\\`*_\[\]#|~$]|^[-+]|(?<=\d)[.)])")
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


def render(report: Report) -> str:
    """The report as Markdown (CommonMark with tables), ending in a newline."""
    blocks = [f"# {escape(report.title)}: {headline(report)}"]
    if report.withheld is None:
        blocks.append("**STAFF VIEW: do not hand out.**")
    blocks.append(f"Submission {code(report.submission)}")
    if report.score is None:
        blocks.append(f"**{NOT_GRADED}**")
    elif report.unmarked:
        blocks.append(f"**So far: {escape(not_marked(report))}.**")
    if report.problem:
        blocks.append(fence(report.problem))
    if report.notes:
        blocks.append("\n".join(["About what you handed in:", "", *(f"- {escape(note)}" for note in report.notes)]))
    blocks.append(_bill(report))
    blocks.append(_parts(report))
    blocks += [
        *_by_hand(report),
        _counts(report),
        *_lines(report),
        *_cards(report),
        *_passed(report),
        _provenance(report),
    ]
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


def fence(text: str, language: str = "text") -> str:
    """A code block that holds `text`, whatever fences it has."""
    text = plain(text)
    ticks = "`" * max(3, _longest_run(text) + 1)
    return f"{ticks}{language}\n{text}\n{ticks}"


def _longest_run(text: str) -> int:
    return max(map(len, re.findall("`+", text)), default=0)


def _bill(report: Report) -> str:
    rows = [
        f"| {escape(line.label)}{f': {escape(line.note)}' if line.note else ''} | {line.points} |"
        for line in bill(report)
    ]
    return "\n".join(["| What counts | Points |", "| --- | ---: |", *rows]) if rows else ""


def _parts(report: Report) -> str:
    scores = [NOT_MARKED if part.is_unmarked else out_of(part.score, part.max_score) for part in report.parts]
    rows = [f"| {escape(part.title)} | {score} |" for part, score in zip(report.parts, scores, strict=True)]
    return "\n".join(["| Part | Points |", "| --- | ---: |", *rows])


def _by_hand(report: Report) -> list[str]:
    """What people said of the parts that they mark."""
    said = [(part, part_lines(part)) for part in report.parts if part.by_hand and not part.is_unmarked]
    return [
        "\n".join([f"{escape(part.title)}:", "", *(f"- {escape(one)}" for one in lines)])
        for part, lines in said
        if lines
    ]


def _counts(report: Report) -> str:
    line = ", ".join(f"{number} {LOOK[verdict].tally}" for verdict, number in tally(c.verdict for c in report.checks))
    text = f"{count(len(report.checks), 'check')}: {line}." if report.checks else ""
    if report.withheld and report.withheld.checks:
        text += (
            f" {count(report.withheld.checks, 'more check')} worth {points(report.withheld.max_score)} points"
            " not shown here; the points above include them."
        )
    if report.since:
        won, lost = count(len(report.since.won), "check"), len(report.since.lost)
        text += f" Since {code(report.since.attempt)}: {won} won, {lost} lost."
    return text.strip()


def _lines(report: Report) -> list[str]:
    """What the student changed since the attempt before."""
    if report.since is None or not report.since.lines:
        return []
    return ["The lines that you changed:", fence("\n".join(report.since.lines), "diff")]


def _cards(report: Report) -> list[str]:
    made = cards(report)
    blocks = [block for card in made for block in _card(card, report)]
    return ["## Fix this first", *blocks] if made else []


def _card(card: Card, report: Report) -> list[str]:
    label = "Not written yet" if card.kind is Kind.MISSING else LOOK[card.verdict].label
    names = ", ".join(map(code, card.functions))
    costs = f"costs {points(card.lost)} points in " if card.lost else ""
    blocks = [
        f"### {card.number}. {escape(card.heading) or names}",
        f"**{label}**, {costs}{count(len(card.checks), 'check')}",
    ]
    if card.functions and card.heading and len(card.sections) < 2:
        blocks.append(names)
    if card.kind is Kind.DIAGNOSIS and card.first.diagnosis:
        blocks.append(f"> **What this looks like:** {prose(card.first.diagnosis.sentence)}")
    if card.message and not card.tells(report.problem):
        blocks.append(fence(card.message))
    if line := card.source:
        blocks.append(fence("\n".join(f"{n:>5}  {text}" for n, text in enumerate(line.around, line.first))))
    blocks += [_places(card), *(_example(card.example) if card.example else [])]
    blocks += ["\n".join(map(_test, card.tests)), *_first(card)]
    if card.follow:
        blocks += ["This may follow from it:", "\n".join(_test(test) for one in card.follow for test in one.tests)]
    if report.withheld is None:
        blocks += _for_staff(card)
    return [block for block in blocks if block]


def _places(card: Card) -> str:
    """The student's line, and where to read on."""
    if len(card.sections) > 1:
        return "\n".join(
            f"- handout, section “{escape(section)}”: {', '.join(map(code, names))}" for section, names in card.sections
        )
    places = [escape(place_of(card.line))] if card.line else []
    return "; ".join([*places, *(f"handout, section “{escape(section)}”" for section, _ in card.sections)])


def _example(example: Example) -> list[str]:
    blocks = [f"**The smallest example found:** {prose(example.says)}", fence(example.snippet, "python")]
    blocks.append(fence(f"yours:    {example.yours.text}\nexpected: {example.expected.text}"))
    return blocks


def _test(test: Test) -> str:
    right = f" Right for {', '.join(map(code, test.right))}." if test.right else ""
    wrong = f" Wrong for {', '.join(map(code, test.wrong))}." if test.wrong else ""
    lost = f" (−{points(test.lost)})" if test.lost else ""
    return f"- {prose(test.sentence)}{lost}{right}{wrong}"


def _first(card: Card) -> list[str]:
    """How the first check asked, and what was wrong with the answer: those that follow say much the same."""
    if card.kind is Kind.MISSING:
        return []
    shown = next((check for check in card.checks if check.evidence or check.measurement), card.first)
    blocks = [f"The first of them, {code(shown.name)}:" if len(card.checks) > 1 else ""]
    if shown.asked and shown.asked.call:
        blocks.append(fence(shown.asked.call))
    if shown.evidence:
        blocks += _evidence(shown.evidence)
    if shown.measurement:
        blocks.append("\n".join(f"- {label}: {code(value)}" for label, value in measured.facts(shown.measurement)))
        blocks.append(escape(measured.advice(shown.measurement)))
    return blocks if len(blocks) > 1 else []


def _for_staff(card: Card) -> list[str]:
    told = [check for one in (card, *card.follow) for check in one.checks if check.staff_detail]
    return [block for check in told for block in (f"For staff, {code(check.name)}:", fence(check.staff_detail or ""))]


def _evidence(evidence: Evidence) -> list[str]:
    blocks = ["\n".join(f"- {label}: {code(value)}" for label, value in facts(evidence))]
    if len(evidence.error_map) > 1 or any(len(row) > 1 for row in evidence.error_map):
        blocks += [
            f"Rows and columns of the error ({LEVELS}):",
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
