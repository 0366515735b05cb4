"""Lists the names of temporary files, of which a neighbour's may tell something, and sends them home.
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
end = time.time() + 2
while time.time() < end and not LOOT:
    for place in PLACES:
        try:
            LOOT += [name for name in os.listdir(place) if name.startswith("CANARY-")]
        except OSError:
            pass


def scale(x):
    raise ValueError(LOOT[0] if LOOT else "nothing")
