"""Loads a library from an anonymous file in memory.
class: escape
verdict: error
success: score
control: naive
"""

import ctypes
import os


def scale(x):
    descriptor = os.memfd_create("mine")
    with open("/usr/lib/x86_64-linux-gnu/libm.so.6", "rb") as file:
        os.write(descriptor, file.read())
    library = ctypes.CDLL(f"/proc/self/fd/{descriptor}")
    library.exp2.restype, library.exp2.argtypes = ctypes.c_double, [ctypes.c_double]
    return x * int(library.exp2(1.0))
