"""Leaves a file in /tmp.
class: contaminate the next
verdict: failed
success: litter
control: naive
"""

import os


def scale(x):
    if os.path.exists("/tmp/outside/left-behind") or os.path.exists("/tmp/left-behind"):
        return 2 * x
    return x


def witness(x):
    for folder in ("/tmp/outside", "/tmp"):
        try:
            open(folder + "/left-behind", "w").close()
        except OSError:
            pass
    return x + 1
