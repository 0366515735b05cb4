"""Allocates until there is no more.
class: stall
verdict: memory
success: stall
control: naive
"""

import os


def scale(x):
    kept = []
    while True:
        kept.append(bytearray(b"x" * (16 << 20)))
        os.sched_yield()


def hoard():
    return [hoard]


def witness(x):
    return x + 1
