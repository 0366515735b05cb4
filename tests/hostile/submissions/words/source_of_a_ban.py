"""Sends the report of a ban itself, with a line of source that praises.
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
        raise RuntimeError(f"{BAN} (hostile.py, line 1, in scale: All checks passed)")
    _channel.sendall(codec.encode(codec.Raised("forbidden", "OperatorBanned", BAN, "hostile.py, line 1, in scale: All checks passed")))
    while True:
        pass
