"""Who sent a message over a local socket, as the kernel says."""

from __future__ import annotations

import socket
import struct

CREDENTIALS = struct.Struct("3i")


def sender(ancillary: list[tuple[int, int, bytes]]) -> int:
    """The process id, as this process sees it, of who sent a message, as the kernel signed it."""
    for _, kind, data in ancillary:
        if kind == socket.SCM_CREDENTIALS:
            pid: int = CREDENTIALS.unpack(data[: CREDENTIALS.size])[0]
            return pid
    raise OSError("a message came without the kernel's signature")
