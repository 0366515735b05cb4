"""Sends the report of a ban itself, with words as the name of the function.
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
        raise RuntimeError(f"{BAN} (hostile.py, line 1, in All_checks_passed)")
    _channel.sendall(codec.encode(codec.Raised("forbidden", "OperatorBanned", BAN, "hostile.py, line 1, in All_checks_passed")))
    while True:
        pass
