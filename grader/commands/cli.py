"""The command line. Heavy imports (torch, pytest, pandas) stay inside the commands, so that `--help` is instant.

Exit codes: 0 fine, 1 the work falls short, 2 wrong usage, 3 the grader itself failed, 130 interrupted.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, NoReturn

import click

import grader
from grader.commands import options
from grader.commands.cluster import cluster, worker
from grader.commands.package.package import package
from grader.sandbox.where import WhereToGrade

FALLS_SHORT, WRONG_USAGE, GRADER_FAILED, INTERRUPTED = 1, 2, 3, 130


class _Group(click.Group):
    """Lists commands in the order of a user's day, and turns our own errors into a sentence and an exit code."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's own signature
        return list(self.commands)

    def invoke(self, ctx: click.Context) -> Any:
        from grader.errors import GraderError, UsageError

        try:
            return super().invoke(ctx)
        except UsageError as error:
            _fail(error, WRONG_USAGE)
        except GraderError as error:
            _fail(error, GRADER_FAILED)


def _fail(error: Exception, code: int) -> NoReturn:
    click.secho(f"error: {error}", err=True, fg="red")
    sys.exit(code)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(grader.__version__, prog_name="grader")
def main() -> None:
    """Grade deep-learning homework without trusting it.

    Students run `check`; TAs run `grade`; CI runs `selfcheck`.
    """


@main.command(short_help="Run the public checks on your own work (students).")
@click.argument("homework")
@click.argument("submission", type=click.Path(path_type=Path), default=Path())
@click.option("--example", type=options.FILE, help="Run this example, saved from your report, and no other check.")
def check(homework: str, submission: Path, example: Path | None) -> None:
    """Run the public checks of HOMEWORK on your own work.

    SUBMISSION is your file or the folder that holds it; by default this folder. The checks run on your own machine,
    without a sandbox, as plain pytest would run them; the grade comes from other, hidden checks.
    """
    from grader.commands import check as checks

    sys.exit(checks.run(homework, submission, example))


@main.command(short_help="Hand in on the course's portal (students).")
@click.argument("homework")
@click.argument("files", type=options.FILE, nargs=-1, required=True)
@options.portal
@click.option("--yes", is_flag=True, help="Do not ask before it counts.")
@click.option("--score-only", is_flag=True, help="Hand in without a token too: only the score is shown then.")
def submit(homework: str, files: tuple[Path, ...], portal: str, *, yes: bool, score_only: bool) -> None:
    """Hand FILES in for HOMEWORK, and wait for the checks: a file, several, a notebook or an archive.

    First it says what was understood of them, and asks. The key of the page Keys is read from the environment variable
    GRADER_KEY.
    """
    from grader.commands import submit as submitting

    sys.exit(submitting.submit(portal, homework, files, yes=yes, score_only=score_only))


@main.command(short_help="How far you are, on the course's portal (students).")
@options.portal
def status(portal: str) -> None:
    """List the homeworks with due dates, tokens, late days and points. GRADER_KEY holds the key, as for `submit`."""
    from grader.commands import submit as submitting

    sys.exit(submitting.status(portal))


