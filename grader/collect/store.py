"""The files of a run's submissions, kept in the run's folder under their hash: a regrade needs no download again.

They are below a hidden folder, so that intake never reads them as new hand-ins.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from grader.errors import GraderError
from grader.intake.submission import Submission, files_sha256
from grader.report.write import STAFF

FOLDER = ".handed_in"
PROBE_BYTES = 1 << 20


class Store:
    """The submissions kept in the folder of a run."""

    def __init__(self, run: Path) -> None:
        self.folder = run / STAFF / FOLDER

    def put(self, submission: Submission) -> None:
        """Keep a submission's files: all of them or, where that fails (`OSError`), none."""
        if self.has(submission.sha256):
            return
        (self.folder.parent).mkdir(mode=0o700, parents=True, exist_ok=True)
        self.folder.mkdir(mode=0o700, exist_ok=True)
        made = Path(tempfile.mkdtemp(prefix=".", dir=self.folder))
        try:
            for name, content in submission.files.items():
                path = made / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
            os.replace(made, self.folder / submission.sha256)
        except BaseException:
            shutil.rmtree(made, ignore_errors=True)
            raise

    def takes_files(self) -> bool:
        """Whether anything at all can be kept here."""
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self.folder) as file:
                file.write(b"\0" * PROBE_BYTES)
        except OSError:
            return False
        return True

    def has(self, sha256: str) -> bool:
        """Whether the files of this hash are kept."""
        return (self.folder / sha256).is_dir()

    def get(self, sha256: str, name: str, origin: str) -> Submission:
        """A submission as it was handed in. Raises `GraderError` where its files are gone or are no longer that."""
        folder = self.folder / sha256
        try:
            paths = sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
            files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}
        except OSError as error:
            raise GraderError(f"what {name} handed in cannot be read from {folder}: {error.strerror}") from error
        files = dict(sorted(files.items()))
        if files_sha256(files) != sha256:
            raise GraderError(
                f"what {name} handed in is not in {folder} any more, or was changed there. "
                "Grade it again from the download."
            )
        return Submission(name, files, sha256, origin)
