"""Takes away its own right to open files.
class: stall
verdict: failed, error
success: stall
control: naive
"""

import resource


def scale(x):
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    return x


def witness(x):
    return x + 1
