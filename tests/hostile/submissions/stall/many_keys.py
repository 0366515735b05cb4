"""Answers all but too slowly with a dictionary of a hundred thousand names.
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
    return {str(i): None for i in range(N)}


scale = convolve = pool = pair = count = build = refuse = _answer


def witness(x):
    time.sleep(0.9)
    return x + 1
