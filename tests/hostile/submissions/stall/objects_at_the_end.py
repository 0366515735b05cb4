"""Answers all but too slowly with a long list that ends in an object, to be searched again and again.
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
    return [None] * N + [_Object()]


scale = convolve = pool = pair = count = build = refuse = _answer


def witness(x):
    time.sleep(0.9)
    return x + 1
