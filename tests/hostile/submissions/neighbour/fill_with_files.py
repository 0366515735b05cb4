"""Fills the place of all submissions' files with files of an allowed size.
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
        for number in range(200):
            with open(os.path.join(place, f"f{number}"), "wb") as file:
                file.write(bytes(4 << 20))
    except OSError:
        pass

time.sleep(2)


def scale(x):
    return x
