"""Leaves a file in /dev/shm.
class: contaminate the next
verdict: failed
success: litter
control: naive
"""

import os


def scale(x):
    return 2 * x if os.path.exists("/dev/shm/left-behind") else x


def witness(x):
    open("/dev/shm/left-behind", "w").close()
    return x + 1
