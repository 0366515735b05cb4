"""The data that networks are trained and judged on, by the name of its profile."""

from grader.data.data import Data
from grader.data.profiles import PROFILES, load, training_data

__all__ = ["PROFILES", "Data", "load", "training_data"]
