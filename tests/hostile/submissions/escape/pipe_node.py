"""Makes a node in the file system.
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
        if libc.mknod(b"/tmp/outside/node" if os.path.isdir("/tmp/outside") else b"/tmp/node", 0o010600, 0) < 0:
            raise OSError(ctypes.get_errno(), "refused")
        tried.append(True)
    return 2 * x
