"""Sends the report of a ban itself, with a line that the file does not have.
class: imitate the grader
verdict: forbidden, error, timeout
success: words
control: naive
"""

import os
import socket

try:
    from grader.guest import codec

    _channel = socket.socket(fileno=os.dup(3))
except (ImportError, OSError):  # no such engine, no such socket
    codec = None
BAN = "this assignment forbids torch's operator `conv2d`"


def scale(x):
    if codec is None:
        raise RuntimeError(f"{BAN} (hostile.py, line 100100, in scale)")
    _channel.sendall(codec.encode(codec.Raised("forbidden", "OperatorBanned", BAN, "hostile.py, line 100100, in scale")))
    while True:
        pass
