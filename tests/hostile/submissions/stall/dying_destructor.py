"""An object ends the process when it is collected, after the answer.
class: stall
verdict: crash, failed
success: stall
control: naive
"""

import gc
import os


class Bomb:
    def __del__(self):
        os._exit(3)


def scale(x):
    bomb = Bomb()
    bomb.itself = bomb
    gc.set_threshold(1)
    return x


def witness(x):
    return x + 1
