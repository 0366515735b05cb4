"""Raises an exception whose text has a gigabyte.
class: stall
verdict: memory, error
success: stall
control: naive
"""

class Long(Exception):
    def __str__(self):
        return "x" * (1 << 30)

    __repr__ = __str__


def scale(x):
    raise Long


def witness(x):
    return x + 1
