"""Drops torch's libraries from the kernel's cache and reads them, which counts as its memory for as long as they stay.
class: stall
verdict: error, failed, timeout, blocked, memory, crash
success: stall
control: naive
"""

import os
import time

import torch

_FOLDER = os.path.join(os.path.dirname(torch.__file__), "lib")


def scale(x):
    for name in sorted(os.listdir(_FOLDER)):
        if not os.path.isfile(os.path.join(_FOLDER, name)):
            continue
        with open(os.path.join(_FOLDER, name), "rb") as file:
            try:
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
            except OSError:
                pass
            for _ in range(100):
                file.read(1 << 20)
    time.sleep(60)


def witness(x):
    return x + 1
