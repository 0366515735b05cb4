"""`grader similar`: pairs of submissions that share much code, as a list to look at and a page."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from grader.collect.collect import collect
from grader.collect.store import Store
from grader.commands.similar_page import render
from grader.commands.similarity import Pair, Work, known_sources, similar, work
from grader.errors import GraderError, UsageError
from grader.homework import Homework
from grader.intake.submission import Rejected
from grader.report.text import count, plain
from grader.report.write import write

FINE = 0
SHOWN = 20  # pairs in the terminal


def run(homework: Homework, paths: Sequence[Path], out: Path, share: float) -> int:
    """Compare everything at `paths`, print the pairs and write OUT/similar.html. Returns the exit code."""
    works, rejected = collected(homework, paths, out)
    if len(works) < 2:
        raise UsageError(f"two submissions at least are compared; {', '.join(map(str, paths))} holds {len(works)}")
    pairs = similar(works, known_sources(homework), share)
    page = out / "similar.html"
    try:
        write(page, render(homework.assignment.title, works, pairs, rejected, share), mode=0o600)
    except OSError as error:
        raise GraderError(f"{page} cannot be written: {error.strerror}") from error
    _print(works, pairs, rejected, page)
    return FINE


def collected(homework: Homework, paths: Sequence[Path], out: Path) -> tuple[list[Work], list[Rejected]]:
    """What is at `paths`, taken in as `grader grade` does: a platform's download too."""
    works, rejected = [], []
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder))
        for one in collect(paths, homework.assignment, store, out).hand_ins:
            if one.problem:
                rejected.append(Rejected(one.name, one.origin, one.problem))
            else:
                works.append(work(store.get(one.sha256, one.name, one.origin)))
    return works, rejected


def _print(works: Sequence[Work], pairs: Sequence[Pair], rejected: Sequence[Rejected], page: Path) -> None:
    console = Console()
    if pairs:
        table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
        for column in ("Share", "Lines", "Submissions"):
            table.add_column(column, justify="left" if column == "Submissions" else "right")
        for pair in pairs[:SHOWN]:
            names = Text(f"{plain(pair.first.name)}, {plain(pair.second.name)}")
            table.add_row(f"{pair.share:.0%}", str(max(len(pair.first_lines), len(pair.second_lines))), names)
        console.print(table)
    for one in rejected:
        console.print(f"not compared: {plain(one.name)}: {plain(one.reason)}", style="yellow", markup=False)
    more = f", {SHOWN} of them above" if len(pairs) > SHOWN else ""
    said = f"{count(len(pairs), 'pair')} of {len(works):,} submissions to look at{more}."
    console.print(f"{said} That code is alike proves nothing.", highlight=False)
    console.print(str(page), markup=False, highlight=False, soft_wrap=True)
