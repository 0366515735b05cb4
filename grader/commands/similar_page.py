"""The page of similar pairs, side by side: one file, no script, every line of code escaped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from jinja2 import Template

from grader.commands.similarity import LEAST, Pair, Work
from grader.intake.submission import Rejected
from grader.report.page import environment, policy, sheet
from grader.report.text import count

SHOWN = 50  # pairs on the page
CONTEXT = 3  # lines around shared ones; the rest is folded away


@dataclass(frozen=True)
class Piece:
    """Lines in a row, shown or folded."""

    lines: tuple[tuple[int, str, bool], ...]  # number, text, whether it is shared
    folded: bool


def render(title: str, works: Sequence[Work], pairs: Sequence[Pair], rejected: Sequence[Rejected], share: float) -> str:
    """These pairs as an HTML page, for staff."""
    style = sheet("report.css", "similar.css")
    page = _template().render(
        title=title,
        works=works,
        pairs=pairs[:SHOWN],
        left_out=max(len(pairs) - SHOWN, 0),
        found=len(pairs),
        rejected=rejected,
        cut=[work for work in works if work.cut],
        share=share,
        least=LEAST,
        sheet=style,
        policy=policy(style),
    )
    return page + "\n"


def pieces(work: Work, shared: frozenset[int]) -> list[Piece]:
    """A submission's lines, those far from anything shared folded away."""
    near = {line + step for line in shared for step in range(-CONTEXT, CONTEXT + 1)}
    made: list[Piece] = []
    run: list[tuple[int, str, bool]] = []
    lines = work.lines
    for number, text in enumerate(lines, start=1):
        run.append((number, text, number in shared))
        if number == len(lines) or (number in near) != (number + 1 in near):
            made.append(Piece(tuple(run), number not in near))
            run = []
    return made


@cache
def _template() -> Template:
    made = environment()
    made.globals |= {"count": count, "pieces": pieces}
    return made.get_template("similar.html.j2")
