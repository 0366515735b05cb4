"""Collect a class: read each submission in the paths, keep it in the run's store, and free its memory.

Memory holds one submission at a time. All names in a path decide what it is, and the platform's part of a name decides
who owns a hand-in: one student's work decides neither. A problem while a hand-in is read or kept concerns that hand-in
only: it becomes a sentence for the student or, if the grader itself fails, a hand-in without a grade.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, tzinfo
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

from grader.collect import (
    autolab,
    blackboard,
    brightspace,
    canvas,
    google,
    gradescope,
    moodle,
    nbgrader,
    sakai,
    teams,
)
from grader.collect.attempts import split_attempt
from grader.collect.found import Found
from grader.collect.handin import HandIn, Owner
from grader.collect.items import InZip, Item, contents_of, listed, opened_zip
from grader.collect.refuse import refuse_many, refuse_others
from grader.collect.store import Store
from grader.intake.caps import IntakeError, Unreadable
from grader.intake.contents import shown
from grader.intake.submission import (
    LONE,
    Place,
    Rejected,
    Submission,
    find_places,
    from_contents,
    from_lone,
    read_place,
    unique_names,
)
from grader.spec import Assignment


class Platform(Protocol):
    """What the module of a learning platform's reader offers."""

    def root(self, items: Sequence[Item]) -> Sequence[Item] | None:
        """What a download of the platform consists of; None for what is none."""

    def read(self, items: Sequence[Item], assignment: Assignment) -> tuple[list[Found], list[str]]:
        """The submissions in a download, and sentences about what is odd in it."""


PLATFORMS: tuple[Platform, ...] = (
    gradescope,
    moodle,
    blackboard,
    brightspace,
    canvas,
    autolab,
    sakai,
    teams,
    nbgrader,
    google,
)
WRAPPED = 2  # folders that a download may lie in, with nothing beside it
TEXT = 1_000  # characters of what a source says of an owner or a place


@dataclass(frozen=True)
class Collected:
    """The hand-ins by name, and sentences about what a TA should look at."""

    hand_ins: tuple[HandIn, ...]
    notes: tuple[str, ...]


def collect(
    paths: Sequence[Path],
    assignment: Assignment,
    store: Store | None,
    out: Path,
    zone: tzinfo = UTC,
    *,
    known: Collection[str] = (),
    others: Mapping[str, Collection[str]] = MappingProxyType({}),
) -> Collected:
    """Read everything at `paths` and keep it in `store`; without one nothing is written. `out` is no submission.
    What a platform says of times without a zone is the time of `zone`, the course's. The `known` names and ids of
    people tell in which encoding a zip archive's names are, and what is many people's. `others` are the files that the
    course's other homeworks ask for.

    A single path may be a platform's download or a class folder. Of several each is one hand-in, and may wholly be a
    student's, unless all of them are downloads. Raises `IntakeError` if a path does not exist, `UsageError` where the
    paths look like many people's work that cannot be told apart or like another homework's, OSError where nothing can
    be kept.
    """
    with ExitStack() as stack:
        found, notes = _downloads(paths, assignment, stack, known) or _hand_ins(paths, assignment, out, known)
        names = unique_names([one.name for one in found])
        takers = [_Taker(one, name, assignment, store, notes, zone) for one, name in zip(found, names, strict=True)]
        hand_ins = [taker.taken() for taker in takers]
    refuse_others(paths, [taker.read for taker in takers if taker.read is not None], assignment, others)
    said = [plain(note, 2 * TEXT) for note in (*notes, *_alike(hand_ins))]
    return Collected(tuple(sorted(hand_ins, key=lambda one: one.name)), tuple(said))


def plain(text: str, limit: int = TEXT) -> str:
    """A text that a database, a page and a terminal take as it is."""
    return shown(text, limit)


def _downloads(
    paths: Sequence[Path], assignment: Assignment, stack: ExitStack, known: Collection[str]
) -> tuple[list[Found], list[str]] | None:
    """What lies in platforms' downloads, and what is odd there; None unless each path is one."""
    found: list[Found] = []
    notes: list[str] = []
    with ExitStack() as opened:
        downloads = []
        for path in paths:
            items, left_out = _items(path, opened, known)
            download = _download(items)
            if download is None:
                return None
            downloads.append((download, left_out))
        stack.push(opened.pop_all())
    for (platform, root), left_out in downloads:
        here, said = platform.read(root, assignment)
        found += here
        notes += [*left_out, *said]
    return found, notes


def _download(items: Sequence[Item]) -> tuple[Platform, Sequence[Item]] | None:
    """The platform whose download these are, and what that consists of."""
    levels = [items]
    while len(levels) <= WRAPPED and len(levels[-1]) == 1 and levels[-1][0].is_folder:
        levels.append(levels[-1][0].children())
    roots = ((platform, platform.root(level)) for platform in PLATFORMS for level in levels)
    return next(((platform, root) for platform, root in roots if root is not None), None)


def _items(path: Path, stack: ExitStack, known: Collection[str] = ()) -> tuple[Sequence[Item], list[str]]:
    """What lies at the top of a folder or zip archive, and what of it is left out; nothing for any other path."""
    try:
        if path.is_dir():
            return listed(path), []
        if path.name.lower().endswith(".zip"):
            archive: tuple[InZip, list[str]] = stack.enter_context(opened_zip(path, known))
            return archive[0].children(), archive[1]
    except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError, RuntimeError, IntakeError):
        pass  # the intake says what is wrong with it
    return (), []


