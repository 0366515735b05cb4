"""Hoards memory in files that no address space shows.
class: escape
verdict: memory, error
success: score
control: naive
"""

import os


def scale(x):
    kept = []
    for _ in range(40):
        descriptor = os.memfd_create("hoard")
        for _ in range(8):
            os.write(descriptor, bytes(1 << 20))
        kept.append(descriptor)
    return 2 * x
