"""`grader selfcheck`: the proof that a hidden suite grades as declared, by grading what has a known grade.

The reference and every alternative must get full marks, the starter none; every mistake must lose points in exactly
the parts that it names, and be diagnosed by its own name wherever it is diagnosed, at least once in each of its parts.
The students' files must contain nothing secret. A mistake is asked the checks of those parts alone that it can change,
see `reach`; where the whole is asked for, all of them.
"""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, wait
from dataclasses import replace
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from grader.commands import release
from grader.commands.selfcheck import cell as cells
from grader.commands.selfcheck import handed_out, known
from grader.commands.selfcheck.matrix import Matrix, Row, as_json
from grader.commands.selfcheck.own_errors import OwnErrors
from grader.commands.selfcheck.page import render
from grader.commands.selfcheck.public import PublicChecks
from grader.commands.selfcheck.reach import Reach
from grader.commands.selfcheck.text import show, show_faults
from grader.errors import UsageError
from grader.homework import Homework, Mistake, find_course, homework_names, load_homework
from grader.intake.submission import Submission
from grader.judging import session
from grader.judging.bridge.examination import RecordedCall
from grader.judging.bridge.forecast import faults as forecast_faults
from grader.judging.checks import SuiteFaults
from grader.judging.plugin import Partly
from grader.judging.training import Trainings
from grader.outcome import Check, Grading, Outcome, Verdict
from grader.report.write import write
from grader.run.pool import worker_count
from grader.sandbox.opening import open_sandbox
from grader.sandbox.where import ANYWHERE, WhereToGrade
from grader.seed import Seed, parse_seed
from grader.spec import Assignment, Training

FINE, FALLS_SHORT = 0, 1
UNNAMED_AT_MOST = 0.05  # share of all parts of mistakes in which no sentence may be given
PATIENCE = 3  # times a training's limit: what is proven here is the suite, and not how fast this machine is
HURRIED = 0.5  # of a training's limit: where a correct solution takes more, a student's may run out of time
WIDTH = 120  # characters of a line where there is no terminal to ask


def run(
    course: Path,
    names: Sequence[str],
    json_path: Path | None,
    html_path: Path | None,
    seed: str | None,
    where: WhereToGrade = ANYWHERE,
    jobs: int | None = None,
    *,
    whole: bool = False,
) -> int:
    """Self-check homeworks, all if none is named, `jobs` at a time (None: one per core).

    `whole`: every mistake is asked every check. Returns 1 if anything falls short.
    """
    console = Console()
    if not console.is_terminal:
        console.width = WIDTH
    root = find_course(course)
    names = names or homework_names(root)
    if not names:
        raise UsageError(f"{root / 'assignments'} holds no homework, so nothing is proven: grader new homework NAME")
    homeworks = [load_homework(root, name) for name in names]
    matrices = []
    drawn = parse_seed(seed)
    judge = partial(selfcheck, seed=drawn, where=where, whole=whole)
    try:
        for matrix in _matrices(homeworks, judge, worker_count(jobs, len(homeworks)), console):
            show(console, matrix)
            matrices.append(matrix)
    finally:  # also where a later homework's suite cannot be used, or nobody waits for it
        show_faults(console, matrices, drawn)
    if json_path:
        write(json_path, json.dumps([as_json(matrix) for matrix in matrices], indent=1) + "\n")
    if html_path:
        write(html_path, render(matrices))
    return FALLS_SHORT if any(matrix.faults for matrix in matrices) else FINE


def cell(course: Path, name: str, solution: str, check: str, seed: str | None, where: WhereToGrade) -> int:
    """Grade one solution by the checks of one name, and show all that is known. Returns 1 if one is not passed."""
    homework = load_homework(find_course(course), name)
    return cells.run(homework, solution, check, parse_seed(seed), where, Console())


