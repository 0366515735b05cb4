"""Recurses without a limit until the stack is gone.
class: stall
verdict: crash, error, memory, timeout
success: stall
control: naive
"""

import sys


def deeper(n):
    return [*map(deeper, [n + 1])]


def scale(x):
    sys.setrecursionlimit(10**9)
    return deeper(0)


def witness(x):
    return x + 1
