"""Loops for ever.
class: stall
verdict: timeout
success: stall
control: naive
"""

def scale(x):
    while True:
        pass


def witness(x):
    return x + 1
