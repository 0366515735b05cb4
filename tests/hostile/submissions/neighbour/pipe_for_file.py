"""Puts a pipe that nobody reads where the next submission's file will be written.
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
    path = os.path.join(place, "hostile.py")
    try:
        os.chmod(place, 0o777)
        os.remove(path)
    except OSError:
        pass
    try:
        os.mkfifo(path)
        os.chmod(path, 0o666)
    except OSError:
        pass

time.sleep(2)


def scale(x):
    return x
