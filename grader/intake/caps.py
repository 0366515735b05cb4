"""How much of a submission is taken in, and what is raised where it is more."""

from __future__ import annotations

from grader.errors import UsageError

ENTRIES = 2_000
FILE_BYTES = 1_000_000  # of one source
NOTEBOOK_BYTES = 20_000_000  # of one notebook, whose pictures are not taken
TOTAL_BYTES = 10_000_000  # of all sources
PATH_BYTES = 255  # of UTF-8: what every file system keeps, whole, as one name
DEPTH = 8  # folders above a file, and the file
NOTEBOOK = ".ipynb"


class IntakeError(UsageError):
    """A submission that cannot be taken in; the message is a sentence for the student or the TA."""


class Unreadable(Exception):
    """One file that cannot be taken; the message follows the file's name in a sentence."""
