"""Changes its root directory.
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
        if libc.chroot(b"/") < 0:
            raise OSError(ctypes.get_errno(), "refused")
        tried.append(True)
    return 2 * x
