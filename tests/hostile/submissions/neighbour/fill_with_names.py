"""Uses up the number of files that may be where all submissions' files are.
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
        for number in range(5000):
            os.mkdir(os.path.join(place, f"d{number}"))
    except OSError:
        pass

time.sleep(2)


def scale(x):
    return x
