import flowers
import numpy as np


def test_describe():
    """describe gives the mean."""
    assert flowers.describe(np.array([1.0, 3.0]))["mean"] == 2
