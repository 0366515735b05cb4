"""Opens what the machine offers as devices.
class: escape
verdict: error
success: score
control: naive
"""

import os


def scale(x):
    os.open("/dev/full", os.O_RDWR)
    return 2 * x
