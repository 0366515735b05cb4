"""Holds the import lock in a thread for ever.
class: stall
verdict: timeout, error
success: stall
control: naive
"""

import _imp
import threading
import time


def hold():
    _imp.acquire_lock()
    time.sleep(1000)


def scale(x):
    threading.Thread(target=hold).start()
    time.sleep(0.1)
    import ftplib

    return 2 * x


def witness(x):
    return x + 1
