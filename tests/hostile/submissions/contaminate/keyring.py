"""Leaves a key in the kernel's keyring of its user.
class: contaminate the next
verdict: failed
success: litter
control: naive
"""

import ctypes


libc = ctypes.CDLL(None)
ADD, SEARCH, USER = 248, 250, -4


def scale(x):
    found = libc.syscall(SEARCH, 10, USER, b"user", b"left-behind", 0)
    return 2 * x if found >= 0 else x


def witness(x):
    libc.syscall(ADD, b"user", b"left-behind", b"1", 1, USER)
    return x + 1
