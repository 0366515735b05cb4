"""Answers all but too slowly with texts by the thousand.
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
    return ['a' * 300 + str(i) for i in range(3_000)]


scale = convolve = pool = pair = count = build = refuse = _answer


def witness(x):
    time.sleep(0.9)
    return x + 1
