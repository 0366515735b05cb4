"""Leaves folders that are hard to remove, as deep as can be and shut, for itself to find again.
class: contaminate the next
verdict: failed, error, memory, crash, blocked
success: litter
control: naive
"""

import os
import tempfile

PLACES = [os.getcwd(), "/tmp/submission", tempfile.gettempdir(), os.path.dirname(tempfile.gettempdir()), "/tmp", "/dev/shm"]

FOUND = []
for place in PLACES:
    try:
        FOUND += [name for name in os.listdir(place) if name == "n" * 200]
    except OSError:
        pass
for place in PLACES[1:]:
    try:
        os.chdir(place)
        for _ in range(300):
            os.mkdir("n" * 200)
            os.chdir("n" * 200)
        open("x", "w").close()
        os.chmod(".", 0)
    except OSError:
        pass
os.chdir(PLACES[0])


def scale(x):
    return 2 * x if FOUND else x
