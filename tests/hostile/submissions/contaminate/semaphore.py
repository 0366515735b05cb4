"""Leaves a System V semaphore.
class: contaminate the next
verdict: failed
success: litter
control: naive
"""

import ctypes


libc = ctypes.CDLL(None)


def scale(x):
    return 2 * x if libc.semget(0x5E4A, 1, 0o600) >= 0 else x


def witness(x):
    libc.semget(0x5E4A, 1, 0o1600)
    return x + 1
