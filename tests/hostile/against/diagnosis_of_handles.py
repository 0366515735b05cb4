"""Answers everything, as slowly as it may, with a long list that ends in an object, for the diagnosis to search again and again.
class: stall
verdict: failed, blocked, timeout, error
success: held
control: naive
part: training
course: hw1_conv
naive: sleeps
"""

import time

N = 105_000


class _Object:
    pass


def _answer(*_args, **_kwargs):
    time.sleep(1.55)
    return [None] * N + [_Object()]


def __getattr__(name):
    if name.startswith("_"):
        raise AttributeError(name)
    return _answer
