"""Sends itself SIGKILL in each check, which looks as if somebody else had.
class: stall
verdict: crash, failed
success: stall
control: naive
"""

import ctypes
import os
import time

_libc = ctypes.CDLL(None)
_libc.shmat.restype = ctypes.c_void_p


def _hoard():
    os.kill(os.getpid(), 9)
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
