"""Dies in each check, with as many processes as it may have, each with memory of its own.
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
    for _ in range(12):
        try:
            if os.fork() == 0:
                held = bytearray(8 << 20)
                while held:
                    time.sleep(1)
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
