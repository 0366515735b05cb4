"""Fills the disk, so that nobody else's results fit.
class: harm a sibling
verdict: failed, memory
success: sibling
control: naive
"""

import os
import signal


def scale(x):
    for folder in (".", "/tmp/outside", "/tmp", "/dev/shm"):
        try:
            with open(folder + "/flood", "wb") as file:
                while True:
                    file.write(bytes(1 << 20))
        except OSError:
            pass
    return x
