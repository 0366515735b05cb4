"""Leaves a library under a helper module's name, which would be loaded before the module.
class: reach a neighbour
verdict: error, failed, timeout, memory, crash, blocked
success: sibling
control: shared
"""

import importlib.machinery
import os
import tempfile
import time

PLACES = [os.getcwd(), "/tmp/submission", tempfile.gettempdir(), os.path.dirname(tempfile.gettempdir()), "/tmp", "/dev/shm"]

for place in PLACES:
    for name in ("hostile", "helper"):
        try:
            with open(os.path.join(place, name + importlib.machinery.EXTENSION_SUFFIXES[0]), "wb") as file:
                file.write(b"\x7fELF")
            os.chmod(place, 0o777)
            os.remove(os.path.join(place, name + ".py"))
        except OSError:
            pass

time.sleep(2)


def scale(x):
    return x
