"""Makes a child in a new user namespace with clone.
class: escape
verdict: error
success: score
control: naive
"""

import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)


def scale(x):
    child = libc.syscall(56, ctypes.c_ulong(0x10000000 | 17), 0, 0, 0, 0)
    if child == 0:
        os._exit(0)
    if child < 0:
        raise OSError(ctypes.get_errno(), "refused")
    return 2 * x
