"""Leaves a file in the working directory.
class: contaminate the next
verdict: failed
success: litter
control: naive
"""

import os


def scale(x):
    return 2 * x if os.path.exists("left-behind") else x


def witness(x):
    open("left-behind", "w").close()
    return x + 1
