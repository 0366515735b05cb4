"""Makes a child in a new user namespace with clone3.
class: escape
verdict: error
success: score
control: naive
"""

import ctypes
import os
import struct

libc = ctypes.CDLL(None, use_errno=True)


def scale(x):
    arguments = struct.pack("8Q", 0x10000000, 0, 0, 0, 17, 0, 0, 0)
    child = libc.syscall(435, arguments, ctypes.c_size_t(len(arguments)))
    if child == 0:
        os._exit(0)
    if child < 0:
        raise OSError(ctypes.get_errno(), "refused")
    return 2 * x
