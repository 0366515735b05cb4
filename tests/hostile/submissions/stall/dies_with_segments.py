"""Dies in each check, and leaves so much memory of System V that its end takes a while.
class: stall
verdict: crash, memory
success: stall
control: naive
"""

import ctypes
import os
import time

_libc = ctypes.CDLL(None)
_libc.shmat.restype = ctypes.c_void_p


def _hoard():
    begun = time.monotonic()
    for _ in range(3_700):
        number = _libc.shmget(0, 50_000, 0o1600)
        if number < 0 or time.monotonic() - begun > 0.8:
            break
        place = ctypes.c_void_p(_libc.shmat(number, None, 0))
        _libc.memset(place, 1, ctypes.c_size_t(50_000))
        _libc.shmdt(place)
    os._exit(3)


def scale(x):
    _hoard()


def convolve(x, w):
    _hoard()


def pool(x):
    _hoard()


def pair(x):
    _hoard()


def count(x):
    _hoard()


def build(factor):
    _hoard()


def refuse(n):
    _hoard()


def witness(x):
    return x + 1