def _hand_ins(
    paths: Sequence[Path], assignment: Assignment, out: Path, known: Collection[str]
) -> tuple[list[Found], list[str]]:
    """What lies at paths that are no downloads, and a sentence for each that would be a class if it were alone."""
    places = [place for place in find_places(paths, assignment) if not _is_ours(place, out)]
    if len(paths) > 1 and all(
        _looks_like_class(path, assignment) for path in paths
    ):  # which no student can bring about
        raise IntakeError("Each of these paths looks like a class. Give them one at a time, to the same OUT.")
    if len(paths) == 1 and [place.path for place in places] == [paths[0]]:
        with ExitStack() as stack:
            refuse_many(paths[0], _items(paths[0], stack)[0], assignment, PLATFORMS, known)
    found = []
    for place in places:
        who, attempt = split_attempt(place.stem)
        owners = (Owner(id=who, name=who),)
        found.append(Found(place.stem, path=place.path, owners=owners, attempt=attempt, given=place.given))
    return found, [
        f"{place.path.name} looks like a class and was graded as one hand-in, because each of several paths is one: "
        "a student could name their work like a class. If it is a class, give it alone."
        for place in places
        if len(paths) > 1 and _looks_like_class(place.path, assignment)
    ]


def _looks_like_class(path: Path, assignment: Assignment) -> bool:
    with ExitStack() as stack:
        return _download(_items(path, stack)[0]) is not None or len(find_places([path], assignment)) > 1


def _is_ours(place: Place, out: Path) -> bool:
    """Whether it is no submission but a run's folder, where OUT lies among the submissions."""
    from grader.report.write import STAFF

    return (out / STAFF).is_dir() and any(
        one.exists() and place.path.exists() and one.samefile(place.path) for one in (out, out / STAFF)
    )


@dataclass
class _Taker:
    """Takes one submission in: reads it, and keeps it in the store."""

    found: Found
    name: str
    assignment: Assignment
    store: Store | None
    notes: list[str]
    zone: tzinfo
    read: Submission | Rejected | None = None  # without its files

    def taken(self) -> HandIn:
        """The submission, read and kept; a hand-in with a problem where that cannot be.

        Raises OSError where nothing can be kept, for any student.
        """
        submission, is_fault = self._read()
        if isinstance(submission, Submission) and self.store is not None:
            try:
                self.store.put(submission)
            except Exception as error:
                if isinstance(error, OSError) and not self.store.takes_files():
                    raise
                submission, is_fault = Rejected(self.name, submission.origin, _fault(error)), True
        self.read = replace(submission, files={}) if isinstance(submission, Submission) else submission
        if isinstance(submission, Submission) and submission.renamed:
            self.notes.append(f"{submission.name}: {submission.renamed}.")
        found, moment = self.found, self.found.submitted_at
        problem = plain(submission.reason, 4 * TEXT) if isinstance(submission, Rejected) else ""
        return HandIn(
            name=submission.name,
            sha256=submission.sha256
            if isinstance(submission, Submission)
            else hashlib.sha256(problem.encode()).hexdigest(),
            origin=plain(submission.origin),
            problem=problem,
            owners=tuple(
                Owner(plain(one.id), plain(one.name), plain(one.email), plain(one.account)) for one in found.owners
            ),
            attempt=found.attempt,
            submitted_at=moment if moment is None or moment.tzinfo else moment.replace(tzinfo=self.zone),
            late=found.late,
            note=plain(f"{submission.renamed}.") if isinstance(submission, Submission) and submission.renamed else "",
            ignored=submission.ignored if isinstance(submission, Submission) else (),
            is_fault=is_fault,
        )

    def _read(self) -> tuple[Submission | Rejected, bool]:
        """What was handed in, and whether it is the grader that failed to read it."""
        try:
            return _read(self.found, self.name, self.assignment), False
        except MemoryError:
            said = "It takes too much memory to read. Hand in the sources only."
            return Rejected(self.name, self.found.origin, said), False
        except Exception as error:  # noqa: BLE001 - our mistake, which must not be anybody else's
            return Rejected(self.name, self.found.origin, _fault(error)), True


def _fault(error: Exception) -> str:
    return f"The grader failed to read this, which is not the student's fault: {type(error).__name__}: {error}"


def _read(found: Found, name: str, assignment: Assignment) -> Submission | Rejected:
    if found.path is not None:
        return read_place(Place(found.path, name, found.name, found.given), assignment)
    if not found.items:
        return Rejected(name, found.origin, found.problem)
    (first, item), *others = found.items.items()
    try:
        if found.any_name and not others and not item.is_folder and first.endswith(LONE):
            return from_lone(first, item.read, assignment, name, found.origin)
        return from_contents(contents_of(found.items, assignment.files), assignment, name, found.origin)
    except IntakeError as error:
        return Rejected.because(name, found.origin, error)
    except Unreadable as error:
        return Rejected(name, found.origin, f"{shown(first or found.origin)} {error}.")


def _alike(hand_ins: Iterable[HandIn]) -> list[str]:
    """A sentence for names that tell two people apart by nothing but their case."""
    by_owner: dict[str, set[str]] = {}
    for hand_in in hand_ins:
        for owner in hand_in.owners:
            by_owner.setdefault(owner.id.casefold(), set()).add(owner.id)
    return [
        f"{' and '.join(map(shown, sorted(ids)))} differ only in case. Both are graded. Are they one student?"
        for ids in by_owner.values()
        if len(ids) > 1
    ]
