"""Returns a list whose iteration never ends.
class: stall
verdict: timeout, memory, error, failed
success: stall
control: naive
part: pair
"""

import time


class Endless(list):
    def __iter__(self):
        while True:
            time.sleep(0.001)  # lest memory ends before patience does
            yield 1.0

    def __len__(self):
        return 2


def pair(x):
    return Endless([1, 2])


def witness(x):
    return x + 1
