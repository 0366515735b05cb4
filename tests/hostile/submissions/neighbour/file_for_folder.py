"""Puts a file in the place of the folder of all submissions.
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
    folder = os.path.join(place, "submission")
    try:
        os.rename(folder, folder + ".old")
    except OSError:
        pass
    try:
        open(folder, "x").close()
    except OSError:
        pass

time.sleep(2)


def scale(x):
    return x
