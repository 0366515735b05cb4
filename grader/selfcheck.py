"""`grader selfcheck`: the proof that a hidden suite grades as declared, by grading what has a known grade.

The reference and every alternative must get full marks, the starter none; every mistake must lose points in exactly
the parts that it names, and be diagnosed by its own name wherever it is diagnosed, at least once in each of its parts.
What students are given must hold nothing of what they are not.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path

from rich.console import Console
from rich.progress import track
from rich.text import Text

from grader import release, session
from grader.homework import Homework, Mistake, find_course, homework_names, load_homework
from grader.intake import Submission
from grader.outcome import Check, Grading, Verdict
from grader.report.text import count, plain, points
from grader.report.write import write
from grader.sandbox.tiers import open_sandbox
from grader.seed import Seed, parse_seed
from grader.spec import Assignment
from grader.training import Trainings

FINE, FALLS_SHORT = 0, 1
WIDTH = 120  # characters of a line where there is no terminal to ask


class Cell(StrEnum):
    """What one check says of one solution of known worth."""

    PASSED = "passed"
    DIAGNOSED = "lost and diagnosed"
    LOST = "lost"
    ASTRAY = "not as declared"  # lost, passed or diagnosed where it should not be
    BLOCKED = "not asked: what it is made of is wrong"
    UNJUDGED = "not judged"


MARK = {
    Cell.PASSED: ("·", "dim"),
    Cell.DIAGNOSED: ("■", "green"),
    Cell.LOST: ("□", "green"),
    Cell.ASTRAY: ("✗", "bold red"),
    Cell.BLOCKED: ("-", "dim"),
    Cell.UNJUDGED: ("?", "bold red"),
}


@dataclass(frozen=True)
class Row:
    """One graded solution of known worth: a row of the matrix."""

    kind: str  # "reference", "alternative", "starter" or "mistake"
    name: str
    score: float
    verdicts: tuple[Verdict, ...]  # one per check
    diagnoses: tuple[str, ...]  # one per check, "" where there is none
    parts: tuple[str, ...] = ()  # where it is declared to lose points
    family: str = ""  # the name that a mistake may be diagnosed by


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
    unexplained: frozenset[str] = frozenset()  # parts whose trainings are too long to be repeated on each mistake


def run(
    course: Path,
    names: Sequence[str],
    json_path: Path | None,
    html_path: Path | None,
    seed: str | None,
    tier: str | None,
    engine: str | None = None,
) -> int:
    """Self-check the named homeworks, or all. Returns 1 if anything falls short."""
    console = Console()
    if not console.is_terminal:
        console.width = WIDTH
    root = find_course(course)
    homeworks = [load_homework(root, name) for name in names or homework_names(root)]
    matrices = []
    for homework in homeworks:
        matrix = selfcheck(homework, parse_seed(seed), tier, console, engine)
        show(console, matrix)
        matrices.append(matrix)
    if json_path:
        write(json_path, json.dumps([as_json(matrix) for matrix in matrices], indent=1) + "\n")
    if html_path:
        from grader.report.matrix import render

        write(html_path, render(matrices))
    return FALLS_SHORT if any(matrix.faults for matrix in matrices) else FINE


def selfcheck(
    homework: Homework,
    seed: Seed,
    tier: str | None = None,
    console: Console | None = None,
    engine: str | None = None,
) -> Matrix:
    """Grade every solution of known worth and compare. Raises `SuiteError` where the suite cannot be used at all."""
    started = time.perf_counter()
    assignment = homework.assignment
    matrix = Matrix(assignment.name, assignment.title, assignment.points, ())
    try:
        matrix.checks, measuring = session.collect_measuring(homework)
    except session.SuiteFaults as error:  # it collects, but not as declared: nobody can be graded with it
        matrix.faults += error.faults
        return matrix
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
            _declared(assignment, kind, mistake),
            mistake.family if mistake else "",
        )
        matrix.rows.append(row)
        matrix.faults += _faults(matrix, row, mistake)

    submissions = [submission_of(homework, name, source) for _, name, _, source in solutions]
    if not homework.alternatives:
        matrix.faults.append("there is no alternative solution: nothing guards against failing a correct one")
    if not homework.mistakes:
        matrix.faults.append("there is no mistake: nothing shows that the suite catches one")
    matrix.faults += release.faults(homework)
    with open_sandbox(assignment, tier, engine=engine, seed=seed) as zygote:
        shown = track(submissions, f"{assignment.name}: self-check", console=console, transient=True)
        trainings = Trainings.calibrated(homework, seed)
        trainings.only_sound = True
        if not trainings.are_replayed:
            matrix.unexplained = frozenset(check.part for check in matrix.checks if check.name in measuring)
        graded = shown if console else submissions
        session.grade(homework, graded, zygote, on_graded=judge, seed=seed, trainings=trainings)
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


def _declared(assignment: Assignment, kind: str, mistake: Mistake | None) -> tuple[str, ...]:
    """The parts in which a solution is to lose points."""
    if mistake is not None:
        return mistake.parts
    return tuple(part.name for part in assignment.parts) if kind == "starter" else ()


def submission_of(homework: Homework, name: str, source: str) -> Submission:
    """A solution of staff's, as if it had been handed in."""
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
    # a training with parts that are wrong is not made: what it would come to is no business of the mistake's
    kept = (Verdict.PASSED, Verdict.BLOCKED)
    lost = {c.part for c, v in zip(matrix.checks, row.verdicts, strict=True) if v not in kept}
    named = {c.part for c, d in zip(matrix.checks, row.diagnoses, strict=True) if d}
    faults = [
        f"mistake {row.name} loses nothing in {part}: no check catches it there"
        for part in mistake.parts
        if part not in lost
    ]
    if lost - set(mistake.parts):
        faults.append(f"mistake {row.name} loses points in {', '.join(sorted(lost - set(mistake.parts)))} too")
    others = sorted(set(row.diagnoses) - {"", mistake.family})
    if others:
        faults.append(f"mistake {row.name} is diagnosed as {', '.join(others)}")
    missed = sorted(lost & set(mistake.parts) - named - matrix.unexplained)
    return faults + [f"mistake {row.name} is not diagnosed in {part}" for part in missed]


