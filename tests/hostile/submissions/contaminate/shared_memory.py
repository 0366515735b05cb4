"""Leaves a segment of System V shared memory.
class: contaminate the next
verdict: failed
success: litter
control: naive
"""

import ctypes


libc = ctypes.CDLL(None)
KEY = 0x10C4


def scale(x):
    return 2 * x if libc.shmget(KEY, 4096, 0o600) >= 0 else x


def witness(x):
    libc.shmget(KEY, 4096, 0o1600)
    return x + 1
