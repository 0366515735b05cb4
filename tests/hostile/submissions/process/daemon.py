"""Leaves a daemon of its own session behind.
class: leave a process
verdict: passed
success: process
control: naive
"""

import os
import time


def scale(x):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            time.sleep(60)
        os._exit(0)
    return 2 * x
