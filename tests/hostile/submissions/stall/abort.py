"""Aborts the process.
class: stall
verdict: crash
success: stall
control: naive
"""

import os


def scale(x):
    os.abort()


def witness(x):
    return x + 1
