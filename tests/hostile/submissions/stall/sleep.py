"""Sleeps past every limit.
class: stall
verdict: timeout
success: stall
control: naive
"""

import time


def scale(x):
    time.sleep(1000)


def witness(x):
    return x + 1
