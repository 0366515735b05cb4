"""Sets its own processor time to a second, by every call that there is, and spins.
class: stall
verdict: timeout
success: stall
control: naive
"""

import ctypes
import os
import resource

SETRLIMIT = {"x86_64": 160, "aarch64": 164}


def scale(x):
    try:
        resource.setrlimit(resource.RLIMIT_CPU, (1, 1))
    except (OSError, ValueError):
        second = (ctypes.c_ulong * 2)(1, 1)
        ctypes.CDLL(None).syscall(SETRLIMIT[os.uname().machine], 0, second)
    while True:
        pass


def witness(x):
    return x + 1
