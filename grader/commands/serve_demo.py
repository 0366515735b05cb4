"""The course of `grader serve --demo`: a simulated class in mid-term, whose hand-ins wait to be graded."""

from __future__ import annotations

import random
import re
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

from grader.collect.roster import read_roster
from grader.commands import demo
from grader.errors import UsageError
from grader.homework import Homework, find_course, homework_names, load_homework
from grader.intake.submission import IntakeError, read_submission
from grader.portal import line, people
from grader.portal.book import Book
from grader.portal.course import ROSTER
from grader.spec import SpecError

OUT = Path("out") / "portal-demo"
STUDENTS, SEED = 40, 1
AGAIN = 0.4  # share of the class that has two attempts


def prepared(course: Path, out: Path | None) -> Path:
    """Make the demo's course below `out`, with a class that has handed in. Returns its folder.

    The first homework of the course that is found at `course` is copied, or a new small one is made. Raises
    `UsageError` where `out` is something else's.
    """
    out = out or OUT
    if out.exists() and any(out.iterdir()) and not (out / ".demo").exists():
        raise UsageError(f"{out} exists and is no demo's: choose another folder with --state")
    shutil.rmtree(out, ignore_errors=True)
    root = out / "course"
    root.mkdir(parents=True)
    (out / ".demo").touch()
    homework = _homework(course, root)
    _hand_in(homework, out, root / "portal")
    return root


def _homework(course: Path, root: Path) -> Homework:
    try:
        found = find_course(course)
        homework = load_homework(found, homework_names(found)[0])
    except (SpecError, IndexError):
        from grader.commands import new

        new.course(root)
        new.homework(root, "hw1")
        homework = load_homework(root, "hw1")
    else:
        homework = demo.hasty(homework, root)
    path = homework.public / "assignment.toml"
    due = (datetime.now(UTC) + timedelta(days=3)).replace(minute=0, second=0, microsecond=0).isoformat()
    text = re.sub(r"^(due|opens) *=.*\n", "", path.read_text("utf-8"), flags=re.MULTILINE)
    path.write_text(re.sub(r"^(points *=.*)$", rf"\1\ndue = {due}", text, count=1, flags=re.MULTILINE), "utf-8")
    return load_homework(root, homework.assignment.name)


def _hand_in(homework: Homework, out: Path, state: Path) -> None:
    """Put two generations of a simulated class into the line: the first attempts are the weaker ones."""
    draw = random.Random(SEED)  # noqa: S311 - a class is drawn, not a secret
    state.mkdir(mode=0o700)
    final = demo.simulate(homework, out / "submissions", STUDENTS, SEED)
    first = demo.simulate(homework, out / "earlier", STUDENTS, SEED + 1)
    demo.write_roster(state / ROSTER, sorted(path.name for path in final), SEED)
    book = Book(state)
    now = datetime.now(UTC)
    early = [path for path in first if path.name == "ada" or draw.random() < AGAIN]
    with book.writing() as connection:
        people.enrol(connection, read_roster(state / ROSTER))
        for path in [*early, *sorted(final, key=lambda one: one.name != "ada")]:
            user = people.find(connection, path.name)
            assert user is not None
            try:
                submission = read_submission(path, homework.assignment)
            except IntakeError:
                continue  # who has nothing to show shows nothing: the portal takes only what can be graded
            moment = now - timedelta(hours=draw.uniform(1, 20) + 24 * (path in early))
            name, at = homework.assignment.name, moment.isoformat(timespec="microseconds")
            number = line.add_draft(connection, user.id, name, submission, at, {})  # no page shows it any more
            row = line.one(connection, number)
            assert row is not None
            line.confirm(connection, row, user.student, line.RERUN)  # who tries the demo need not wait
    book.close()
