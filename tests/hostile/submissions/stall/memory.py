"""Allocates until there is no more, and then waits for more.
class: stall
verdict: memory, timeout
success: stall
control: naive
"""

import os


def scale(x):
    kept = []
    while True:
        try:
            kept.append(bytearray(b"x" * (16 << 20)))
        except MemoryError:
            os.sched_yield()


def hoard():
    return [hoard]


def witness(x):
    return x + 1
