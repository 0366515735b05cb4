"""Dies in each check, and leaves in System V memory and semaphores so much that its end takes a while, which is not counted.
class: stall
verdict: crash, blocked, timeout
success: held
control: naive
part: training
course: hw1_conv
naive: sleeps
"""

import ctypes
import os
import time

_libc = ctypes.CDLL(None)
_libc.shmat.restype = ctypes.c_void_p
_libc.shmdt.argtypes = [ctypes.c_void_p]
_libc.memset.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_size_t]
SIZE = 200 << 10


def _answer(*_args, **_kwargs):
    begun, segments = time.monotonic(), 0
    while segments < 3_700 and time.monotonic() - begun < 1.6:
        number = _libc.shmget(0, SIZE, 0o1600)
        if number < 0:
            break
        place = _libc.shmat(number, None, 0)
        _libc.memset(place, 1, SIZE)
        _libc.shmdt(place)
        segments += 1
    while time.monotonic() - begun < 1.9 and _libc.semget(0, 1, 0o1600) >= 0:
        pass
    while time.monotonic() - begun < 1.9:
        time.sleep(0.005)
    os._exit(3)


def __getattr__(name):
    if name.startswith("_"):
        raise AttributeError(name)
    return _answer
