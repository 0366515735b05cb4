"""Prints the source of the reference where the student reads the output.
class: leak a secret
verdict: error
success: canary
control: naive
"""

import inspect
import os


def scale(x):
    import reference_solution

    os.write(1, inspect.getsource(reference_solution).encode())
    return x
