"""Leaves a daemon behind that ignores every signal that can be ignored.
class: leave a process
verdict: passed
success: process
control: naive
"""

import os
import signal
import time


def scale(x):
    if os.fork() == 0:
        os.setsid()
        for number in {*signal.Signals} - {signal.SIGKILL, signal.SIGSTOP}:
            signal.signal(number, signal.SIG_IGN)
        while True:
            time.sleep(1)
    return 2 * x
