"""The outer wall of the `namespaces` tier: what bubblewrap does in the tier of its name, for machines without it.

Runs before torch is imported, while the process has a single thread. Reads the layout from the control socket, moves
into namespaces of its own with an empty root that holds the layout read-only, and starts the zygote there.
"""

from __future__ import annotations

import json
import os
import socket
import sys
from typing import Any

from grader.guest import linux


def main(control_fd: int) -> None:
    """Raise the wall and become the zygote inside it. Never returns."""
    control = socket.socket(fileno=control_fd)
    layout = json.loads(control.recv(1 << 20))
    control.detach()
    linux.prctl(linux.PR_SET_PDEATHSIG, 9)
    if os.geteuid() == 0:
        linux.unshare(linux.NAMESPACES)
    else:
        linux.unshare_with_user(linux.NAMESPACES)
    first = os.fork()
    if first:
        _, status = os.waitpid(first, 0)
        os._exit(os.waitstatus_to_exitcode(status) & 0xFF)
    linux.prctl(linux.PR_SET_PDEATHSIG, 9)
    _build_root(layout)
    os.execve(layout["command"][0], layout["command"], layout["environment"])


def _build_root(layout: dict[str, Any]) -> None:
    linux.mount("none", "/", None, linux.MS_REC | linux.MS_PRIVATE)
    root = _building_site([source for kind, source, _ in layout["mounts"] if kind in ("read", "device")])
    linux.mount("tmpfs", root, "tmpfs", linux.MS_NOSUID | linux.MS_NODEV, "mode=0755,size=1m")
    for kind, source, target in layout["mounts"]:
        _place(kind, source, root + target)
    os.mkdir(root + "/proc")
    linux.mount("proc", root + "/proc", "proc", linux.MS_NOSUID | linux.MS_NODEV | linux.MS_NOEXEC)
    os.chdir(root)
    os.mkdir("old")
    linux.pivot_root(".", "old")
    os.chdir("/")
    linux.unmount("/old")
    os.rmdir("/old")
    flags = linux.MS_REMOUNT | linux.MS_BIND | linux.MS_RDONLY | linux.MS_NOSUID | linux.MS_NODEV
    linux.mount("none", "/", None, flags)


def _building_site(sources: list[str]) -> str:
    """A directory to build the new root on. It is covered meanwhile, so nothing that is needed may lie below it."""
    for folder in ("/mnt", "/media", "/srv", "/sys", "/boot"):
        if os.path.isdir(folder) and not any(source.startswith(folder + "/") for source in sources):
            return folder
    raise OSError("no directory to build the sandbox's root on")


def _place(kind: str, source: str, target: str) -> None:
    os.makedirs(os.path.dirname(target), exist_ok=True)
    if kind == "link":
        os.symlink(source, target)
    elif kind == "empty":
        os.makedirs(target, exist_ok=True)
    elif kind == "mask":
        linux.mount("tmpfs", target, "tmpfs", linux.MS_RDONLY | linux.MS_NOSUID | linux.MS_NODEV, "size=4096,mode=0555")
    else:
        if os.path.isdir(source):
            os.makedirs(target, exist_ok=True)
        else:
            os.close(os.open(target, os.O_CREAT | os.O_WRONLY, 0o444))
        linux.mount(source, target, None, linux.MS_BIND | linux.MS_REC)
        if kind == "read":
            _make_read_only(target)


def _make_read_only(target: str) -> None:
    kept = 0  # flags that the source is mounted with are locked: a remount has to repeat them
    present = os.statvfs(target).f_flag
    for bit, flag in ((os.ST_NODEV, linux.MS_NODEV), (os.ST_NOEXEC, linux.MS_NOEXEC)):
        kept |= flag if present & bit else 0
    for bit, flag in ((os.ST_NOATIME, 1024), (os.ST_NODIRATIME, 2048), (os.ST_RELATIME, 1 << 21)):
        kept |= flag if present & bit else 0
    linux.mount("none", target, None, linux.MS_REMOUNT | linux.MS_BIND | linux.MS_RDONLY | linux.MS_NOSUID | kept)


if __name__ == "__main__":
    main(int(sys.argv[1]))