@main.command(short_help="Grade submissions and write their reports (TAs).")
@click.argument("homework")
@click.argument("paths", type=click.Path(path_type=Path), nargs=-1)
@click.option("-o", "--out", type=click.Path(path_type=Path, file_okay=False), help="The run's folder.")
@click.option("--roster", type=options.FILE, help="CSV: id, name, email, section, extension (days), group.")
@click.option("--times", type=options.FILE, help="CSV: id, submitted_at, if the download has no times.")
@click.option("--owners", type=options.FILE, help="CSV: hand_in, student, for what could not be matched.")
@click.option("-j", "--jobs", type=click.IntRange(1, 1024), help="Workers; by default at most one per core.")
@click.option(
    "--only", multiple=True, metavar="NAME", help="Grade these submissions or students; a pattern, repeatable."
)
@click.option("--dry-run", is_flag=True, help="Show what would be graded and who owns it; grade nothing.")
@click.option("--ledger", help="Where grades are kept: a file, or postgresql://…; by default OUT/ledger.sqlite.")
@click.option("--seed", help="Repeat a run: the secret seed of an earlier one, from its staff report.")
@click.option("--scheduler", metavar="ADDRESS", help="Grade on the workers of a cluster: tls://HOST:PORT.")
@options.certificates
@options.where(strict=True)
@options.data
@options.course
def grade(
    homework: str,
    paths: tuple[Path, ...],
    out: Path | None,
    course: Path,
    **chosen: Any,
) -> None:
    """Grade submissions of HOMEWORK: each PATH a .py file, a notebook, a folder, an archive, a folder of these, or a
    download of a learning platform (docs/platforms.md lists them).

    With a run's folder in place of HOMEWORK, and without PATHS, go on with what the run keeps: for a new roster, times
    or owners there is no need of the download.

    OUT keeps every grade ever given: the same command again grades only what changed, whatever stopped it before.

    For each submission OUT/<name>/ gets report.html, report.md and report.json for the student, and results.json for
    Gradescope (it holds hidden checks); OUT/_staff/<name>/ gets the staff's view.
    """
    from grader.commands import grade as grading

    found, folder = grading.which(homework, paths, out, course)
    sys.exit(grading.run(found, paths, folder, grading.Options(**chosen)))


@main.command(short_help="Preview what a changed suite does to a run's grades, and apply it (TAs).")
@click.argument("run", type=options.FOLDER)
@click.option(
    "--suite", type=options.FOLDER, help="The changed hidden suite; by default the course's own, as it is now."
)
@click.option("--apply", is_flag=True, help="Apply the new grades without asking.")
@click.option("--preview", is_flag=True, help="Do not ask, and change nothing.")
@click.option("--whole", is_flag=True, help="Grade every part again, not only those that may have changed.")
@click.option("-j", "--jobs", type=click.IntRange(1, 1024), help="Workers; by default at most one per core.")
@options.ledger
@options.changed_where(strict=True)
@options.data
@options.own_course
def regrade(run: Path, **chosen: Any) -> None:
    """Regrade the run in folder RUN, after its suite was changed.

    First the preview: how many students change, the worst and the best change, which checks, and a table. Then, if you
    say so, the new grades are given. Adjustments stay, and the old grades stay in the ledger.
    """
    from grader.commands import regrade as regrades

    sys.exit(regrades.run(run, regrades.Options(**chosen)))


@main.command(
    short_help="Give or take points by hand, with a reason (TAs).",
    context_settings={"ignore_unknown_options": True},  # -2.5 is a number of points
)
@click.argument("run", type=options.FOLDER)
@click.argument("student", required=False)
@click.argument("points", type=float, required=False)
@click.option("--reason", help="Why: the student reads it.")
@click.option("--by", help="Who; by default your user name. Staff read it.")
@click.option("--withdraw", type=int, metavar="NUMBER", help="Take an adjustment back.")
@options.ledger
@options.own_course
def adjust(run: Path, student: str | None, points: float | None, **chosen: Any) -> None:
    """Give STUDENT (an id, e-mail address or name) POINTS in the run in folder RUN, or take them: -2.5.

    Without STUDENT, list the adjustments that stand. They survive regrades.
    """
    from grader.commands import adjust as adjusting

    sys.exit(adjusting.run(run, student, points, **chosen))


@main.command(short_help="Mark a part that people grade, with a sheet (TAs).")
@click.argument("run", type=options.FOLDER)
@click.option("-o", "--out", type=options.FILE, help="Write the sheet: CSV, or Excel if the name ends in .xlsx.")
@click.option("--import", "sheet", type=options.FILE, help="Take in a sheet that was filled in.")
@click.option("--part", metavar="NAME", help="Which part, if several are graded by hand.")
@click.option("--by", help="Who marked the rows that do not say it; by default your user name.")
@options.ledger
@options.own_course
def rubric(run: Path, out: Path | None, sheet: Path | None, **chosen: Any) -> None:
    """Mark a part by hand in the run in folder RUN: write the sheet with -o, fill it in, take it in with --import.

    The sheet has a row for each student and a column for each item of the rubric: x where a student has it. Without
    -o and --import: how far marking is; reports and gradebook follow the prices that assignment.toml has now.
    """
    from grader.commands import rubric as rubrics

    if out is not None and sheet is not None:
        raise click.UsageError("say either -o OUT or --import SHEET")
    sys.exit(rubrics.run(run, out, sheet, **chosen))


