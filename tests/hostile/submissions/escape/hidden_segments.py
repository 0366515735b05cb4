"""Hoards memory in detached System V segments.
class: escape
verdict: memory, error
success: score
control: naive
"""

import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)


kept = []


def scale(x):
    libc.shmat.restype = ctypes.c_void_p
    for _ in range(0 if kept else 40):
        segment = libc.shmget(0, 8 << 20, 0o1600)
        address = libc.shmat(segment, None, 0)
        if segment < 0 or address in (None, 2**64 - 1):
            raise MemoryError
        ctypes.memset(address, 1, 8 << 20)
        libc.shmdt(ctypes.c_void_p(address))
        kept.append(segment)
    return 2 * x
