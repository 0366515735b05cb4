"""Kills itself with signals that say the kernel sent them, by every call that takes such words.
class: stall
verdict: failed, error
success: stall
control: naive
"""

import ctypes
import os
import signal
import socket
import threading

NUMBERS = {"x86_64": (129, 297, 424), "aarch64": (138, 240, 424)}
FROM_KERNEL = 0x80  # SI_KERNEL, by which the first process of a pid namespace may be killed from within
PEER_HANDLE = 77  # SO_PEERPIDFD: a handle on this very process, without pidfd_open


def scale(x):
    call = ctypes.CDLL(None).syscall
    words = (ctypes.c_int * 32)(signal.SIGKILL, 0, FROM_KERNEL)
    queue, queue_for_thread, send_by_handle = NUMBERS[os.uname().machine]
    call(queue, os.getpid(), signal.SIGKILL, words)
    call(queue_for_thread, os.getpid(), threading.get_native_id(), signal.SIGKILL, words)
    ours, _theirs = socket.socketpair()
    call(send_by_handle, ours.getsockopt(socket.SOL_SOCKET, PEER_HANDLE), signal.SIGKILL, words, 0)
    return x


def witness(x):
    return x + 1
