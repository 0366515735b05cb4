"""Leaves a pair of processes behind, each of which replaces the other.
class: leave a process
verdict: passed
success: process
control: naive
"""

import os
import time


def respawn():
    while True:
        child = os.fork()
        if child == 0:
            time.sleep(0.05)
            continue
        os.waitpid(child, 0)


def scale(x):
    if os.fork() == 0:
        os.setsid()
        respawn()
    return 2 * x