@main.command(short_help="A student's attempts and grades, and why they changed (TAs).")
@click.argument("run", type=options.FOLDER)
@click.argument("student")
@options.ledger
@options.own_course
def history(run: Path, student: str, **chosen: Any) -> None:
    """Print the attempts of STUDENT (an id, e-mail address or name) in the run in folder RUN, their grades and
    adjustments, and why each changed.
    """
    from grader.commands import history as histories

    sys.exit(histories.run(run, student, **chosen))


@main.command(short_help="Say something about a hand-in, for its report (TAs).")
@click.argument("run", type=options.FOLDER)
@click.argument("who")
@click.argument("text")
@click.option("--by", help="Who; by default your user name.")
@options.ledger
@options.own_course
def comment(run: Path, who: str, text: str, by: str | None, ledger: str | None, course: Path | None) -> None:
    """Say TEXT about the hand-in that counts of a student (an id, e-mail address or name), or that is called WHO.

    It stands in the report, and survives regrades. An empty TEXT takes back what was said before.
    """
    from grader.commands import comment as commenting

    sys.exit(commenting.run(run, who, text, by, ledger, course))


@main.command(short_help="Give the reports back to the students (TAs).")
@click.argument("run", type=options.FOLDER)
@click.option("-o", "--out", type=click.Path(path_type=Path, file_okay=False), help="The folder to write into.")
@click.option("--mail", type=options.FILE, metavar="CONFIG", help="By mail: a TOML file with host, sender and more.")
@click.option("--send", is_flag=True, help="With --mail: send the messages; else it is said what would be sent.")
@click.option("--again", is_flag=True, help="With --mail: also what was sent before, or is in doubt.")
@options.ledger
@options.own_course
def feedback(
    run: Path, out: Path | None, mail: Path | None, ledger: str | None, course: Path | None, *, send: bool, again: bool
) -> None:
    """Give the reports of the run in folder RUN back to the students.

    OUT gets a folder for each student, called after them, index.csv (student, score, folder), and what Canvas and
    Moodle take as uploads: canvas.zip, moodle.zip. Only the student's view is in it.
    """
    from grader.commands import feedback as writing
    from grader.commands import mail as mailing

    if (out is None) == (mail is None):
        raise click.UsageError("say either -o OUT or --mail CONFIG")
    if mail is not None:
        sys.exit(mailing.run(run, mail, send=send, again=again, ledger=ledger, course=course))
    assert out is not None
    sys.exit(writing.run(run, out, ledger, course))


@main.command(short_help="A page where students hand in and read their reports (TAs).")
@click.argument("course", type=click.Path(path_type=Path, file_okay=False, exists=True), default=Path())
@click.option("--state", type=click.Path(path_type=Path, file_okay=False), help="Its folder; by default COURSE/portal.")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at.")
@click.option("--port", type=click.IntRange(0, 65_535), default=8000, show_default=True, help="0: any free one.")
@click.option("--url", help="The address that browsers have of it, behind a proxy: https://portal.example.edu.")
@click.option("--roster", type=options.FILE, help="CSV: id, name, email, …; each student gets an account.")
@click.option("--instructor", multiple=True, metavar="EMAIL", help="Make an instructor's account; repeatable.")
@click.option("--invite", is_flag=True, help="Give a new link to all who have no password yet.")
@click.option("--mail", type=options.FILE, metavar="CONFIG", help="Send links by mail, as `grader feedback` does.")
@click.option(
    "--workers", type=click.IntRange(1, 64), default=1, show_default=True, help="That grade, for each homework."
)
@click.option("--demo", is_flag=True, help="A simulated class, with log-ins for each role on its first page.")
@options.where(strict=True)
@options.data
def serve(course: Path, **chosen: Any) -> None:
    """Serve the portal of COURSE: students hand in, watch their checks and read their reports; staff see what happens.

    Everything is in one folder: accounts and the queue, the ledger, and a run's folder for each homework, on which
    `grader gradebook`, `history` and the others work. It listens on this machine only, unless told otherwise.
    """
    from grader.commands import serve as portal

    sys.exit(portal.run(course, portal.Options(**chosen)))


