"""Raises an exception whose text never ends.
class: stall
verdict: timeout
success: stall
control: naive
"""

class Endless(Exception):
    def __str__(self):
        while True:
            pass

    __repr__ = __str__


def scale(x):
    raise Endless


def witness(x):
    return x + 1
