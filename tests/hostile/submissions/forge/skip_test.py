"""Raises unittest.SkipTest, which pytest takes for a skipped test.
class: forge the result
verdict: error
success: score
control: naive
"""

import unittest


def scale(x):
    raise unittest.SkipTest("not today")
