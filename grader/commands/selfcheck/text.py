"""The self-check's matrix in a terminal: a line per solution, a character per check."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.text import Text

from grader.commands.selfcheck.matrix import Cell, Matrix, cells
from grader.report.text import count, plain, points
from grader.seed import Seed

MARK = {
    Cell.PASSED: ("·", "dim"),
    Cell.DIAGNOSED: ("■", "green"),
    Cell.LOST: ("□", "green"),
    Cell.ASTRAY: ("✗", "bold red"),
    Cell.BLOCKED: ("-", "dim"),
    Cell.UNREACHED: (" ", "dim"),
    Cell.UNJUDGED: ("?", "bold red"),
}


def show(console: Console, matrix: Matrix) -> None:
    """Print the matrix, a character per check, and what falls short; parts fold whole where the console is narrow."""
    sizes = Counter(check.part for check in matrix.checks)
    longest = max((len(row.name) for row in matrix.rows), default=0)
    score = max((len(points(row.score)) for row in matrix.rows), default=0)
    room = sum(sizes.values()) + len(sizes)
    name = min(longest, max(min(24, console.width // 3), console.width - room - score - 4))
    lines = _fold(sizes, console.width - name - score - 4)
    margin = " " * (name + score + 4)
    numbers = {part: str(number) for number, part in enumerate(sizes, 1)}
    console.print(Text(f"{matrix.homework}  {'  '.join(f'{numbers[part]}:{part}' for part in sizes)}", "bold"))
    for parts in lines:
        _line(console, Text(margin + " ".join(numbers[part].ljust(sizes[part]) for part in parts), "bold"))
    for row in matrix.rows:
        start = f"{_crop(row.name, name):<{name}}  {points(row.score):>{score}}  "
        found = list(zip((check.part for check in matrix.checks), cells(matrix, row), strict=True))
        for parts in lines:
            _line(console, Text(start).append_text(Text(" ").join(_strip(found, part) for part in parts)))
            start = margin
    console.print(Text("  ".join(f"{MARK[cell][0].strip() or '(blank)'} {cell}" for cell in Cell), "dim"))
    _faults(console, matrix)
    console.print(conclusion(matrix), style="red" if matrix.faults else "green", highlight=False)


def show_faults(console: Console, matrices: Sequence[Matrix], seed: Seed) -> None:
    """Print last, where a log that was cut off still has it, what falls short of all that, and how to see it again."""
    faulty = [matrix for matrix in matrices if matrix.faults]
    if not faulty:
        return
    if len(matrices) > 1:
        for matrix in faulty:
            console.print(conclusion(matrix), style="red", highlight=False)
            _faults(console, matrix)
    names = " ".join(matrix.homework for matrix in faulty)
    command = f"grader selfcheck {names} --seed {seed.secret.hex()}"
    console.print(f"Again with the same inputs: {command}", highlight=False, soft_wrap=True)  # to be copied


def _faults(console: Console, matrix: Matrix) -> None:
    for note in matrix.notes:
        console.print(f"note: {plain(note)}", style="yellow", markup=False, highlight=False)
    for fault in matrix.faults:
        console.print(f"falls short: {plain(fault)}", style="bold red", markup=False, highlight=False)


def _fold(sizes: Mapping[str, int], room: int) -> list[list[str]]:
    """The parts in lines of at most `room` characters; a part that is longer has its own."""
    lines: list[list[str]] = []
    used = 0
    for part, size in sizes.items():
        if lines and used + 1 + size <= room:
            lines[-1].append(part)
            used += 1 + size
        else:
            lines.append([part])
            used = size
    return lines


def _strip(found: Sequence[tuple[str, Cell]], part: str) -> Text:
    return Text.assemble(*(MARK[cell] for of, cell in found if of == part))


def _line(console: Console, line: Text) -> None:
    line.rstrip()
    console.print(line, no_wrap=True, overflow="crop", crop=True)


def _crop(name: str, width: int) -> str:
    return name if len(name) <= width else name[: width - 1] + "…"


def conclusion(matrix: Matrix) -> str:
    """One sentence: whether the homework grades as declared, and what that was found on."""
    mistakes = sum(row.kind == "mistake" for row in matrix.rows)
    counts = [count(len(matrix.checks), "check"), f"{points(matrix.points)} points", count(mistakes, "mistake")]
    return f"{matrix.homework} {headline(matrix)} ({', '.join(counts)}, {matrix.seconds:.0f} s)"


def headline(matrix: Matrix) -> str:
    """Whether a homework "grades as declared", or "falls short in 2 ways"."""
    return f"falls short in {count(len(matrix.faults), 'way')}" if matrix.faults else "grades as declared"
