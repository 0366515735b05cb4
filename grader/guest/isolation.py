"""What a fork does to itself before it meets the student's code, each step without a way back.

A fork is kept from its siblings in one of two ways. With namespaces of its own: `enter_namespaces` runs in the
intermediate process, `confine` in its child, the first process of a new pid namespace. Where the kernel gives none, in
a container, with a user of its own: `make_folder` gives that user the one folder that it may write to, `confine`
changes to it, and `end_user` ends whatever ran under it. All of it comes after the fork: `import torch` leaves threads
behind, with which a user namespace is refused and which Landlock would not cover.
"""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import count

from grader.guest import linux, seccomp

WORK = "/tmp/submission"  # where the student's files are, as messages name it; with a user, see `Settings.work`
WRITABLE = ("/tmp", "/dev/shm")  # file systems of the fork's own, where it has namespaces
# With a GPU: what the driver's library reads of the kernel; bytes of addresses that CUDA reserves, for the memory of
# machine and GPU together, and hardly uses; its threads.
FACTS = ("/proc/driver/nvidia", "/proc/devices", "/proc/modules")
ADDRESSES = 4 << 40
THREADS = 32
CLEANING_SECONDS = 0.5  # for the files of a user; a sandbox where more are left is replaced
USERS = 512  # in the block that the forks' users are taken from, two for each: a zygote does not serve so many
ENTRIES = 4096  # files and folders that a fork may have


@dataclass(frozen=True)
class Settings:
    """Limits of one fork, in bytes and seconds, and the layers to apply (all of them, but in measurements).

    `user` is the fork's own, with `user` + 1 for the process that ends it; 0 stands for namespaces instead. `folder` is
    where it may write: a file system of its own, or with a user a folder that only this one enters. `readable` and
    `listable` are what Landlock allows it; `devices` are a GPU's, which it may open, and `device` is what it opens
    before it meets the student's code: "cuda", or nothing.
    """

    memory: int
    processes: int
    files: int
    cpu_seconds: int
    layers: tuple[str, ...] = ("namespaces", "landlock", "seccomp", "rlimits")
    user: int = 0
    folder: str = "/tmp"
    readable: tuple[str, ...] = ("/",)
    listable: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()
    device: str = ""

    @property
    def alone(self) -> bool:
        """Whether the fork can signal nobody but what it started itself."""
        return "namespaces" in self.layers

    @property
    def work(self) -> str:
        """Where the student's files are."""
        return f"{self.folder}/{os.path.basename(WORK)}"


def enter_namespaces(settings: Settings) -> None:
    """Leave every namespace that can be left, and cover what is shared with files of this fork's own.

    The order counts: a user namespace first, which grants the rights for the rest.
    """
    linux.unshare_with_user(linux.NAMESPACES)
    linux.mount("none", "/", None, linux.MS_REC | linux.MS_PRIVATE)
    closed = linux.MS_NOSUID | linux.MS_NODEV | linux.MS_NOEXEC
    size = f"size={settings.files},nr_inodes=4096,mode=0777"
    linux.mount("tmpfs", "/tmp", "tmpfs", closed, size)
    linux.mount("tmpfs", "/dev/shm", "tmpfs", closed, size)
    _cover_proc(closed | linux.MS_RDONLY, FACTS if settings.devices else ())
    os.mkdir(WORK)


def enter_division() -> None:
    """The same for a zygote that is divided off another one: what its forks see as theirs is no other zygote's."""
    linux.unshare_with_user(linux.NAMESPACES)
    linux.mount("none", "/", None, linux.MS_REC | linux.MS_PRIVATE)
    closed = linux.MS_NOSUID | linux.MS_NODEV | linux.MS_NOEXEC
    for folder in WRITABLE:
        linux.mount("tmpfs", folder, "tmpfs", closed, "size=4096,nr_inodes=16,mode=0777")


def _cover_proc(flags: int, but: Iterable[str]) -> None:
    """Put an empty folder in the place of /proc, in which nothing is left but these of its files and folders."""
    left = {path: f"/tmp/{number}" for number, path in enumerate(filter(os.path.exists, but))}
    for path, aside in left.items():
        _make_like(path, aside)
        linux.mount(path, aside, None, linux.MS_BIND)
    linux.mount("tmpfs", "/proc", "tmpfs", flags if not left else flags & ~linux.MS_RDONLY, "size=4096,nr_inodes=16")
    for path, aside in left.items():
        os.makedirs(os.path.dirname(path), exist_ok=True)
        _make_like(aside, path)
        linux.mount(aside, path, None, linux.MS_MOVE)
        os.rmdir(aside) if os.path.isdir(aside) else os.unlink(aside)
    if left:
        linux.mount("none", "/proc", None, flags | linux.MS_REMOUNT)


def _make_like(there: str, path: str) -> None:
    """Make a folder or a file to mount something on."""
    if os.path.isdir(there):
        os.mkdir(path)
    else:
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o444))


def make_folder(settings: Settings) -> None:
    """Make the folder of a fork's user, in one that only root writes to. For the intermediate process, still root.

    It stays root's, so that no submission opens it to others, and is the user's by its group, of which it is made: to
    give it away afterwards takes a capability, or a system call, that a container may lack. Raises `FileExistsError`
    where anything precedes it.
    """
    os.setgroups([settings.user])  # who looks into it later comes as the user, and enters by the group
    os.setegid(settings.user)
    try:
        os.mkdir(settings.folder, 0o700)
    finally:
        os.setegid(0)
    os.chmod(settings.folder, 0o770)  # noqa: S103 - the group is the user's


