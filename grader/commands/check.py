"""`grader check`: a student's own run of the public checks, tier `none`: a plain process with limits, no boundary."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from grader.commands import check_example
from grader.errors import UsageError
from grader.homework import find_course, homework_names
from grader.intake.submission import read_submission
from grader.report.text import plain
from grader.spec import Assignment, SpecError, load_assignment

FINE, FALLS_SHORT, GRADER_FAILED = 0, 1, 3
SECONDS = 300  # for all public checks together


def run(homework: str, submission: Path, example: Path | None = None) -> int:
    """Run the public checks, or a report's `example`, and print what came of it. Returns 1 if one fails."""
    folder = _public_folder(homework)
    assignment = load_assignment(folder)
    console = Console()
    with tempfile.TemporaryDirectory() as scratch:
        work, name = _work(submission, folder, assignment, Path(scratch), console)
        if example is not None:
            return check_example.run(folder, work, assignment.module, example)
        results, notes, noise = _run_pytest(folder, work, assignment)
    if results is None:
        console.print(Text(plain(noise)[-3000:]))
        raise UsageError(f"the public checks of {assignment.name} did not run to their end; pytest says why above")
    _show(console, assignment, name, results)
    for note in notes:
        console.print(Text(plain(note), "yellow"))
    return FINE if all(result["outcome"] == "passed" for result in results) else FALLS_SHORT


def _public_folder(homework: str) -> Path:
    """The handout's folder: this one, one below it, or the course's."""
    here = Path.cwd()
    for folder in (here, here / homework, Path(homework)):
        if (folder / "assignment.toml").is_file() and folder.resolve().name == Path(homework).name:
            return folder.resolve()
    try:
        course = find_course(here)
    except SpecError:
        raise UsageError(f"{homework}: there is no handout of that name here; go to the folder that holds it") from None
    folder = course / "assignments" / homework
    if not (folder / "assignment.toml").is_file():
        known = ", ".join(homework_names(course)) or "none"
        raise UsageError(f"there is no assignment {homework!r}; there are: {known}")
    return folder


def _work(submission: Path, folder: Path, assignment: Assignment, scratch: Path, console: Console) -> tuple[Path, Path]:
    """The folder that holds the student's files, and what to call them.

    Whatever is not simply there is read as `grader grade` reads it (a notebook, an archive, another name), and put
    into `scratch`. Raises `UsageError`.
    """
    wanted = assignment.files[0]
    if submission.is_file() and submission.name == wanted:
        return submission.resolve().parent, submission.resolve()
    if (submission / wanted).is_file():
        return submission.resolve(), submission.resolve() / wanted
    if submission == Path() and (folder / wanted).is_file():
        return folder, folder / wanted
    if not submission.exists():
        raise UsageError(f"{submission.resolve()} does not exist")
    read = read_submission(submission, assignment)
    for name, content in read.files.items():
        (scratch / name).parent.mkdir(parents=True, exist_ok=True)
        (scratch / name).write_bytes(content)
    if read.renamed:
        console.print(Text(f"{plain(read.renamed)}.", "yellow"))
    return scratch, submission.resolve()


def _run_pytest(folder: Path, work: Path, assignment: Assignment) -> tuple[list[dict[str, Any]] | None, list[str], str]:
    with tempfile.TemporaryDirectory() as scratch:
        out = Path(scratch) / "results.json"
        command = [sys.executable, "-m", "pytest", str(folder / "tests"), "-q", "-p", "grader.commands.check_plugin"]
        command += [
            "-o",
            f"pythonpath={shlex.quote(str(work))}",
            "--tb=short",
            "-p",
            "no:cacheprovider",
            "-W",
            "ignore",
        ]
        environment = {**os.environ, "GRADER_CHECK_RESULTS": str(out), "PYTHONDONTWRITEBYTECODE": "1"}
        environment["GRADER_CHECK_WORK"] = str(work)
        rules = {"whole": assignment.whole_module, "banned": assignment.banned, "packages": assignment.sandbox.packages}
        environment["GRADER_CHECK_RULES"] = json.dumps(rules)
        noise = f"The public checks took longer than {SECONDS} s: is there an endless loop?"
        with contextlib.suppress(subprocess.TimeoutExpired):
            noise = subprocess.run(
                command,
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                timeout=SECONDS,
                preexec_fn=_limit,  # no threads here
                check=False,
            ).stdout
        if not out.exists():
            return None, [], noise
        return json.loads(out.read_text("utf-8")), json.loads(out.with_suffix(".notes").read_text("utf-8")), noise


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 30, 1 << 30))


def _show(console: Console, assignment: Assignment, work: Path, results: list[dict[str, Any]]) -> None:
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    for result in results:
        passed = result["outcome"] == "passed"
        mark = Text("passed", "green") if passed else Text(result["outcome"], "bold red")
        table.add_row(mark, Text(plain(result["sentence"], one_line=True)))
        if not passed:
            table.add_row("", Text(plain(result["message"]), "dim"))
    passed = sum(result["outcome"] == "passed" for result in results)
    console.print(Text(f"{assignment.title}: public checks of {work}", "bold"))
    console.print(table)
    console.print(f"\n{passed} of {len(results)} public checks pass. The grade comes from other, hidden checks.")
    console.print(
        "These ran on your own machine without a sandbox (isolation: none). What the homework forbids was refused, and "
        "so was what cannot be imported when it is graded.",
        style="dim",
    )
