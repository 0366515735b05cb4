"""Writes a library to disk and loads it.
class: escape
verdict: error
success: score
control: naive
"""

import ctypes
import os
import shutil


def scale(x):
    path = "./libmine.so"
    if not os.path.exists(path):
        shutil.copy("/usr/lib/x86_64-linux-gnu/libm.so.6", path)
    library = ctypes.CDLL(os.path.abspath(path))
    library.exp2.restype, library.exp2.argtypes = ctypes.c_double, [ctypes.c_double]
    return x * int(library.exp2(1.0))
