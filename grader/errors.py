"""The two roots of our own exceptions. Their messages are sentences, which the command line prints as they are."""


class UsageError(Exception):
    """Something that was given cannot be used: a path, a name, a file. Exit code 2."""


class GraderError(Exception):
    """The grader, its suite or its machine failed, never a student. Exit code 3."""
