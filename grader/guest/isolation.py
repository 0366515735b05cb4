"""What a fork does to itself before it meets the student's code, each step without a way back.

`enter_namespaces` runs in the intermediate process, `confine` in its child, the first process of a new pid namespace.
Both come after the fork: `import torch` leaves threads behind, with which a user namespace is refused and which
Landlock would not cover.
"""

from __future__ import annotations

import os
import resource
from dataclasses import dataclass

from grader.guest import linux, seccomp

WORK = "/tmp/submission"  # where the student's files are, on a file system of the fork's own


@dataclass(frozen=True)
class Settings:
    """Limits of one fork, in bytes and seconds, and the layers to apply (all of them, but in measurements)."""

    memory: int
    processes: int
    files: int
    cpu_seconds: int
    layers: tuple[str, ...] = ("namespaces", "landlock", "seccomp", "rlimits")


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
    linux.mount("tmpfs", "/proc", "tmpfs", closed | linux.MS_RDONLY, "size=4096,nr_inodes=2")
    os.mkdir(WORK)


def confine(settings: Settings, base: int) -> tuple[list[str], list[str]]:
    """Give up everything else: limits, capabilities, paths, system calls. `base` is the zygote's size in bytes.

    Returns the protections in force and the ones this kernel lacks.
    """
    held = ["own user, pid, mount, network and ipc namespaces"] if "namespaces" in settings.layers else []
    lacking: list[str] = []
    os.setsid()
    linux.prctl(linux.PR_SET_NO_NEW_PRIVS, 1)
    if "namespaces" in settings.layers:
        linux.drop_capabilities()
        held.append("no capabilities")
    if "rlimits" in settings.layers:
        _limit(settings, base)
        held.append("resource limits")
    if "landlock" in settings.layers:
        try:
            abi = linux.landlock(["/"], ["/tmp", "/dev/shm", "/dev/null"])
            held.append(f"Landlock (ABI {abi})")
        except OSError as error:
            lacking.append(str(error))
    if "seccomp" in settings.layers:
        try:
            linux.install_filter(seccomp.program())
            held.append("seccomp filter")
        except OSError as error:
            lacking.append(str(error))
    return held, lacking


def _limit(settings: Settings, base: int) -> None:
    limits = {
        resource.RLIMIT_AS: base + settings.memory,  # the warm torch is there already
        resource.RLIMIT_NPROC: settings.processes + 1,  # the intermediate process counts too
        resource.RLIMIT_FSIZE: settings.files,
        resource.RLIMIT_CPU: settings.cpu_seconds,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NOFILE: 256,
        resource.RLIMIT_MEMLOCK: 0,
        resource.RLIMIT_MSGQUEUE: 0,
    }
    for which, value in limits.items():
        _, hard = resource.getrlimit(which)
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(which, (value, value))
