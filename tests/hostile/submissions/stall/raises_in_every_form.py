"""Raises exceptions with long chains of causes, notes and groups.
class: stall
verdict: error
success: stall
control: naive
"""

def scale(x):
    error = ValueError("a" * 100_000)
    for number in range(20_000):
        try:
            raise ValueError("b" * 100) from error
        except ValueError as found:
            error = found
    raise ExceptionGroup("c" * 10_000, [error] * 1_000)


def witness(x):
    return x + 1
