"""Sets its own processor time to a second and spins.
class: stall
verdict: timeout, crash
success: stall
control: naive
"""

import resource


def scale(x):
    resource.setrlimit(resource.RLIMIT_CPU, (1, 1))
    while True:
        pass


def witness(x):
    return x + 1