@main.command(short_help="Repeat one grading and say whether it comes out the same (TAs).")
@click.argument("report", type=click.Path(path_type=Path, dir_okay=False))
@click.argument("paths", type=click.Path(path_type=Path), nargs=-1)
@options.data
@options.where(gpu=False)
@options.own_course
def replay(report: Path, paths: tuple[Path, ...], where: WhereToGrade, course: Path | None) -> None:
    """Repeat the grading of a staff's REPORT (report.json) and say whether it comes out the same, bit for bit.

    The submission is found by its hash, at PATHS or in the run's folder around the report. It is repeated in the
    isolation that the report names; --isolation or --engine say another one.
    """
    from grader.commands import replay as replays

    sys.exit(replays.run(report, paths, course, where))


@main.command(short_help="Prove that the hidden suites grade as declared (CI).")
@click.argument("homeworks", nargs=-1)
@click.option("--json", "json_path", type=click.Path(path_type=Path, dir_okay=False), help="Write the matrix as JSON.")
@click.option("--html", "html_path", type=click.Path(path_type=Path, dir_okay=False), help="Write it as a page.")
@click.option(
    "--leave-one-out", "leaving_out", is_flag=True, help="Only: what each mistake is told without its family."
)
@click.option("--solution", metavar="NAME", help="Only this one, with --check: a mistake, an alternative, a .py file.")
@click.option("--check", metavar="NAME", help="Only this check, with --solution: all that is known of it is shown.")
@click.option("--mutate", "mutating", is_flag=True, help="Only: does each suite notice small changes of its reference?")
@click.option("-n", "--number", type=click.IntRange(1), help="With --mutate: try so many of each solution.")
@click.option("--whole", is_flag=True, help="Ask every mistake every check, also of parts that it cannot change.")
@click.option("--seed", help="Repeat a self-check: its secret seed.")
@click.option("-j", "--jobs", type=click.IntRange(1, 1024), help="Homeworks at a time; by default one per core.")
@options.where(gpu=False)
@options.data
@options.course
def selfcheck(
    homeworks: tuple[str, ...],
    json_path: Path | None,
    html_path: Path | None,
    seed: str | None,
    jobs: int | None,
    where: WhereToGrade,
    course: Path,
    solution: str | None,
    check: str | None,
    *,
    leaving_out: bool,
    mutating: bool,
    number: int | None,
    whole: bool,
) -> None:
    """Prove that each hidden suite grades as declared: HOMEWORKS, or all of them.

    The reference and every alternative get full marks, the starter none; every known mistake loses points in exactly
    its own parts and is diagnosed by its own name; the points add up.
    """
    from grader.commands.selfcheck import leave_one_out
    from grader.commands.selfcheck import selfcheck as selfchecks

    if solution or check:
        if not (solution and check and len(homeworks) == 1):
            raise click.UsageError("one cell has one HOMEWORK, one --solution and one --check")
        sys.exit(selfchecks.cell(course, homeworks[0], solution, check, seed, where))
    if mutating:
        from grader.commands.mutate.gate import gate

        sys.exit(gate(course, homeworks, number, seed, jobs, where))
    if leaving_out:
        sys.exit(leave_one_out.run(course, homeworks, seed, where))
    sys.exit(selfchecks.run(course, homeworks, json_path, html_path, seed, where, jobs, whole=whole))


