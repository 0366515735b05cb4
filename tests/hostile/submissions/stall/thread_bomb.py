"""Starts threads without end, each of which spins.
class: stall
verdict: timeout, memory
success: stall
control: naive
"""

import threading


def spin():
    while True:
        pass


def scale(x):
    while True:
        try:
            threading.Thread(target=spin).start()
        except RuntimeError:
            pass


def witness(x):
    return x + 1
