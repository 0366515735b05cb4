"""A fork attacks its own walls: what `grader doctor` shows, and what a run asks before it grades anyone.

Each probe tries one thing that must fail, on something that exists: on the judge's side, as the judge says, or in a
neighbouring fork that waits meanwhile. A probe returns None if the wall held, or a few words on what got through. It
raises `NotTriedError` if it could not try, which is neither.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import mmap
import os
import socket
import tempfile
from collections.abc import Callable, Iterable

from grader.guest import codec, linux

HELD, NOT_TRIED = "held", "not tried"
REFUSED = (errno.EPERM, errno.EACCES, errno.EROFS)
OURS = "grader-probe"  # the name of what a probe makes


class NotTriedError(Exception):
    """A probe found nothing to try, and why."""


def answer(request: codec.Probe) -> dict[str, str]:
    """What a fork finds that attacks, or, as a neighbour who is attacked, where its file is."""
    return _be_a_victim() if request.victim else attack(request)


def attack(request: codec.Probe) -> dict[str, str]:
    """Run every probe. Returns probe → "held", "not tried: why", or what got through."""
    findings = {}
    for name, probe in PROBES.items():
        try:
            findings[name] = probe(request) or HELD
        except NotTriedError as reason:
            findings[name] = f"{NOT_TRIED}: {reason}"
        except OSError as error:
            findings[name] = HELD if error.errno in REFUSED else f"{NOT_TRIED}: {error}"
    return findings


def _be_a_victim() -> dict[str, str]:
    path = _own("neighbour")
    with open(path, "w") as file:
        file.write("nobody else's")
    os.chmod(path, 0o666)  # noqa: S103 - everybody who reaches it may write to it
    return {"file": path, "process": str(os.getpid())}


def _own(name: str) -> str:
    return os.path.join(tempfile.gettempdir(), name)


def _is_first() -> bool:
    """Whether this process is the first of a pid namespace of its own; else users keep forks apart."""
    return os.getpid() == 1


def _neighbour(request: codec.Probe) -> tuple[str, int]:
    if not request.neighbour:
        raise NotTriedError("there is no neighbour")
    return request.neighbour["file"], int(request.neighbour["process"])


def _host_files(request: codec.Probe) -> str | None:
    """That one is not found is how an empty root holds: the judge sees to it that they are there."""
    if not request.secrets:
        raise NotTriedError("the judge names no file of its own")
    return _seen(request.secrets)


def _neighbours_files(request: codec.Probe) -> str | None:
    path, _ = _neighbour(request)
    if seen := _seen((os.path.dirname(path), path)) if not _is_first() else _seen((path,)):
        return seen
    for flags in (os.O_WRONLY, os.O_WRONLY | os.O_CREAT) if not _is_first() else (os.O_WRONLY,):
        with contextlib.suppress(OSError):
            os.close(os.open(path, flags))
            return f"can write to {path}"
    return None


def _seen(paths: Iterable[str]) -> str | None:
    seen = [path for path in paths if _readable(path)]
    return f"can read {', '.join(seen)}" if seen else None


def _readable(path: str) -> bool:
    try:
        os.listdir(path) if os.path.isdir(path) else open(path, "rb").close()
    except OSError:
        return False
    return True


def _processes(request: codec.Probe) -> str | None:
    if _is_first():
        return "can see /proc" if os.path.exists("/proc/1") else None
    _, neighbour = _neighbour(request)
    others = [f"/proc/{pid}" for pid in (1, os.getppid(), neighbour)]  # that there is one, it may know
    if absent := [path for path in others if not os.path.exists(path)]:
        raise NotTriedError(f"there is no {', '.join(absent)}")
    names = ("environ", "cmdline", "status", "maps", "mem", "fd", "cwd", "root")
    return _seen(["/proc", *(f"{path}/{name}" for path in (*others, "/proc/self") for name in names)])


def _write_outside(_: codec.Probe) -> str | None:
    folders = ["/", "/engine", "/packages", "/usr/lib", "/dev"]
    if not _is_first():  # where its own folder is among others'
        folders += [os.path.dirname(tempfile.gettempdir()), "/tmp", "/dev/shm"]
    tried = 0
    for folder in folders:
        path = os.path.join(folder, OURS)
        try:
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT))
        except OSError as error:
            tried += error.errno in REFUSED
            continue
        os.unlink(path)
        return f"can write to {folder}"
    if not tried:
        raise NotTriedError(f"there is none of {', '.join(folders)}")
    return None


def _network(_: codec.Probe) -> str | None:
    socket.socket(socket.AF_INET, socket.SOCK_STREAM).close()
    return "can open a socket"


def _run_a_program(_: codec.Probe) -> str | None:
    for path in ("/bin/true", "/usr/bin/true", _own(OURS)):
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


def _new_namespaces(_: codec.Probe) -> str | None:
    pid = os.fork()
    if pid == 0:
        try:
            linux.unshare(linux.CLONE_NEWUSER)
        except OSError as error:
            os._exit(1 if error.errno in REFUSED else 2)
        os._exit(0)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    if code == 2:
        raise NotTriedError("the kernel refuses it to everybody")
    return None if code == 1 else "can make namespaces of its own"


def _signals(request: codec.Probe) -> str | None:
    """That there is nobody of that number is how a pid namespace holds: the judge sees to it that they run."""
    others = [pid for pid in (*request.processes, os.getppid()) if pid not in (0, os.getpid())]
    others += [] if _is_first() else [_neighbour(request)[1]]
    if not others:
        raise NotTriedError("there is no other process")
    for pid in others:
        with contextlib.suppress(PermissionError, ProcessLookupError):
            os.kill(pid, 0)
            return f"can signal process {pid}"
    return None


def _memory(_: codec.Probe) -> str | None:
    try:
        mmap.mmap(-1, 1 << 45).close()
    except OSError as error:
        if error.errno == errno.ENOMEM:
            return None
        raise
    return "can reserve 32 TB"


def _trace(_: codec.Probe) -> str | None:
    if ctypes.CDLL(None, use_errno=True).ptrace(0, 0, 0, 0) != -1:  # PTRACE_TRACEME
        return "can trace processes"
    raise OSError(ctypes.get_errno(), "ptrace")


def _run_from_own_files(_: codec.Probe) -> str | None:
    path = _own(f"{OURS}.so")
    try:
        with open(path, "wb") as made:
            made.write(b"\x90" * 4096)
    except OSError as error:
        raise NotTriedError(f"it cannot make a file of its own: {error}") from error
    try:
        with open(path, "rb") as file:
            mmap.mmap(file.fileno(), 4096, mmap.MAP_PRIVATE, mmap.PROT_READ | mmap.PROT_EXEC).close()
    finally:
        os.unlink(path)
    return "can map its own files as programs"


def _descriptors(_: codec.Probe) -> str | None:
    extra = [fd for fd in range(4, 256) if _is_open(fd)]
    return f"inherits descriptors {extra}" if extra else None


def _is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True


def _environment(_: codec.Probe) -> str | None:
    extra = set(os.environ) - {"HOME", "LANG", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "LC_CTYPE", "PWD"}
    return f"sees the variables {', '.join(sorted(extra))}" if extra else None


PROBES: dict[str, Callable[[codec.Probe], str | None]] = {
    "reads no file of the judge's": _host_files,
    "reaches no file of a neighbour's": _neighbours_files,
    "sees no process": _processes,
    "writes nothing outside its own folder": _write_outside,
    "opens no network socket": _network,
    "runs no program": _run_a_program,
    "makes no namespace": _new_namespaces,
    "signals nobody": _signals,
    "has a memory limit": _memory,
    "traces nobody": _trace,
    "maps no file of its own as a program": _run_from_own_files,
    "inherits no descriptor": _descriptors,
    "sees no variable of the caller": _environment,
}
