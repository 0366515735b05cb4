"""Reads memory through process_vm_readv.
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
    source, target = ctypes.create_string_buffer(b"abcd"), ctypes.create_string_buffer(4)
    one = struct.pack("QQ", ctypes.addressof(target), 4)
    other = struct.pack("QQ", ctypes.addressof(source), 4)
    if libc.process_vm_readv(os.getpid(), one, 1, other, 1, 0) < 0:
        raise OSError(ctypes.get_errno(), "refused")
    return 2 * x
