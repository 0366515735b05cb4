"""Puts its own source in the place of the next submission's, after that was written.
class: reach a neighbour
verdict: error, failed, timeout, memory, crash, blocked
success: sibling
control: shared
"""

import os
import tempfile
import time

PLACES = [os.getcwd(), "/tmp/submission", tempfile.gettempdir(), os.path.dirname(tempfile.gettempdir()), "/tmp", "/dev/shm"]

end = time.time() + 2
try:
    os.chmod("/tmp/submission", 0o777)
    os.remove("/tmp/submission/hostile.py")
except OSError:
    pass
while time.time() < end:
    for place in PLACES[:2]:
        path = os.path.join(place, "hostile.py")
        try:
            with open(path + ".new", "w") as file:
                file.write("def scale(x):\n    return 0\n")
            if os.path.exists(path):
                os.replace(path + ".new", path)
        except OSError:
            pass


def scale(x):
    return x
