"""Reads address zero.
class: stall
verdict: crash
success: stall
control: naive
"""

import ctypes


def scale(x):
    ctypes.string_at(0)


def witness(x):
    return x + 1
