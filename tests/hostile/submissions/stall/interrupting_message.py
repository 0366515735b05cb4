"""Raises an exception whose text raises KeyboardInterrupt.
class: stall
verdict: error
success: stall
control: naive
"""

class Rude(Exception):
    def __str__(self):
        raise KeyboardInterrupt

    __repr__ = __str__


def scale(x):
    raise Rude


def witness(x):
    return x + 1
