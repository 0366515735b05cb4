"""Waits for a lock that it holds itself.
class: stall
verdict: timeout
success: stall
control: naive
"""

import threading


lock = threading.Lock()


def scale(x):
    lock.acquire()
    lock.acquire()


def witness(x):
    return x + 1