@main.command(short_help="Does a hidden suite notice small changes of the reference? (staff).")
@click.argument("homework")
@click.option("--function", help="Change only this function, CLASS.METHOD for a method: an answer in seconds.")
@click.option("--of", multiple=True, metavar="NAME", help="reference, or an alternative's name; repeatable.")
@click.option("-n", "--number", type=click.IntRange(1), help="Try so many of each, always the same ones.")
@click.option(
    "--inputs",
    type=click.IntRange(0),
    default=10_000,
    show_default=True,
    help="That a survivor may not differ in, to count as equivalent.",
)
@click.option("--seed", help="Repeat it: the secret seed of an earlier one.")
@click.option("-j", "--jobs", type=click.IntRange(1, 1024), help="Processes; by default one per core.")
@click.option("--json", "json_path", type=click.Path(path_type=Path, dir_okay=False), help="Write the trials as JSON.")
@options.where(gpu=False)
@options.data
@options.course
def mutate(homework: str, course: Path, **chosen: Any) -> None:
    """Change the reference of HOMEWORK, and one alternative, in one small place after another, and grade each change.

    What no check notices is shown as a diff, with the check that comes nearest, and with an input that tells it apart,
    if one of those does that assignments/HOMEWORK/inputs.py draws. Exit code 1 if fewer are noticed than
    `mutation_floor` in assignment.toml asks for.
    """
    from grader.commands.mutate import mutate as mutation

    sys.exit(mutation.run(options.load(course, homework), mutation.Options(**chosen)))


@main.command(short_help="Measure thresholds and tolerances of a homework (staff).")
@click.argument("homework")
@click.option("--seeds", type=click.IntRange(0), default=200, show_default=True, help="Trainings of the reference.")
@click.option("--checks", type=click.IntRange(0), default=20, show_default=True, help="Seeds of all other checks.")
@options.data
@options.where()
@options.course
def calibrate(homework: str, course: Path, **chosen: Any) -> None:
    """Measure correct solutions of HOMEWORK, and write calibration.json beside its hidden suite.

    Accuracies: the reference trains with --seeds seeds, and all points are given from its mean − 4 sd on, or from the
    worst of them. Tolerances: every correct solution is graded with --checks seeds, and its errors are held against
    what each check allows.
    """
    from grader.commands import calibrate as calibrating

    sys.exit(calibrating.run(options.load(course, homework), calibrating.Options(**chosen)))


