"""Reports on a terminal. Every cell is a `Text` of cleaned characters: markup and control codes are inert."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from grader.judging.causes import Kind
from grader.outcome import Verdict
from grader.report.bill import NOT_MARKED, bill, headline
from grader.report.cards import Card, cards
from grader.report.evidence import drawing, facts
from grader.report.looks import LOOK, NOT_GRADED, tally
from grader.report.model import Report
from grader.report.text import count, out_of, plain, points


def summary(reports: Iterable[Report], width: int = 200) -> Table:
    """Many submissions of one assignment, a row each: name, score, parts, verdicts, seconds.

    The parts are left out where a terminal of `width` columns has no room for them.
    """
    reports = list(reports)
    shown = reports[0].parts if reports else ()
    if 75 + sum(len(part.name) + 2 for part in shown) > width:
        shown = ()
    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("Submission", overflow="fold", min_width=16)
    table.add_column("Score", justify="right", no_wrap=True)
    for part in shown:
        table.add_column(_text(part.name), justify="right")
    table.add_column("Checks")
    table.add_column("Seconds", justify="right")
    for report in reports:
        score = Text("not graded", LOOK[Verdict.INFRA].terminal) if report.score is None else _score(report)
        parts = [Text(NOT_MARKED if part.is_unmarked else points(part.score)) for part in report.parts[: len(shown)]]
        table.add_row(
            _text(report.submission),
            score,
            *parts,
            _tally(report).append_text(_changes(report)),
            f"{report.provenance.seconds:.2f}",
        )
    return table


def single(report: Report) -> Group:
    """One submission in full: score, parts, what went wrong, and how many checks passed."""
    head = Text.assemble((plain(report.title, one_line=True), "bold"), "  ", plain(report.submission, one_line=True))
    blocks: list[RenderableType] = [head, _headline(report)]
    if report.problem:
        blocks.append(Panel(Text(plain(report.problem)), border_style="red"))
    for line in bill(report):
        note = f"  {line.note}" if line.note else ""
        blocks.append(Text(f"{line.label}: {line.points}{note}"))
    blocks += [_parts(report), Text()]
    blocks += [_card(card, report) for card in cards(report)]
    blocks.append(_tally(report))
    if report.withheld and report.withheld.checks:
        more = count(report.withheld.checks, "more check")
        worth = points(report.withheld.max_score)
        blocks.append(Text(f"{more} worth {worth} points not shown here; the points above include them.", "dim"))
    return Group(*blocks)


def _headline(report: Report) -> Text:
    return Text(NOT_GRADED, LOOK[Verdict.INFRA].terminal) if report.score is None else _score(report)


def _score(report: Report) -> Text:
    full = report.final is not None and report.final >= report.max_score
    return Text(headline(report), "bold green" if full else "bold")


def _parts(report: Report) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    for part in report.parts:
        score = NOT_MARKED if part.is_unmarked else out_of(part.score, part.max_score)
        table.add_row(_text(part.title), Text(score, justify="right"))
    return table


def _card(card: Card, report: Report) -> RenderableType:
    look = LOOK[card.verdict]
    names = ", ".join(card.functions) or card.heading
    costs = f"costs {points(card.lost)} points in " if card.lost else ""
    head = Text.assemble(
        ("Not written yet" if card.kind is Kind.MISSING else look.label, look.terminal),
        f"  {plain(names, one_line=True)}  ({costs}{count(len(card.checks), 'check')})",
    )
    lines = []
    if card.kind is Kind.DIAGNOSIS and card.first.diagnosis:
        lines.append(Text(f"What this looks like: {plain(card.first.diagnosis.sentence)}", "bold"))
    if card.message and not card.tells(report.problem):
        lines.append(Text(plain(card.message)))
    if card.example:
        lines.append(Text(f"The smallest example found: {plain(card.example.says)}"))
        lines.append(Text(plain(card.example.snippet), "dim"))
        lines.append(Text(plain(f"yours:    {card.example.yours.text}\nexpected: {card.example.expected.text}")))
    for test in card.tests:
        wrong = f"  (wrong for {', '.join(test.wrong)})" if test.wrong else ""
        lines.append(Text(plain(f"- {test.sentence}{wrong}", one_line=True)))
    if card.evidence:
        lines.append(Text("\n".join(f"{label}: {plain(value)}" for label, value in facts(card.evidence)), "dim"))
        if card.evidence.error_map:
            lines.append(Text(drawing(card.evidence.error_map)))
    if card.follow:
        more = count(sum(len(one.checks) for one in card.follow), "check")
        lines.append(Text(f"This may follow from it: {more}", "dim"))
    return Padding(Group(head, *(Padding(line, (0, 0, 0, 2)) for line in lines)), (0, 0, 1, 0))


def _tally(report: Report) -> Text:
    counts = [(LOOK[verdict], number) for verdict, number in tally(check.verdict for check in report.checks)]
    return Text(", ").join(Text(f"{number} {look.tally}", look.terminal) for look, number in counts)


def _changes(report: Report) -> Text:
    """Why a row's score is not the sum of its checks: lateness, adjustments; and what the attempt won and lost."""
    changes = bill(report)[1:-1]
    text = "".join(f"; {line.label[0].lower()}{line.label[1:]} {line.points}" for line in changes)
    if report.since:
        text += f"; {len(report.since.won)} won and {len(report.since.lost)} lost since {report.since.attempt}"
    return Text(plain(text, one_line=True), "yellow")


def _text(text: str) -> Text:
    return Text(plain(text, one_line=True))
