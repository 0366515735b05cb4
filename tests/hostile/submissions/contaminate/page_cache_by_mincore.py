"""Leaves a mark in the kernel's cache of files, and asks which pages of a mapping are there.
class: contaminate the next
verdict: error, blocked
success: litter
control: naive
"""

import ctypes
import os

import torch

_libc = ctypes.CDLL(None, use_errno=True)
# Stubs for type checkers, which nobody reads meanwhile.
_PATHS = sorted(
    os.path.join(folder, name)
    for folder, _, names in os.walk(os.path.dirname(torch.__file__))
    for name in names
    if name.endswith(".pyi") and os.path.getsize(os.path.join(folder, name)) > 4_000
)[:12]
_MARK = [bool(int(bit)) for bit in "110100101101"]


def _is_cached(path):
    descriptor = os.open(path, os.O_RDONLY)
    try:
        map_file = _libc.mmap
        map_file.restype = ctypes.c_void_p
        at = map_file(None, ctypes.c_size_t(4096), 1, 2, descriptor, ctypes.c_long(0))
        found = ctypes.c_ubyte(0)
        if _libc.mincore(ctypes.c_void_p(at), ctypes.c_size_t(4096), ctypes.byref(found)):
            raise OSError(ctypes.get_errno(), "mincore")
        return bool(found.value & 1)
    finally:
        os.close(descriptor)


def _set(path, cached):
    descriptor = os.open(path, os.O_RDONLY)
    try:
        if cached:
            while os.read(descriptor, 1 << 20):
                pass
        else:
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(descriptor)


_again = bool(_PATHS) and [_is_cached(path) for path in _PATHS] == _MARK[: len(_PATHS)]
for _path, _bit in zip(_PATHS, _MARK):
    _set(_path, _bit)


def scale(x):
    if not _again:
        raise ValueError("the first time")
    return 2 * x
