"""The judge's end of the wire: what a hidden suite calls `student`."""

from grader.bridge.errors import InfraError, StudentError

__all__ = ["InfraError", "StudentError"]
