"""Loops for ever while it is imported.
class: stall
verdict: blocked
success: stall
control: naive
"""

while True:
    pass


def witness(x):
    return x + 1
