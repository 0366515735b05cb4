"""Leaves a stopped child behind.
class: leave a process
verdict: passed
success: process
control: naive
"""

import os
import signal
import time


def scale(x):
    if os.fork() == 0:
        os.kill(os.getpid(), signal.SIGSTOP)
        time.sleep(60)
        os._exit(0)
    return 2 * x
