"""Hoards memory in files that no address space shows.
class: escape
verdict: memory, error
success: score
control: naive
"""

import os


kept = []


def scale(x):
    for _ in range(0 if kept else 40):
        descriptor = os.memfd_create("hoard")
        for _ in range(8):
            os.write(descriptor, bytes(1 << 20))
        kept.append(descriptor)
    return 2 * x
