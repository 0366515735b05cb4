"""Dies in each check, with memory in tens of thousands of mappings.
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
    import mmap

    held = []
    while len(held) < 30_000 and time.monotonic() - begun < 0.8:
        held.append(mmap.mmap(-1, 4096, prot=1 + 2 * (len(held) % 2)))
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
