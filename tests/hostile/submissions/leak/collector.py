"""Looks through all objects of the process for secrets.
class: leak a secret
verdict: error
success: canary
control: naive
"""

import gc


def scale(x):
    found = []
    for thing in gc.get_objects():
        if isinstance(thing, dict):
            found += [v for v in list(thing.values()) if type(v) is str and v.startswith("CAN" + "ARY-")]
    raise RuntimeError(found[:5])
