"""An upload's files → a submission, by the same rules and caps as `grader grade` reads what lies on a disk."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from starlette.datastructures import UploadFile

from grader.intake.caps import DEPTH, IntakeError
from grader.intake.submission import Submission, read_submission
from grader.spec import Assignment

UNSAFE = re.compile(r"[\x00-\x1f\x7f/\\]")
PREFIX = ".upload-"
NAME_BYTES = 200
MOST_FILES = 500
MOST_BYTES = 60_000_000  # of one request: a notebook may have 50 MB


def sweep(folder: Path) -> None:
    """Remove what a server that was killed had taken in, and not yet read."""
    for left in folder.glob(f"{PREFIX}*"):
        shutil.rmtree(left)


def taken_in(files: Sequence[UploadFile], assignment: Assignment, folder: Path) -> Submission:
    """Read what was uploaded; below `folder` it lies while it is read.

    Raises `IntakeError` with a sentence for the student, and `OSError` where there is no room.
    """
    named = [(_parts(file.filename or ""), file) for file in files]
    named = [(parts, file) for parts, file in named if parts]
    if not named:
        raise IntakeError("No file was chosen.")
    with tempfile.TemporaryDirectory(dir=folder, prefix=PREFIX) as place:
        root = Path(place) / "upload"
        root.mkdir()
        for parts, file in named:
            path = root.joinpath(*parts)
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                with path.open("xb") as copy:
                    shutil.copyfileobj(file.file, copy)
            except (FileExistsError, NotADirectoryError) as error:
                raise IntakeError(f"{'/'.join(parts)!r} is there twice.") from error
        whole = root.joinpath(*named[0][0]) if len(named) == 1 else root
        return read_submission(whole, assignment)


def _parts(name: str) -> list[str]:
    """A path that leads nowhere else, from what a browser says of a file: a folder's files come with their paths."""
    parts = [UNSAFE.sub("_", part) for part in re.split(r"[/\\]", name)]
    kept = [part for part in parts if part.strip(". ")]
    if len(kept) > DEPTH or any(len(part.encode("utf-8", "replace")) > NAME_BYTES for part in kept):
        raise IntakeError("A file's name, or its path, is too long.")
    return kept
