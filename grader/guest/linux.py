"""The few Linux calls that Python's standard library lacks, by ctypes. Each raises OSError with the call's name."""

from __future__ import annotations

import ctypes
import os
import platform
import struct
from collections.abc import Sequence
from typing import Any

_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long

CLONE_NEWNS, CLONE_NEWUTS, CLONE_NEWIPC = 0x20000, 0x4000000, 0x8000000
CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET = 0x10000000, 0x20000000, 0x40000000
NAMESPACES = CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWPID | CLONE_NEWNET

MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = (
    1,
    2,
    4,
    8,
    32,
    4096,
    16384,
    1 << 18,
)
MS_MOVE = 8192
MNT_DETACH = 2
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_SET_CHILD_SUBREAPER, PR_SET_NO_NEW_PRIVS = 1, 4, 22, 36, 38
SECCOMP_MODE_FILTER = 2
MADV_COLLAPSE = 25

_SYSCALLS = {"x86_64": {"pivot_root": 155, "capset": 126}, "aarch64": {"pivot_root": 41, "capset": 91}}
_LANDLOCK_CREATE, _LANDLOCK_ADD, _LANDLOCK_RESTRICT = 444, 445, 446  # the same on every architecture


def _check(result: int, call: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{call}: {os.strerror(number)}")
    return result


def _syscall(name: str, number: int, *args: Any) -> int:
    return _check(_libc.syscall(ctypes.c_long(number), *args), name)


def unshare(flags: int) -> None:
    """Leave the namespaces named by `flags`."""
    _check(_libc.unshare(flags), "unshare")


def unshare_with_user(flags: int) -> None:
    """Leave these namespaces and the user namespace, staying the same user and group, and able to be no other."""
    maps = {
        "setgroups": "deny",
        "uid_map": f"{os.geteuid()} {os.geteuid()} 1",
        "gid_map": f"{os.getegid()} {os.getegid()} 1",
    }
    unshare(CLONE_NEWUSER | flags)
    for name, text in maps.items():
        with open(f"/proc/self/{name}", "w") as file:
            file.write(text)


def mount(source: str, target: str, kind: str | None, flags: int, options: str = "") -> None:
    """Mount `source`, a file system of this `kind`, at `target`."""
    result = _libc.mount(
        source.encode(),
        target.encode(),
        kind.encode() if kind else None,
        ctypes.c_ulong(flags),
        options.encode() if options else None,
    )
    _check(result, f"mount {target}")


def unmount(target: str) -> None:
    """Detach what is mounted at `target`."""
    _check(_libc.umount2(target.encode(), MNT_DETACH), f"umount {target}")


def pivot_root(new: str, old: str) -> None:
    """Make `new` the root directory and put the old one at `old`."""
    _syscall("pivot_root", _number("pivot_root"), new.encode(), old.encode())


def drop_capabilities() -> None:
    """Give up every capability in this user namespace."""
    header = struct.pack("Ii", 0x20080522, 0)  # version 3, this process
    _syscall("capset", _number("capset"), header, bytes(24))


def prctl(option: int, argument: int = 0, pointer: Any = 0) -> None:
    """Set one of the process's own properties, with two arguments at most."""
    zero = ctypes.c_ulong(0)
    _check(_libc.prctl(option, ctypes.c_ulong(argument), pointer or zero, zero, zero), f"prctl {option}")


def install_filter(program: bytes) -> None:
    """Install a seccomp filter, a BPF program of 8-byte instructions. Needs PR_SET_NO_NEW_PRIVS first."""
    buffer = ctypes.create_string_buffer(program, len(program))
    fprog = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(buffer)))
    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.cast(fprog, ctypes.c_void_p))


def landlock_version() -> int:
    """The kernel's Landlock ABI; 0 where it has none."""
    return max(0, int(_libc.syscall(ctypes.c_long(_LANDLOCK_CREATE), None, ctypes.c_size_t(0), ctypes.c_uint(1))))


def landlock(
    readable: Sequence[str], writable: Sequence[str], listable: Sequence[str] = (), devices: Sequence[str] = ()
) -> int:
    """Confine this thread to reading below `readable` and writing below `writable`; no TCP, no outside signals.

    Below `listable` it sees the names of files, which it may not open. `devices` it may read, write and control; those
    that are not there are none. Returns the ABI that it was enforced with. Raises OSError where the kernel has none.
    """
    abi = landlock_version()
    if abi < 1:
        raise OSError("landlock: not offered by this kernel")
    handled = (1 << 13) - 1  # execute, write, read, readdir, and the making and removing of each kind of file
    handled |= (1 << 13 if abi >= 2 else 0) | (1 << 14 if abi >= 3 else 0) | (1 << 15 if abi >= 5 else 0)
    network = 3 if abi >= 4 else 0  # bind and connect over TCP
    scoped = 3 if abi >= 6 else 0  # abstract sockets and signals that leave this domain
    attributes = struct.pack("QQQ", handled, network, scoped)[: 8 if abi < 4 else 16 if abi < 6 else 24]
    ruleset = _syscall("landlock", _LANDLOCK_CREATE, attributes, ctypes.c_size_t(len(attributes)), ctypes.c_uint(0))
    read = (1 << 2) | (1 << 3)
    write = handled & ~(1 | 1 << 6 | 1 << 11)  # everything but to execute and to make device nodes
    control = (1 << 1 | 1 << 2 | 1 << 15) & handled
    there = [device for device in devices if os.path.exists(device)]
    for paths, access in ((readable, read), (writable, write), (listable, 1 << 3), (there, control)):
        for path in paths:
            _allow_below(ruleset, path, access)
    _syscall("landlock", _LANDLOCK_RESTRICT, ctypes.c_int(ruleset), ctypes.c_uint(0))
    os.close(ruleset)
    return abi


def _allow_below(ruleset: int, path: str, access: int) -> None:
    handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
    if not os.path.isdir(path):
        access &= 1 << 1 | 1 << 2 | 1 << 14 | 1 << 15  # what applies to a single file
    rule = struct.pack("=Qi", access, handle)
    _syscall("landlock", _LANDLOCK_ADD, ctypes.c_int(ruleset), ctypes.c_int(1), rule, ctypes.c_uint(0))
    os.close(handle)


def madvise_collapse(address: int, size: int) -> bool:
    """Whether the kernel has made huge pages of this piece of the process's memory."""
    return bool(_libc.madvise(ctypes.c_void_p(address), ctypes.c_size_t(size), MADV_COLLAPSE) == 0)


def _number(name: str) -> int:
    machine = platform.machine()
    if machine not in _SYSCALLS:
        raise OSError(f"isolation is written for {' and '.join(_SYSCALLS)}, not for {machine}")
    return _SYSCALLS[machine][name]
