"""`grader selfcheck`: the proof that a hidden suite grades as declared, by grading what has a known grade.

The reference and every alternative must get full marks, the starter none; every mistake must lose points in exactly
the parts that it names, and be diagnosed by its own name wherever it is diagnosed, at least once in each of its parts.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.progress import track
from rich.table import Table
from rich.text import Text

from grader import session
from grader.grading import parse_seed
from grader.homework import Homework, Mistake, find_course, homework_names, load_homework
from grader.intake import Submission
from grader.outcome import Check, Grading, Verdict
from grader.report.text import plain
from grader.report.write import write
from grader.sandbox.tiers import open_sandbox

FINE, FALLS_SHORT = 0, 1


@dataclass(frozen=True)
class Row:
    """One graded solution of known worth: a row of the matrix."""

    kind: str  # "reference", "alternative", "starter" or "mistake"
    name: str
    score: float
    verdicts: tuple[Verdict, ...]  # one per check
    diagnoses: tuple[str, ...]  # one per check, "" where there is none


@dataclass
class Matrix:
    """What the self-check of one homework found."""

    homework: str
    title: str
    points: float
    checks: tuple[Check, ...]
    rows: list[Row] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    seconds: float = 0.0


def run(
    course: Path,
    names: Sequence[str],
    json_path: Path | None,
    html_path: Path | None,
    seed: str | None,
    tier: str | None,
) -> int:
    """Self-check the named homeworks, or all. Returns 1 if anything falls short."""
    console = Console()
    root = find_course(course)
    homeworks = [load_homework(root, name) for name in names or homework_names(root)]
    matrices = []
    for homework in homeworks:
        matrix = selfcheck(homework, parse_seed(seed), tier, console)
        show(console, matrix)
        matrices.append(matrix)
    if json_path:
        write(json_path, json.dumps([as_json(matrix) for matrix in matrices], indent=1) + "\n")
    if html_path:
        from grader.report.matrix import render

        write(html_path, render(matrices))
    return FALLS_SHORT if any(matrix.faults for matrix in matrices) else FINE


def selfcheck(
    homework: Homework, seed: session.Seed, tier: str | None = None, console: Console | None = None
) -> Matrix:
    """Grade every solution of known worth and compare. Raises `SuiteError` where the suite cannot be used at all."""
    started = time.perf_counter()
    assignment = homework.assignment
    matrix = Matrix(assignment.name, assignment.title, assignment.points, session.collect(homework))
    solutions = _solutions(homework)
    pending = iter(solutions)

    def judge(grading: Grading) -> None:
        kind, name, mistake, _ = next(pending)
        row = Row(
            kind,
            name,
            sum(outcome.earned for outcome in grading.outcomes),
            tuple(outcome.verdict for outcome in grading.outcomes),
            tuple(outcome.diagnosis.mistake if outcome.diagnosis else "" for outcome in grading.outcomes),
        )
        matrix.rows.append(row)
        matrix.faults += _faults(matrix, row, mistake)

    submissions = [_submission(homework, name, source) for _, name, _, source in solutions]
    if not homework.alternatives:
        matrix.faults.append("there is no alternative solution: nothing guards against failing a correct one")
    if not homework.mistakes:
        matrix.faults.append("there is no mistake: nothing shows that the suite catches one")
    with open_sandbox(assignment, tier) as zygote:
        shown = track(submissions, f"{assignment.name}: self-check", console=console, transient=True)
        session.grade(homework, shown if console else submissions, zygote, on_graded=judge, seed=seed)
    matrix.seconds = time.perf_counter() - started
    return matrix


def _solutions(homework: Homework) -> list[tuple[str, str, Mistake | None, str]]:
    """(kind, name, mistake, source) of everything whose grade is known."""
    return [
        ("reference", "reference", None, homework.reference_source),
        *(("alternative", name, None, source) for name, source in homework.alternatives.items()),
        ("starter", "starter", None, homework.starter_source),
        *(("mistake", one.name, one, homework.wrong_source([one])) for one in homework.mistakes),
    ]


def _submission(homework: Homework, name: str, source: str) -> Submission:
    content = source.encode()
    return Submission(name, {homework.assignment.files[0]: content}, hashlib.sha256(content).hexdigest(), name)


def _faults(matrix: Matrix, row: Row, mistake: Mistake | None) -> list[str]:
    """A sentence for each way in which a row is not as declared."""
    infra = [check.name for check, verdict in zip(matrix.checks, row.verdicts, strict=True) if verdict is Verdict.INFRA]
    if infra:
        return [f"{row.kind} {row.name}: the grader itself failed in {', '.join(infra)}"]
    if mistake is not None:
        return _mistake_faults(matrix, row, mistake)
    if row.kind == "starter":
        passed = [c.name for c, v in zip(matrix.checks, row.verdicts, strict=True) if v is Verdict.PASSED]
        return [f"the starter passes {', '.join(passed)}, which it must not"] if passed else []
    failed = [
        f"{check.name} ({verdict})"
        for check, verdict in zip(matrix.checks, row.verdicts, strict=True)
        if verdict is not Verdict.PASSED
    ]
    return [f"{row.kind} {row.name} is correct, but fails {', '.join(failed)}"] if failed else []


def _mistake_faults(matrix: Matrix, row: Row, mistake: Mistake) -> list[str]:
    faults = []
    lost = {c.part for c, v in zip(matrix.checks, row.verdicts, strict=True) if v is not Verdict.PASSED}
    for part in mistake.parts:
        if part not in lost:
            faults.append(f"mistake {row.name} loses nothing in {part}: no check catches it there")
    if lost - set(mistake.parts):
        faults.append(f"mistake {row.name} loses points in {', '.join(sorted(lost - set(mistake.parts)))} too")
    others = sorted(set(row.diagnoses) - {"", mistake.family})
    if others:
        faults.append(f"mistake {row.name} is diagnosed as {', '.join(others)}")
    for part in sorted(lost & set(mistake.parts)):
        if not any(d for c, d in zip(matrix.checks, row.diagnoses, strict=True) if c.part == part):
            faults.append(f"mistake {row.name} is not diagnosed in {part}")
    return faults


def show(console: Console, matrix: Matrix) -> None:
    """Print the matrix, a character per check, and what falls short."""
    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(matrix.homework)
    table.add_column("score", justify="right")
    parts = list(dict.fromkeys(check.part for check in matrix.checks))
    for part in parts:
        table.add_column(part, no_wrap=True)
    for row in matrix.rows:
        table.add_row(Text(row.name), f"{row.score:g}", *(_strip(matrix, row, part) for part in parts))
    console.print(table)
    console.print("one character per check: · passed, ■ lost and diagnosed, □ lost", style="dim")
    for fault in matrix.faults:
        console.print(f"falls short: {plain(fault)}", style="bold red", markup=False, highlight=False)
    console.print(_conclusion(matrix), style="red" if matrix.faults else "green", highlight=False)


def _strip(matrix: Matrix, row: Row, part: str) -> Text:
    strip = Text()
    for check, verdict, diagnosis in zip(matrix.checks, row.verdicts, row.diagnoses, strict=True):
        if check.part != part:
            continue
        if verdict is Verdict.PASSED:
            strip.append("·", "green")
        else:
            strip.append("■" if diagnosis else "□", "red")
    return strip


def _conclusion(matrix: Matrix) -> str:
    mistakes = sum(row.kind == "mistake" for row in matrix.rows)
    counts = f"{len(matrix.checks)} checks, {matrix.points:g} points, {mistakes} mistakes, {matrix.seconds:.0f} s"
    if matrix.faults:
        return f"{matrix.homework} falls short in {len(matrix.faults)} ways ({counts})"
    return f"{matrix.homework} grades as declared ({counts})"


def as_json(matrix: Matrix) -> dict[str, object]:
    """The matrix as plain data."""
    return {
        "homework": matrix.homework,
        "points": matrix.points,
        "seconds": round(matrix.seconds, 3),
        "checks": [{"name": c.name, "part": c.part, "points": c.points} for c in matrix.checks],
        "rows": [
            {
                "kind": r.kind,
                "name": r.name,
                "score": r.score,
                "verdicts": list(r.verdicts),
                "diagnoses": list(r.diagnoses),
            }
            for r in matrix.rows
        ],
        "faults": matrix.faults,
    }
