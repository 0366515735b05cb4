"""Collect a class: whatever the paths hold, each submission is read, kept in the run's store and let go of.

Memory holds one submission at a time. A download of Canvas, Moodle or Gradescope is known by the names in it; anything
else is what `intake.find_places` makes of it.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from grader.collect import canvas, gradescope, moodle, package
from grader.collect.attempts import split_attempt
from grader.collect.found import Found
from grader.collect.handin import HandIn, Owner
from grader.collect.store import Store
from grader.contents import shown
from grader.intake import Place, Rejected, Submission, find_places, read_place, unique_name
from grader.spec import Assignment

PLATFORMS = (gradescope, moodle, canvas)


@dataclass(frozen=True)
class Collected:
    """The hand-ins by name, and sentences about what a TA should look at."""

    hand_ins: tuple[HandIn, ...]
    notes: tuple[str, ...]


def collect(paths: Sequence[Path], assignment: Assignment, store: Store | None, out: Path) -> Collected:
    """Read everything at `paths` and keep it in `store`; without one nothing is written. `out` is no submission.

    Raises `IntakeError` if a path does not exist.
    """
    taken: set[str] = set()
    notes: list[str] = []
    hand_ins = []
    with ExitStack() as stack:
        for found in _everything(paths, assignment, out, stack, notes):
            name = unique_name(found.name, taken)
            submission = _read(found, name, assignment)
            if isinstance(submission, Submission) and store is not None:
                store.put(submission)
            hand_ins.append(_hand_in(found, submission))
    return Collected(tuple(sorted(hand_ins, key=lambda one: one.name)), (*notes, *_alike(hand_ins)))


def _everything(
    paths: Sequence[Path], assignment: Assignment, out: Path, stack: ExitStack, notes: list[str]
) -> Iterator[Found]:
    plain = []
    for path in paths:
        folder = _unpacked(path, stack, notes)
        platform = next((one for one in PLATFORMS if folder.is_dir() and one.recognises(folder)), None)
        if platform is None:
            plain.append(path)
            continue
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="grader-")))
        found, said = platform.read(folder, assignment, scratch)
        notes += said
        yield from found
    yield from _plain(plain, assignment, out)


def _unpacked(path: Path, stack: ExitStack, notes: list[str]) -> Path:
    """The folder that a platform's archive holds, unpacked for the time being; any other path as it is."""
    if not package.is_class(path, PLATFORMS):
        return path
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="grader-")))
    notes += package.unpack(path, folder)
    return folder


def _plain(paths: Sequence[Path], assignment: Assignment, out: Path) -> Iterator[Found]:
    for place in find_places(paths, assignment):
        if not _is_ours(place, out):
            who, attempt = split_attempt(place.stem)
            yield Found(place.name, place.path, (Owner(id=who, name=who),), attempt, given=place.given)


def _is_ours(place: Place, out: Path) -> bool:
    """Whether it is no submission but a run's folder, where OUT lies among the submissions."""
    from grader.report.write import STAFF

    found, out = place.path.resolve(), out.resolve()
    return found in (out, out / STAFF) and (out / STAFF).is_dir()


def _read(found: Found, name: str, assignment: Assignment) -> Submission | Rejected:
    if found.path is None:
        return Rejected(name, found.origin, found.problem)
    submission = read_place(Place(found.path, name, found.name, found.given), assignment)
    return replace(submission, origin=found.origin) if found.origin else submission


def _hand_in(found: Found, submission: Submission | Rejected) -> HandIn:
    rejected = isinstance(submission, Rejected)
    problem = submission.reason if isinstance(submission, Rejected) else ""
    return HandIn(
        name=submission.name,
        sha256=hashlib.sha256(problem.encode()).hexdigest() if rejected else _sha256(submission),
        origin=submission.origin,
        problem=problem,
        owners=found.owners,
        attempt=found.attempt,
        submitted_at=found.submitted_at,
        late=found.late,
        ignored=() if isinstance(submission, Rejected) else submission.ignored,
    )


def _sha256(submission: Submission | Rejected) -> str:
    assert isinstance(submission, Submission)
    return submission.sha256


def _alike(hand_ins: Iterable[HandIn]) -> list[str]:
    """A sentence for names that tell two people apart by nothing but their case."""
    by_owner: dict[str, set[str]] = {}
    for hand_in in hand_ins:
        for owner in hand_in.owners:
            by_owner.setdefault(owner.id.casefold(), set()).add(owner.id)
    return [
        f"{' and '.join(map(shown, sorted(ids)))} differ in case only. Both are graded; is it one student?"
        for ids in by_owner.values()
        if len(ids) > 1
    ]
