"""Answers all but too slowly with objects by the ten thousand.
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
    return [_Object() for _ in range(20_000)]


scale = convolve = pool = pair = count = build = refuse = _answer


def witness(x):
    time.sleep(0.9)
    return x + 1
