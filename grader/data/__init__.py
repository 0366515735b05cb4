"""The data that networks are trained and judged on, by the name of its profile."""

from grader.data.data import Data
from grader.data.profiles import FROM_FOLDER, load, training_data

__all__ = ["FROM_FOLDER", "Data", "load", "training_data"]
