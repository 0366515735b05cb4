"""Loops for ever and ignores every signal.
class: stall
verdict: timeout
success: stall
control: naive
"""

import signal


def scale(x):
    for number in {*signal.Signals} - {signal.SIGKILL, signal.SIGSTOP}:
        signal.signal(number, signal.SIG_IGN)
    while True:
        try:
            raise KeyboardInterrupt
        except BaseException:
            pass


def witness(x):
    return x + 1