def _matrices(
    homeworks: Sequence[Homework], judge: Callable[..., Matrix], workers: int, console: Console
) -> Iterator[Matrix]:
    """What each homework's self-check finds, in their order, under one progress bar."""
    total = sum(len(known.solutions(homework)) for homework in homeworks)
    with Progress(console=console, transient=True) as progress:
        bar = progress.add_task("self-check", total=total)
        if workers == 1:
            for homework in homeworks:
                yield judge(homework, on_judged=lambda: progress.advance(bar))
            return
        spawn = multiprocessing.get_context("spawn")  # threads of torch and pytest do not survive a fork
        quiet = (signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's
        with spawn.Manager() as manager, ProcessPoolExecutor(workers, spawn, signal.signal, quiet) as pool:
            judged = manager.Queue()
            count_one = partial(judge, on_judged=partial(judged.put, None))
            try:
                slowest = sorted(homeworks, key=lambda one: -one.assignment.limits.submission_seconds)
                found = {one.assignment.name: pool.submit(count_one, one) for one in slowest}
                for homework in homeworks:
                    matrix = found[homework.assignment.name]
                    while not matrix.done():
                        wait([matrix], timeout=0.2)
                        progress.update(bar, completed=judged.qsize())
                    yield matrix.result()
            except BaseException:  # Ctrl-C, say: nobody waits for what nobody will read
                for child in multiprocessing.active_children():
                    child.kill()
                raise


def selfcheck(
    homework: Homework,
    seed: Seed,
    where: WhereToGrade = ANYWHERE,
    on_judged: Callable[[], None] = lambda: None,
    *,
    whole: bool = False,
) -> Matrix:
    """Grade every solution of known worth and compare. Raises `SuiteError` where the suite cannot be used at all."""
    started = time.perf_counter()
    assignment = homework.assignment
    matrix = Matrix(assignment.name, assignment.title, assignment.points, ())
    try:
        matrix.checks, measuring = session.collect_measuring(homework)
    except SuiteFaults as error:  # it collects, but not as declared: nobody can be graded with it
        matrix.faults += error.faults
        return matrix
    solutions = known.solutions(homework)
    pending = iter(solutions)
    own = OwnErrors(homework)
    reach = Reach(homework, always={check.part for check in matrix.checks if check.name in measuring})
    unreached: dict[str, tuple[str, ...]] = {}  # mistake → parts that it cannot change
    right: list[Outcome] = []  # the reference's, if it passes all
    told: dict[str, object] = {}  # solution → all that was said of it
    unnamed: list[str] = []  # a sentence for each part of a mistake in which nothing is said of it

    def judge(grading: Grading) -> None:
        kind, name, mistake, *_ = next(pending)
        row = Row(
            kind,
            name,
            sum(outcome.earned for outcome in grading.outcomes),
            tuple(outcome.verdict for outcome in grading.outcomes),
            tuple(outcome.diagnosis.mistake if outcome.diagnosis else "" for outcome in grading.outcomes),
            _declared(assignment, kind, mistake),
            mistake.family if mistake else "",
            unreached.get(name, ()),
        )
        matrix.rows.append(row)
        if kind == "reference" and {*row.verdicts} == {Verdict.PASSED}:
            right.extend(grading.outcomes)
        told[name] = tuple((one.verdict, one.message, one.evidence) for one in grading.outcomes)
        for outcome in grading.outcomes:
            if outcome.verdict is Verdict.INFRA:
                own.add(outcome.check.name, f"{kind} {name}", outcome.staff_detail or outcome.message)
        matrix.faults += _faults(matrix, row, mistake, [outcome.message for outcome in grading.outcomes])
        if mistake is not None:
            unnamed.extend(_unnamed(matrix, row, mistake))
        elif kind != "starter":
            matrix.notes += _hurried(row, grading.outcomes, assignment.training)
        on_judged()

    if not homework.alternatives:
        matrix.faults.append("there is no alternative solution: nothing shows that a correct one passes")
    if not homework.mistakes:
        matrix.faults.append("there is no mistake: nothing shows that the suite catches one")
    matrix.faults += release.faults(homework)
    matrix.faults += handed_out.faults(homework)
    with contextlib.closing(PublicChecks(homework)) as public, open_sandbox(assignment, where, seed=seed) as zygote:
        matrix.faults += [
            f"banned: {pattern!r} matches nothing" for pattern in zygote.about.get("idle_bans", ()) if assignment.banned
        ]
        trainings = patient(Trainings.calibrated(homework, seed))
        trainings.only_sound = True
        long = (
            {} if trainings.are_replayed else {check.name: check for check in matrix.checks if check.name in measuring}
        )
        matrix.unexplained = frozenset(check.part for check in long.values())

        def asked() -> Iterator[Submission | Partly]:
            """Each solution when the one before it has been judged: what the reference is asked tells of mistakes."""
            for one in solutions:
                if one.mistake and right and not whole:
                    unreached[one.name] = reach.unreached(one.mistake)
                parts = unreached.get(one.name, ())
                yield _submission(homework, one, long, [outcome for outcome in right if outcome.check.part in parts])

        def note(check: Check, calls: Sequence[RecordedCall]) -> None:
            if not matrix.rows:  # it is the reference that is asked
                reach.note(check.part, calls)

        session.grade(
            homework,
            asked(),
            zygote,
            on_graded=judge,
            seed=seed,
            trainings=trainings,
            on_asked=note,
            on_learnt=lambda sent, forecast: matrix.faults.extend(forecast_faults(sent, forecast)),
        )
        matrix.faults += public.faults()
    places = sum(len(mistake.parts) for mistake in homework.mistakes)
    silent = {row.name for row in matrix.rows if any(f"mistake {row.name} is not" in one for one in unnamed)}
    twins = _twins([one for one in homework.mistakes if one.name in silent], told)
    if len(unnamed) > UNNAMED_AT_MOST * places:  # a sentence is right or not said at all: some may stay without
        matrix.faults += [*unnamed, *twins]
    else:
        matrix.notes += twins
    matrix.faults += own.faults()
    matrix.notes += _unproven(matrix)
    matrix.seconds = time.perf_counter() - started
    return matrix


def patient(trainings: Trainings) -> Trainings:
    """The same trainings with `PATIENCE` times as many seconds for each."""
    longer = {name: one.model_copy(update={"seconds": PATIENCE * one.seconds}) for name, one in trainings.specs.items()}
    return replace(trainings, specs=longer)


def _hurried(row: Row, outcomes: Sequence[Outcome], trainings: Mapping[str, Training]) -> list[str]:
    """A sentence for each training for which a correct solution has hardly time enough."""
    measured = [(one.check.name, one.measurement) for one in outcomes if one.measurement]
    return [
        f"{row.kind} {row.name} trained for {max(one.seconds):.0f} s in {check}, where {allowed:g} s are allowed: "
        "on a slower machine, correct work runs out of time"
        for check, one in measured
        if max(one.seconds) > HURRIED * (allowed := trainings[one.training].seconds)
    ]


def _submission(
    homework: Homework,
    solution: known.Solution,
    long: Mapping[str, Check],
    same: Sequence[Outcome] = (),
) -> Submission | Partly:
    """What is graded of a solution: all of it, but for a mistake elsewhere the trainings that take `long`.

    Nor is what comes out the `same` as for the reference.
    """
    submission = known.submission_of(homework, solution.name, solution.source, solution.others)
    parts = None if solution.mistake is None else solution.mistake.parts
    left_out = {name: check for name, check in long.items() if parts is not None and check.part not in parts}
    why = "not trained: the mistake is in another part"
    blocked = {name: Outcome(check, Verdict.BLOCKED, 0.0, why) for name, check in left_out.items()}
    return Partly(submission, {outcome.check.name: outcome for outcome in same} | blocked)


def _declared(assignment: Assignment, kind: str, mistake: Mistake | None) -> tuple[str, ...]:
    """The parts in which a solution is to lose points."""
    if mistake is not None:
        return mistake.parts
    return tuple(part.name for part in assignment.checked_parts) if kind == "starter" else ()


def _faults(matrix: Matrix, row: Row, mistake: Mistake | None, messages: Sequence[str]) -> list[str]:
    """A sentence for each way in which a row is not as declared."""
    if Verdict.INFRA in row.verdicts:
        return []  # told once for all solutions, by `OwnErrors`
    if mistake is not None:
        return _mistake_faults(matrix, row, mistake)
    if row.kind == "starter":
        passed = [c.name for c, v in zip(matrix.checks, row.verdicts, strict=True) if v is Verdict.PASSED]
        return [f"the starter passes {', '.join(passed)}, which it must not"] if passed else []
    failed = [
        f"{check.name} ({verdict}: {message})"
        for check, verdict, message in zip(matrix.checks, row.verdicts, messages, strict=True)
        if verdict is not Verdict.PASSED
    ]
    return [f"{row.kind} {row.name} is correct, but fails {', '.join(failed)}"] if failed else []


def _mistake_faults(matrix: Matrix, row: Row, mistake: Mistake) -> list[str]:
    # no training with parts that are wrong: its accuracy says nothing about the mistake
    kept = (Verdict.PASSED, Verdict.BLOCKED)
    lost = {c.part for c, v in zip(matrix.checks, row.verdicts, strict=True) if v not in kept}
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
    return faults


def _unnamed(matrix: Matrix, row: Row, mistake: Mistake) -> list[str]:
    """A sentence for each part in which a mistake loses points and no sentence is given."""
    kept = (Verdict.PASSED, Verdict.BLOCKED, Verdict.INFRA)
    lost = {c.part for c, v in zip(matrix.checks, row.verdicts, strict=True) if v not in kept}
    named = {c.part for c, d in zip(matrix.checks, row.diagnoses, strict=True) if d}
    missed = sorted(lost & set(mistake.parts) - named - matrix.unexplained)
    return [f"mistake {row.name} is not diagnosed in {part}" for part in missed]


def _twins(mistakes: Sequence[Mistake], told: Mapping[str, object]) -> list[str]:
    """A sentence for each pair of mistakes that give the same answers under two names, so that neither is diagnosed."""
    found: dict[object, Mistake] = {}
    faults = []
    for mistake in mistakes:
        other = found.setdefault(told.get(mistake.name, mistake.name), mistake)
        if other.family != mistake.family:
            faults.append(
                f"mistakes {other.name} and {mistake.name} give the same answers, so neither is diagnosed: "
                f'write FAMILY = "{other.family}" into both, or keep one'
            )
    return faults


def _unproven(matrix: Matrix) -> list[str]:
    """What nothing shows to work: a sentence for parts without a mistake, and one for checks that no mistake fails."""
    mistakes = [row for row in matrix.rows if row.kind == "mistake"]
    parts = [
        part for part in dict.fromkeys(c.part for c in matrix.checks) if not any(part in m.parts for m in mistakes)
    ]
    idle = [
        check.name
        for place, check in enumerate(matrix.checks)
        if check.part not in parts and all(row.verdicts[place] in (Verdict.PASSED, Verdict.BLOCKED) for row in mistakes)
    ]
    notes = [f"no mistake is of the part {part}: nothing shows that its checks catch one" for part in parts]
    return notes + ([f"no mistake fails {', '.join(idle)}"] if idle else [])
