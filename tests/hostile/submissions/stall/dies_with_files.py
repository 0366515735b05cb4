"""Dies in each check, with as many files and folders as it may have.
class: stall
verdict: crash
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
    for number in range(4_000):
        try:
            os.mkdir(f"/tmp/{number}")
        except OSError:
            break
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
