"""Answers in the right form and all but too slowly, so that each answer is held against every known mistake.
class: stall
verdict: failed, blocked, timeout, error
success: held
control: naive
part: training
after: reference
course: hw1_conv
naive: sleeps
"""

import time as _time


def _slow(function):
    def wrapped(*args, **kwargs):
        _time.sleep(1.5)
        answer = function(*args, **kwargs)
        return answer * 1.5 if hasattr(answer, "shape") else answer

    return wrapped


for _name, _value in list(globals().items()):
    if callable(_value) and not _name.startswith("_") and getattr(_value, "__module__", "") == __name__:
        if not isinstance(_value, type):
            globals()[_name] = _slow(_value)
