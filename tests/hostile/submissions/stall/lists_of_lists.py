"""Answers all but too slowly with lists of lists of lists.
class: stall
verdict: failed, error, timeout, blocked
success: stall
control: naive
"""

import time

N = 100_000


class _Object:
    pass


def _answer(*_args):
    time.sleep(0.9)
    return [[[i, i + 0.5, True] for i in range(100)] for _ in range(200)]


scale = convolve = pool = pair = count = build = refuse = _answer


def witness(x):
    time.sleep(0.9)
    return x + 1
