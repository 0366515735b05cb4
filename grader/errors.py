"""Every exception of our own. Their messages are sentences, which the command line prints as they are.

Two roots decide the exit code; `StudentError` is neither, for it is caught and scored.
"""

from __future__ import annotations

import traceback

from grader.outcome import Line, Verdict


class UsageError(Exception):
    """Something that was given cannot be used: a path, a name, a file. Exit code 2."""


class GraderError(Exception):
    """The grader, its suite or its machine failed, never a student. Exit code 3."""


class StudentError(Exception):
    """The submission did not answer: it raised, was refused, ran out of time or memory, died, or talked nonsense.

    `kind` is the type name of the student's exception ("ValueError"), empty for anything else; `message` is for the
    student.
    """

    def __init__(self, verdict: Verdict, message: str, kind: str = "", bases: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.verdict = verdict
        self.message = message
        self.kind = kind
        self.bases = bases  # names of the types that the student's exception is made from
        self.line: Line | None = None  # of the student's file, by the submission's own word


def kind_of(error: Exception) -> str:
    """The type name of an exception of the student's, or of one that was raised in this process."""
    return error.kind if isinstance(error, StudentError) else type(error).__name__


def is_kind(error: Exception, name: str) -> bool:
    """Whether an exception of the student's, or of this process, is of the type of that name or made from it."""
    if isinstance(error, StudentError):
        return name == error.kind or name in error.bases
    return any(one.__name__ == name for one in type(error).__mro__)


class InfraError(GraderError):
    """The grader failed, not the student: the sandbox would not start, say. Retried, never scored."""


class Killed(InfraError):
    """A fork was killed, where it could have done so itself: if it is each time, it is the submission's doing."""


def out_of_time(seconds: float, limit: str) -> str:
    """What a student reads of a time limit; `limit` says for what it is, "for one call"."""
    return f"no answer within {round(seconds, 1 if seconds >= 1 else 2):g} s, the time allowed {limit}"


def drop_frames(error: BaseException | None) -> None:
    """Empty the frames that an exception and those it came from went through, and let go of them.

    Where such a frame holds an exception, this one or one that was caught before, all that they have stays in memory
    until rings are next looked for: a hostile submission's answers, of 64 MB each, would fill it before.
    """
    left, seen = [error], set()
    while left:
        if (one := left.pop()) is not None and id(one) not in seen:
            seen.add(id(one))
            traceback.clear_frames(one.__traceback__)
            one.__traceback__ = None
            left += [one.__cause__, one.__context__]
