"""Comes first to the folder of all submissions, and shuts it.
class: reach a neighbour
verdict: error, failed, timeout, memory, crash, blocked
success: sibling
control: shared
"""

import os
import tempfile
import time

PLACES = [os.getcwd(), "/tmp/submission", tempfile.gettempdir(), os.path.dirname(tempfile.gettempdir()), "/tmp", "/dev/shm"]

for place in PLACES:
    try:
        os.makedirs(os.path.join(place, "submission"), exist_ok=True)
        os.chmod(place, 0o700)
        os.chmod(os.path.join(place, "submission"), 0o700)
    except OSError:
        pass

time.sleep(2)


def scale(x):
    return x
