"""Leaves a process that listens on an abstract socket.
class: contaminate the next
verdict: error
success: litter
control: naive
"""

import os
import socket
import time


def scale(x):
    with socket.socket(socket.AF_UNIX) as client:
        try:
            client.connect("\0left-behind")
        except ConnectionRefusedError:
            return x
    return 2 * x


def witness(x):
    server = socket.socket(socket.AF_UNIX)
    server.bind("\0left-behind")
    server.listen()
    if os.fork() == 0:
        os.setsid()
        for descriptor in (0, 1, 2):
            os.close(descriptor)
        time.sleep(20)
        os._exit(0)
    return x + 1
