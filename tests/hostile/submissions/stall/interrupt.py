"""Raises KeyboardInterrupt, which ends a test session.
class: stall
verdict: error
success: stall
control: naive
"""

def scale(x):
    raise KeyboardInterrupt


def witness(x):
    return x + 1
