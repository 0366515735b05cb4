"""How much of a submission is taken in, and what is raised where it is more."""

from __future__ import annotations

from grader.errors import UsageError

ENTRIES = 2_000
FILE_BYTES = 1_000_000  # of one source
NOTEBOOK_BYTES = 50_000_000  # of one notebook, whose pictures are not taken: as much as of an archive
TOTAL_BYTES = 10_000_000  # of all sources
PATH_BYTES = 255  # of UTF-8: what every file system keeps, whole, as one name
DEPTH = 8  # folders above a file, and the file
NOTEBOOK = ".ipynb"


class IntakeError(UsageError):
    """A submission that cannot be taken in; the message is a sentence for the student or the TA."""


class NotFound(IntakeError):
    """None of a submission's files has the name that is asked for; `holds` are the sources that it has."""

    def __init__(self, message: str, holds: tuple[str, ...]) -> None:
        super().__init__(message)
        self.holds = holds


class Scattered(IntakeError):
    """The file that is asked for lies in several `places`."""

    def __init__(self, message: str, places: int) -> None:
        super().__init__(message)
        self.places = places


class Unreadable(Exception):
    """One file that cannot be taken; the message follows the file's name in a sentence."""
