"""Stops its own process group.
class: stall
verdict: timeout
success: stall
control: naive
"""

import os
import signal
import time


def scale(x):
    os.killpg(0, signal.SIGSTOP)
    time.sleep(100)


def witness(x):
    return x + 1
