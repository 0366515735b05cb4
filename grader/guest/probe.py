"""A fork attacks its own walls: what `grader doctor` shows, and what a run asks before it grades anyone.

Each probe tries one thing that must fail. A probe returns None where the wall held, or a few words on what got through.
"""

from __future__ import annotations

import contextlib
import ctypes
import mmap
import os
import socket
from collections.abc import Callable

from grader.guest import linux
from grader.guest.isolation import WORK


def attack(secrets: list[str]) -> dict[str, str]:
    """Run every probe. Returns probe → "held" or what got through. `secrets` are files of the judge's."""
    findings = {}
    probes = {"reads no file of the judge's": lambda: _host_files(secrets), **PROBES}
    for name, probe in probes.items():
        try:
            findings[name] = probe() or "held"
        except (OSError, ValueError) as error:
            findings[name] = "held" if isinstance(error, OSError) else str(error)
    return findings


def _host_files(secrets: list[str]) -> str | None:
    seen = [path for path in (*secrets, "/etc/passwd", "/etc/shadow", "/var", "/bin/sh") if _readable(path)]
    return f"can read {', '.join(seen)}" if seen else None


def _readable(path: str) -> bool:
    try:
        os.listdir(path) if os.path.isdir(path) else open(path, "rb").close()
    except OSError:
        return False
    return True


def _processes() -> str | None:
    if os.getpid() == 1:
        return "can see /proc" if os.path.exists("/proc/1") else None
    names = ("environ", "cmdline", "status", "maps", "mem", "fd", "cwd", "root")  # that there is one, it may know
    own = [f"/proc/{pid}/{name}" for pid in (1, os.getppid(), "self") for name in names]
    seen = [path for path in ("/proc", *own) if _readable(path)]
    return f"can read {', '.join(seen)}" if seen else None


def _write_outside() -> str | None:
    for folder in ("/", "/engine", "/packages", "/usr/lib", "/dev"):
        try:
            open(os.path.join(folder, "grader-probe"), "w").close()
        except OSError:
            continue
        return f"can write to {folder}"
    return None


def _network() -> str | None:
    socket.socket(socket.AF_INET, socket.SOCK_STREAM).close()
    return "can open a socket"


def _run_a_program() -> str | None:
    library = os.path.join(WORK, "probe")
    for path in ("/bin/true", "/usr/bin/true", library):
        pid = os.fork()
        if pid == 0:
            try:
                os.execv(path, [path])
            except PermissionError:
                os._exit(1)
            except OSError:
                os._exit(2)  # not there, but the call was let through
        if os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) != 1:
            return "can call execve"
    return None


def _new_namespaces() -> str | None:
    pid = os.fork()
    if pid == 0:
        try:
            linux.unshare(linux.CLONE_NEWUSER)
        except OSError:
            os._exit(1)
        os._exit(0)
    return None if os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 1 else "can make namespaces of its own"


def _signals() -> str | None:
    others = (2, 3) if os.getpid() == 1 else (1, os.getppid(), *range(2, 2000))
    for pid in others:
        with contextlib.suppress(PermissionError, ProcessLookupError):
            if pid not in (0, os.getpid()):
                os.kill(pid, 0)
                return f"can signal process {pid}"
    return None


def _memory() -> str | None:
    mmap.mmap(-1, 1 << 45).close()
    return "can reserve 32 TB"


def _trace() -> str | None:
    result = ctypes.CDLL(None, use_errno=True).ptrace(0, 0, 0, 0)  # PTRACE_TRACEME
    return None if result == -1 else "can trace processes"


def _run_from_tmp() -> str | None:
    path = os.path.join(WORK, "probe.so")
    with open(path, "wb") as file:
        file.write(b"\x90" * 4096)
    with open(path, "rb") as file:
        mmap.mmap(file.fileno(), 4096, mmap.MAP_PRIVATE, mmap.PROT_READ | mmap.PROT_EXEC).close()
    return "can map its own files as programs"


def _descriptors() -> str | None:
    extra = [fd for fd in range(4, 256) if _is_open(fd)]
    return f"inherits descriptors {extra}" if extra else None


def _is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True


def _environment() -> str | None:
    extra = set(os.environ) - {"HOME", "LANG", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "LC_CTYPE", "PWD"}
    return f"sees the variables {', '.join(sorted(extra))}" if extra else None


PROBES: dict[str, Callable[[], str | None]] = {
    "sees no process": _processes,
    "writes nothing outside its own /tmp": _write_outside,
    "opens no network socket": _network,
    "runs no program": _run_a_program,
    "makes no namespace": _new_namespaces,
    "signals nobody": _signals,
    "has a memory limit": _memory,
    "traces nobody": _trace,
    "maps no file of its own as a program": _run_from_tmp,
    "inherits no descriptor": _descriptors,
    "sees no variable of the caller": _environment,
}
