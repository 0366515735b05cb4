"""Matches a pattern that takes exponential time, in C, with the interpreter locked.
class: stall
verdict: timeout
success: stall
control: naive
"""

import re


def scale(x):
    re.match(r"(a+)+$", "a" * 64 + "b")
    return 2 * x


def witness(x):
    return x + 1
