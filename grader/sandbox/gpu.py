"""A GPU of this machine: whether it is there, which devices it is, and one training at a time. Imports no torch."""

from __future__ import annotations

import contextlib
import fcntl
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

FOLDER = Path("/dev")
HOST_MB = 3072  # of the machine's memory: CUDA's libraries and context, before the submission's first tensor


def missing(number: int) -> str:
    """Why there is no GPU of this number, as `nvidia-smi -L` counts them; empty if there is one."""
    if any((FOLDER / name).exists() for name in (f"nvidia{number}", "dxg")):  # dxg: Windows' Linux
        return ""
    there = sorted(path.name.removeprefix("nvidia") for path in FOLDER.glob("nvidia[0-9]*"))
    known = f"there are {', '.join(there)}" if there else "there is none"
    return f"GPU {number} was asked for, but is not in this machine ({known}; `nvidia-smi -L` lists them)"


def devices(number: int | None) -> tuple[str, ...]:
    """The devices of one GPU, as they are called inside a sandbox, whether they are there or not; of None, none."""
    if number is None:
        return ()
    return tuple(f"/dev/{name}" for name in (f"nvidia{number}", "nvidiactl", "nvidia-uvm", "nvidia-uvm-tools", "dxg"))


def present(number: int | None) -> list[tuple[str, str]]:
    """This machine's path of each device that is there, and its name inside a sandbox."""
    pairs = [(FOLDER / os.path.basename(device), device) for device in devices(number)]
    return [(str(path), device) for path, device in pairs if path.exists()]


@contextlib.contextmanager
def alone(number: int) -> Iterator[None]:
    """Keep every other grader of this machine off the GPU: wait until it is free."""
    path = os.path.join(tempfile.gettempdir(), f"grader-gpu-{number}.lock")
    try:
        lock = os.open(path, os.O_RDONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644)
    except PermissionError:  # another user's, which the kernel lets nobody else create
        lock = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)
