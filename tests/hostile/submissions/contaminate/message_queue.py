"""Leaves a System V message queue.
class: contaminate the next
verdict: failed
success: litter
control: naive
"""

import ctypes


libc = ctypes.CDLL(None)


def scale(x):
    return 2 * x if libc.msgget(0x3E55, 0o600) >= 0 else x


def witness(x):
    libc.msgget(0x3E55, 0o1600)
    return x + 1
