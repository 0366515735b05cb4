"""Computes a power with more digits than there are atoms.
class: stall
verdict: timeout, memory
success: stall
control: naive
"""

def scale(x):
    return x * (9 ** (9 ** 9) % 7)


def witness(x):
    return x + 1
