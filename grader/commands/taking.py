"""Takes in what lies at paths, for a command that grades or says what it would grade."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

from grader.collect.collect import Collected, collect
from grader.collect.roster import Person
from grader.collect.store import Store
from grader.errors import GraderError, UsageError
from grader.homework import Homework, homework_names
from grader.run.folder import course_of
from grader.spec import load_assignment


def nothing(paths: Sequence[Path]) -> UsageError:
    """What to say where there is no submission."""
    return UsageError(f"there is nothing to grade at {', '.join(map(str, paths))}")


def take_in(
    homework: Homework, paths: Sequence[Path], out: Path, store: Store | None, roster: Sequence[Person]
) -> Collected:
    """Read what lies at `paths`, and keep it in `store` if there is one. Raises `UsageError`, `GraderError`."""
    try:
        collected = collect(
            paths,
            homework.assignment,
            store,
            out,
            ZoneInfo(course_of(homework).time_zone),
            known=[called for person in roster for called in (person.name, person.id) if called],
            others=_others(homework),
        )
    except OSError as error:
        raise GraderError(
            f"what was handed in cannot be kept in {out}: {error.strerror}. Nothing new is graded yet; "
            "run the same command again after fixing that"
        ) from error
    if not collected.hand_ins:
        raise nothing(paths)
    return collected


def _others(homework: Homework) -> dict[str, tuple[str, ...]]:
    """The files that the course's other homeworks ask for."""
    folder = homework.public.parent
    found = {}
    for name in homework_names(folder.parent):
        with contextlib.suppress(UsageError):  # its author's concern
            if name != homework.assignment.name:
                found[name] = load_assignment(folder / name).files
    return found
