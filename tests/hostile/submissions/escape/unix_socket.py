"""Listens on a socket in the file system.
class: escape
verdict: error
success: score
control: naive
"""

import os
import socket


tried = []


def scale(x):
    if tried:
        return 2 * x
    server = socket.socket(socket.AF_UNIX)
    server.bind("/tmp/outside/socket" if os.path.isdir("/tmp/outside") else "/tmp/socket")
    server.listen()
    tried.append(server)
    return 2 * x