def holds_too_much(settings: Settings) -> bool:
    """Whether there is more in the folder of a fork's user than it may have, or anything that cannot be looked at.

    It may have what two file systems of its own would hold, as where there are namespaces: a file of the largest size
    beside the student's own is not too much.
    For the intermediate process, which takes the user's identity meanwhile: root may lack the right to enter.
    """
    size = entries = 0
    folders = [settings.folder]
    os.seteuid(settings.user)
    try:
        while folders and size <= 2 * settings.files and entries <= ENTRIES:
            with contextlib.suppress(FileNotFoundError), os.scandir(folders.pop()) as found:
                for entry in found:
                    entries += 1
                    size += entry.stat(follow_symlinks=False).st_blocks * 512
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(entry.path)
    except OSError:
        return True
    finally:
        os.seteuid(0)
    return size > 2 * settings.files or entries > ENTRIES


def confine(settings: Settings, base: int) -> tuple[list[str], list[str]]:
    """Give up everything else: limits, capabilities, paths, system calls. `base` is the zygote's size in bytes.

    Returns the protections in force and the ones this kernel lacks.
    """
    held: list[str] = []
    lacking: list[str] = []
    os.setsid()
    linux.prctl(linux.PR_SET_NO_NEW_PRIVS, 1)
    if settings.user:
        _become(settings.user)
        _move_in(settings.folder)
        linux.prctl(linux.PR_SET_CHILD_SUBREAPER, 1)  # daemons are its own to end, as in a pid namespace
        held.append("own user, no capabilities")
    elif "namespaces" in settings.layers:
        linux.drop_capabilities()
        held += ["own user, pid, mount, network and ipc namespaces", "no capabilities"]
    if "rlimits" in settings.layers:
        _limit(settings, base)
        held.append("resource limits")
    if "landlock" in settings.layers:
        try:
            facts = [path for path in FACTS if settings.devices and os.path.exists(path)]
            own = (settings.folder,) if settings.user else WRITABLE
            readable, writable = [*settings.readable, *facts], [*own, "/dev/null"]
            abi = linux.landlock(readable, writable, settings.listable, settings.devices)
            held.append(f"Landlock (ABI {abi})")
        except OSError as error:
            lacking.append(str(error))
    if "seccomp" in settings.layers:
        try:
            linux.install_filter(seccomp.program(shared=bool(settings.user)))
            held.append("seccomp filter")
        except OSError as error:
            lacking.append(str(error))
    return held, lacking


def _become(user: int) -> None:
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)


def _move_in(folder: str) -> None:
    """Have what asks for a home, or for a place for temporary files, be sent to the only folder that is writable."""
    os.environ["HOME"] = folder
    tempfile.tempdir = folder


def end_user(user: int, folder: str) -> list[str]:
    """End every process of a fork's user and remove its folder. For the intermediate process, as its last act.

    It takes the user's identity for the effective one only: so it may signal the user's processes, and they cannot
    signal it. One `kill` reaches all that there are, and a process that is being forked meanwhile does not come to be.
    Returns the paths that are left.
    """
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user + 1, user, 0)  # root again in the end: the folder itself is in one of root's
    with contextlib.suppress(ProcessLookupError):
        os.kill(-1, signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):
        while True:  # the processes of dead parents are this one's children: it is their subreaper
            os.waitpid(-1, 0)
    left = _clean(folder, time.monotonic() + CLEANING_SECONDS)
    os.seteuid(0)
    if not left:
        os.rmdir(folder)
    return left


def _clean(folder: str, deadline: float) -> list[str]:
    """Empty a folder. What one holds is moved up first: a path may be too long to be named. Returns what is left."""
    numbers = count()
    before: list[str] = []
    while (entries := _entries(folder)) and [one.name for one in entries] != before and time.monotonic() < deadline:
        before = [one.name for one in entries]
        for entry in entries:
            with contextlib.suppress(OSError):
                if not entry.is_dir(follow_symlinks=False):
                    os.unlink(entry.path)
                    continue
                with contextlib.suppress(OSError):  # most are empty: to look into each would take ten times as long
                    os.rmdir(entry.path)
                    continue
                _empty(entry.path, folder, numbers)
                os.rmdir(entry.path)
    return [entry.path for entry in entries]


def _empty(path: str, folder: str, numbers: Iterator[int]) -> None:
    os.chmod(path, 0o700)
    for inner in _entries(path):
        if inner.is_dir(follow_symlinks=False):
            os.chmod(inner.path, 0o700)  # to move a folder is to write to it
        os.rename(inner.path, os.path.join(folder, f".{os.getpid()}-{next(numbers)}"))


def _entries(folder: str) -> list[os.DirEntry[str]]:
    with os.scandir(folder) as found:
        return list(found)


def _limit(settings: Settings, base: int) -> None:
    limits = {
        # the warm torch is there already
        resource.RLIMIT_AS: base + settings.memory + (ADDRESSES if settings.devices else 0),
        # in namespaces the intermediate process counts
        resource.RLIMIT_NPROC: settings.processes + (not settings.user) + (THREADS if settings.devices else 0),
        resource.RLIMIT_FSIZE: settings.files,
        resource.RLIMIT_CPU: settings.cpu_seconds,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NOFILE: 256,
        resource.RLIMIT_MEMLOCK: 0,
        resource.RLIMIT_MSGQUEUE: 0,
        resource.RLIMIT_RTPRIO: 0,  # who goes before everybody can starve the next, and have itself killed at RTTIME
    }
    for which, value in limits.items():
        _, hard = resource.getrlimit(which)
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(which, (value, value))
