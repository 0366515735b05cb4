"""Makes a user namespace of its own.
class: escape
verdict: error
success: score
control: naive
"""

import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)


tried = []


def scale(x):
    if not tried:
        if libc.unshare(0x10000000) < 0:
            raise OSError(ctypes.get_errno(), "refused")
        tried.append(True)
    return 2 * x
