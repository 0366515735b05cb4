"""Dies in each check, and leaves semaphores and queues of System V by the ten thousand.
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
    while time.monotonic() - begun < 0.8 and _libc.semget(0, 1, 0o1600) >= 0 and _libc.msgget(0, 0o1600) >= 0:
        pass
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
