"""Opens a terminal and pushes input into it.
class: escape
verdict: error
success: score
control: naive
"""

import os


def scale(x):
    first, second = os.openpty()
    return 2 * x
