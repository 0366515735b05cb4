"""`grader mutate`: how many small changes of the reference does the hidden suite notice, and which ones not?"""

from __future__ import annotations

import ast
import json
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from rich.text import Text

from grader.commands.mutate import equivalence
from grader.commands.mutate.equivalence import Equivalent, Witness
from grader.commands.mutate.operators import Mutant, diff, mutants, sabotaged
from grader.commands.mutate.trials import Pool, Survey, Trial
from grader.errors import UsageError
from grader.homework import Homework
from grader.report.text import count
from grader.report.write import write
from grader.run.pool import worker_count
from grader.sandbox.where import WhereToGrade
from grader.seed import parse_seed

FINE, FALLS_SHORT = 0, 1
REFERENCE = "reference"
TRAINING = "training"  # the row of functions that only a training uses: outside of the score
SEED = 20_261_130  # of the mutants that are drawn where not all are tried


@dataclass(frozen=True)
class Options:
    """What the command line says, beside the homework."""

    function: str | None
    of: tuple[str, ...]  # "reference", or names of alternatives; empty: the reference and the first alternative
    number: int | None  # of mutants that are drawn of each source
    inputs: int
    seed: str | None
    jobs: int | None
    json_path: Path | None
    where: WhereToGrade


@dataclass
class Row:
    """What came of the mutants of one part."""

    killed: int = 0
    equivalent: int = 0
    survived: int = 0

    @property
    def score(self) -> float:
        """The share of killed ones among those that are not equivalent."""
        counted = self.killed + self.survived
        return self.killed / counted if counted else 1.0

    def add(self, other: Row) -> None:
        """Count another row's mutants, too."""
        self.killed += other.killed
        self.equivalent += other.equivalent
        self.survived += other.survived


@dataclass
class Result:
    """What came of the mutants of one source."""

    of: str
    source: str
    survey: Survey
    trials: list[Trial]
    witnesses: dict[str, Witness] = field(default_factory=dict)  # of survivors, by the mutant's id
    equivalent: dict[str, str] = field(default_factory=dict)  # mutant's id → reason
    faults: list[str] = field(default_factory=list)  # of the list of equivalents

    def part(self, trial: Trial) -> str:
        """The part that a mutant belongs to."""
        return self.survey.part_of(trial.mutant.function) or TRAINING

    @property
    def survivors(self) -> list[Trial]:
        """Mutants that no check lost and that are not equivalent."""
        return [one for one in self.trials if not one.check and one.mutant.id not in self.equivalent]

    def rows(self) -> dict[str, Row]:
        """Part → counts, in the order of the assignment's parts."""
        found: dict[str, Row] = {}
        for trial in self.trials:
            row = found.setdefault(self.part(trial), Row())
            row.killed += bool(trial.check)
            row.equivalent += trial.mutant.id in self.equivalent
            row.survived += not trial.check and trial.mutant.id not in self.equivalent
        return found


def run(homework: Homework, options: Options) -> int:
    """Try the mutants, print what came of them. Returns 1 if the score is below the assignment's floor."""
    console = Console()
    started = time.monotonic()
    results = mutate(homework, options, console)
    floor = homework.assignment.mutation_floor
    total = Row()
    for result in results:
        _show(console, homework, result)
        for part, row in result.rows().items():
            if part != TRAINING:
                total.add(row)
    if options.json_path:
        write(options.json_path, json.dumps([_as_json(one) for one in results], indent=1) + "\n")
    faults = [fault for one in results for fault in one.faults]
    for fault in faults:
        console.print(f"falls short: {fault}", style="bold red", markup=False, highlight=False)
    said = f"{homework.assignment.name}: {total.score:.1%} of the mutants that are not equivalent are noticed"
    said += f" ({total.killed} of {total.killed + total.survived}, {total.equivalent} equivalent"
    said += f"; {time.monotonic() - started:.0f} s)"
    short = total.score < floor
    if floor:
        said += f"; {floor:.1%} is asked for"
    console.print(said, style="red" if short or faults else "green", highlight=False)
    return FALLS_SHORT if short or faults else FINE


def mutate(homework: Homework, options: Options, console: Console) -> list[Result]:
    """Try the mutants of each source. Raises `UsageError` for what is not there, or no Python."""
    sources = {REFERENCE: homework.reference_source, **homework.alternatives}
    chosen = options.of or (REFERENCE, *list(homework.alternatives)[:1])
    if unknown := [name for name in chosen if name not in sources]:
        raise UsageError(f"{unknown[0]!r} is no solution of {homework.assignment.name}: there are {', '.join(sources)}")
    for name in chosen:
        try:
            ast.parse(sources[name])
        except SyntaxError as error:
            raise UsageError(f"{name}, line {error.lineno}: it is no Python: {error.msg}") from error
    jobs = worker_count(options.jobs, 1_000)
    course = homework.public.parent.parent
    seed = parse_seed(options.seed)
    results = []
    with (
        Pool(course, homework.assignment.name, options.where, seed, jobs) as pool,
        Progress(console=console, transient=True) as progress,
    ):
        for name in chosen:
            source = sources[name]
            bar = progress.add_task(f"{name}: looking", total=None)
            survey = pool.survey(source)
            tried = _chosen(source, options)
            progress.update(bar, total=len(tried), description=f"{name}: mutants")
            trials = pool.trials(tried, survey, partial(progress.advance, bar))
            progress.update(bar, description=f"{name}: inputs")
            results.append(_judged(homework, name, source, survey, trials, options, jobs))
            progress.remove_task(bar)
    return results