@main.command(short_help="Write gradebook and class page of runs (TAs).")
@click.argument("runs", type=click.Path(path_type=Path, file_okay=False, exists=True), nargs=-1, required=True)
@click.option("--anonymous", is_flag=True, help="Numbers in place of names; the key stays in the first RUN.")
@click.option("-o", "--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="Where they go.")
def gradebook(runs: tuple[Path, ...], out: Path, *, anonymous: bool) -> None:
    """Write the gradebook and the class page of RUNS, folders that `grade` wrote, one per homework.

    OUT/gradebook/ gets CSV, Excel and Parquet, the statistics, and the files that Canvas and Gradescope know;
    OUT/class.html is the page.
    """
    from grader.commands import gradebook as command

    sys.exit(command.run(runs, out, anonymous=anonymous))


@main.command(short_help="List submissions that share code, to look at (TAs).")
@click.argument("homework")
@click.argument("paths", type=click.Path(path_type=Path), nargs=-1, required=True)
@click.option(
    "-o", "--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="The folder for the page."
)
@click.option(
    "--share",
    type=click.FloatRange(0, 1),
    default=0.3,
    show_default=True,
    help="List pairs that share at least this much of the smaller one's own code.",
)
@options.course
def similar(homework: str, paths: tuple[Path, ...], out: Path, share: float, course: Path) -> None:
    """Write OUT/similar.html: pairs of submissions that share more than starter and reference explain.

    Each PATH is as for `grade`. Names, comments and the order of functions do not count. It is a list to look at:
    no points depend on it.
    """
    from grader.commands import similar as similarities

    sys.exit(similarities.run(options.load(course, homework), paths, out, share))


@main.command(short_help="Write due date, late policy and limits into the handouts (TAs).")
@click.argument("homework", required=False)
@click.option("--check", is_flag=True, help="Write nothing; exit code 1 if a handout is out of date.")
@options.course
def facts(homework: str | None, *, check: bool, course: Path) -> None:
    """Write what assignment.toml and course.toml say to students into README.md of HOMEWORK, or of all homeworks.

    The table stands between two comments, `<!-- facts … -->` and `<!-- end of facts -->`.
    """
    from grader.commands import facts as handouts

    sys.exit(handouts.run(course, homework, check=check))


@main.command(short_help="Make the archive that students get (TAs).")
@click.argument("homework", required=False)
@click.option("-o", "--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="Where it goes.")
@options.course
def release(homework: str | None, out: Path, course: Path) -> None:
    """Make OUT/HOMEWORK.zip: handout, starter and public checks, the same bytes from the same files.

    Nothing is written if it would give a secret away: a file, a canary or a passage of six lines of reference/ or
    tests/hidden/. Each such place is named.
    """
    from grader.commands import release as releases

    sys.exit(releases.run(course, homework, out))


@main.group(short_help="Begin a course, or a homework (instructors).")
def new() -> None:
    """Begin a course, or a homework of one."""


@new.command(short_help="The folders of a course.")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default=Path())
def course(folder: Path) -> None:
    """Make a course in FOLDER, by default this one: the three folders, course.toml, and what CI runs."""
    from grader.commands import new as begin

    sys.exit(begin.course(folder))


@new.command(short_help="The folders of a homework, which works from the start.")
@click.argument("name")
@options.course
def homework(name: str, course: Path) -> None:
    """Make the homework NAME with everything that one has, small and working: change it step by step into yours."""
    from grader.commands import new as begin

    sys.exit(begin.homework(course, name))


@main.command(short_help="Make the starter from the reference, or say how they have parted (instructors).")
@click.argument("homework")
@click.option("--force", is_flag=True, help="Write it anew, whatever it has now.")
@options.course
def starter(homework: str, course: Path, *, force: bool) -> None:
    """Make what students start from: the reference's signatures and docstrings, with `raise NotImplementedError`.

    Regions of the reference between `# given` and `# end of given` stay as they are. A starter that is there is
    compared: exit code 1 if it is not what the reference makes.
    """
    from grader.commands import starter as starters

    sys.exit(starters.run(options.load(course, homework), force=force))


main.add_command(package)
main.add_command(worker)
main.add_command(cluster)


@main.command(short_help="Say which isolation this machine offers.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--clean", is_flag=True, help="Remove containers that a judge left behind when it was killed.")
@click.option("--probe", is_flag=True, help="Attack this machine's own sandboxes: do the walls hold? (some 30 s)")
@click.option(
    "--course",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Instead: what this grader asks the course in this folder to change.",
)
def doctor(*, as_json: bool, probe: bool, clean: bool, course: Path | None) -> None:
    """Say which isolation this machine offers, and how to get what is missing."""
    from grader.commands import doctor as doctors

    if course is not None:
        from grader.commands import upgrade

        sys.exit(upgrade.run(course))
    if clean:
        sys.exit(doctors.clean())
    sys.exit(doctors.run(as_json=as_json, probe=probe))


@main.command(short_help="Grade a simulated class and show its reports.")
@click.option(
    "-o", "--out", type=click.Path(path_type=Path, file_okay=False), default=Path("out/demo"), show_default=True
)
@click.option("--students", type=click.IntRange(1, 10_000), default=24, show_default=True, help="Size of the class.")
@click.option("--all", "everything", is_flag=True, help="Grade every homework of the course, under its own limits.")
@click.option("--seed", type=int, default=1, show_default=True, help="The seed that the class is drawn from.")
@options.where(gpu=False)
@options.data
@options.course
def demo(out: Path, students: int, seed: int, everything: bool, where: WhereToGrade, course: Path) -> None:
    """Grade a simulated class on the first homework of the course, and show where a report and the class page lie.

    So that it is quick, a call of a submission has a fifth of its time.
    """
    from grader.commands import demo as simulate
    from grader.homework import find_course, homework_names, load_homework

    root = find_course(course)
    names = homework_names(root)
    homeworks = [load_homework(root, name) for name in (names if everything else names[:1])]
    sys.exit(simulate.demo(homeworks, out, students, seed, where, in_haste=not everything))
