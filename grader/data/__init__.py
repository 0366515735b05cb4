"""The data that networks are trained and judged on, by the name of its profile."""

from grader.data.data import Data
from grader.data.profiles import load

__all__ = ["Data", "load"]
