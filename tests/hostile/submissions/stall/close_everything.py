"""Closes every descriptor and waits.
class: stall
verdict: crash, timeout
success: stall
control: naive
"""

import os
import time


def scale(x):
    os.closerange(0, 256)
    time.sleep(100)


def witness(x):
    return x + 1