def cells(matrix: Matrix, row: Row) -> tuple[Cell, ...]:
    """What each check says of a row, in the order of the checks."""
    return tuple(
        _cell(row, check.part, verdict, diagnosis)
        for check, verdict, diagnosis in zip(matrix.checks, row.verdicts, row.diagnoses, strict=True)
    )


def _cell(row: Row, part: str, verdict: Verdict, diagnosis: str) -> Cell:
    if verdict is Verdict.INFRA:
        return Cell.UNJUDGED
    if verdict is Verdict.PASSED:
        return Cell.ASTRAY if row.kind == "starter" else Cell.PASSED
    if verdict is Verdict.BLOCKED and row.kind == "mistake":
        return Cell.BLOCKED
    if part not in row.parts or (row.kind == "mistake" and diagnosis not in ("", row.family)):
        return Cell.ASTRAY
    return Cell.DIAGNOSED if diagnosis else Cell.LOST


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
    console.print(Text("  ".join(f"{MARK[cell][0]} {cell}" for cell in Cell), "dim"))
    for fault in matrix.faults:
        console.print(f"falls short: {plain(fault)}", style="bold red", markup=False, highlight=False)
    console.print(conclusion(matrix), style="red" if matrix.faults else "green", highlight=False)


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


def as_json(matrix: Matrix) -> dict[str, object]:
    """The matrix as plain data."""
    return {
        "homework": matrix.homework,
        "points": matrix.points,
        "seconds": round(matrix.seconds, 3),
        "checks": [{"name": c.name, "part": c.part, "points": c.points} for c in matrix.checks],
        "rows": [asdict(row) for row in matrix.rows],
        "faults": matrix.faults,
    }