def _chosen(source: str, options: Options) -> list[Mutant]:
    found = mutants(source)
    if options.function is not None:
        known = dict.fromkeys(one.function for one in found if one.function)
        found = [one for one in found if one.function == options.function]
        if not found:
            raise UsageError(f"no function {options.function!r} with anything to change; there are {', '.join(known)}")
    if options.number is not None and options.number < len(found):
        drawn = random.Random(SEED).sample(range(len(found)), options.number)  # noqa: S311 - no secret
        found = [found[i] for i in sorted(drawn)]
    return found


def _judged(
    homework: Homework, name: str, source: str, survey: Survey, trials: list[Trial], options: Options, jobs: int
) -> Result:
    """Hold the survivors against the list of equivalents, and against inputs."""
    result = Result(name, source, survey, trials)
    listed = equivalence.read(homework, name)
    survivors = [one for one in trials if not one.check and result.part(one) != TRAINING]
    course = homework.public.parent.parent
    seen = equivalence.witnesses(
        course,
        homework.assignment.name,
        source,
        [one.mutant for one in survivors],
        sabotaged(source),
        inputs=options.inputs,
        jobs=jobs,
    )
    idle = {trial.mutant.id for trial, witness in zip(survivors, seen, strict=True) if witness.is_idle}
    result.trials = trials = [one for one in trials if one.mutant.id not in idle]
    for trial, witness in zip(survivors, seen, strict=True):
        mutant = trial.mutant
        result.witnesses[mutant.id] = witness
        entry = next((one for one in listed if one.matches(mutant)), None)
        if entry is not None and witness.experiment:
            result.faults.append(f"{mutant.id} is listed as equivalent, but {witness.sentence}")
        elif entry is not None and witness.inputs:
            result.equivalent[mutant.id] = entry.reason
    result.faults += _stale(listed, trials, whole=options.function is None and options.number is None)
    return result


def _stale(listed: Sequence[Equivalent], trials: Sequence[Trial], *, whole: bool) -> list[str]:
    """Entries of the list that name no mutant, or one that a check notices."""
    faults = []
    for entry in listed:
        named = [one for one in trials if entry.matches(one.mutant)]
        if whole and not named:
            faults.append(f"{equivalence.NAME} lists a mutant that there is not: {entry.mutant}")
        if named and all(one.check for one in named):
            faults.append(f"{equivalence.NAME} lists a mutant that {named[0].check} notices: {entry.mutant}")
    return faults


def _show(console: Console, homework: Homework, result: Result) -> None:
    rows = result.rows()
    table = Table(
        "part", "mutants", "killed", "survived", "equivalent", "score", title=f"{result.of}", title_justify="left"
    )
    order = [part.name for part in homework.assignment.parts if part.name in rows and part.name != TRAINING]
    for part in (*order, *(part for part in rows if part not in order)):
        row = rows[part]
        score = f"{row.score:.1%}" + (" (apart)" if part == TRAINING else "")
        total = row.killed + row.survived + row.equivalent
        table.add_row(part, *map(str, (total, row.killed, row.survived, row.equivalent)), score)
    console.print(table)
    for trial in result.survivors:
        mutant = trial.mutant
        console.print(Text(f"{result.part(trial)}: {mutant.function}, line {mutant.line}: {mutant.change}", "bold"))
        if mutant.source.startswith(result.source):
            console.print(Text(f"  {mutant.after}"))
        else:
            console.print(Text("\n".join(f"  {line}" for line in diff(mutant, result.source).splitlines())))
        nearest = f"{trial.nearest} comes nearest ({trial.share:.2g} of its tolerance)" if trial.nearest else ""
        nearest = nearest or "no check sees a difference"
        witness = result.witnesses.get(mutant.id)
        console.print(Text(f"  {nearest}" + (f"; {witness.sentence}" if witness else ""), "dim"))
    if result.survivors:
        console.print(f"{count(len(result.survivors), 'survivor')}.")


def _as_json(result: Result) -> dict[str, object]:
    return {
        "of": result.of,
        "trials": [
            {
                "mutant": one.mutant.id,
                "part": result.part(one),
                "line": one.mutant.line,
                "change": one.mutant.change,
                "check": one.check,
                "verdict": one.verdict,
                "nearest": one.nearest,
                "share": one.share,
                "witness": result.witnesses[one.mutant.id].sentence if one.mutant.id in result.witnesses else "",
                "equivalent": result.equivalent.get(one.mutant.id, ""),
            }
            for one in result.trials
        ],
    }
