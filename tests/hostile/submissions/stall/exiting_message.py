"""Raises an exception whose text ends the process.
class: stall
verdict: crash
success: stall
control: naive
"""

import os


class Leaving(Exception):
    def __str__(self):
        os._exit(1)

    __repr__ = __str__


def scale(x):
    raise Leaving


def witness(x):
    return x + 1
