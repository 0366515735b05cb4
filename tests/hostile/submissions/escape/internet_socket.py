"""Opens a network socket.
class: escape
verdict: error
success: score
control: naive
"""

import socket


def scale(x):
    socket.socket()
    return 2 * x
