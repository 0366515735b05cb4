"""Starts its daemon only when the grader is done with it.
class: leave a process
verdict: passed
success: process
control: naive
"""

import atexit
import os
import time


def haunt():
    if os.fork() == 0:
        os.setsid()
        time.sleep(60)
        os._exit(0)


atexit.register(haunt)


def scale(x):
    return 2 * x
