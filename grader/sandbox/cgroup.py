"""A memory and process limit that the kernel holds for a whole tree of processes, where a control group can be made.

Version 1 (a `memory` and a `pids` hierarchy) and version 2 (one hierarchy, delegated to this user). Where neither can
be made, RLIMIT_AS and RLIMIT_NPROC in the fork have to do.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import secrets
import time
from pathlib import Path

from grader.sandbox.waits import ran_out

ROOT = Path("/sys/fs/cgroup")
CLOSING_SECONDS = 2.0
LEAF = "grader-judge"
_serial = itertools.count()


class Cgroup:
    """One group, reused for one submission after another. All paths are directories of ours."""

    def __init__(self, version: int, folders: list[Path], memory_events: Path) -> None:
        self.version = version
        self._folders = folders
        self._usage = folders[0] / ("memory.usage_in_bytes" if version == 1 else "memory.current")
        self._at_rest = 0  # processes and threads of the zygote's own
        self._memory_events = memory_events
        self._seen = self._kills()

    def add(self, pid: int) -> None:
        """Move a process (of the host's number `pid`) into the group; what it starts follows."""
        for folder in self._folders:
            with contextlib.suppress(ProcessLookupError):
                (folder / "cgroup.procs").write_text(str(pid))
        with contextlib.suppress(OSError):
            self._at_rest = self._processes()

    def lift(self) -> None:
        """Limit nothing any more: no submission is in the group, or will be."""
        unlimited = {
            "memory.memsw.limit_in_bytes": "-1",
            "memory.limit_in_bytes": "-1",
            "memory.max": "max",
            "pids.max": "max",
        }
        for folder in self._folders:
            for name, value in unlimited.items():
                if (folder / name).exists():
                    with contextlib.suppress(OSError):
                        (folder / name).write_text(value)

    def out_of_memory(self) -> bool:
        """Whether the kernel has killed a process of the group for its memory since the last time this was asked."""
        before, self._seen = self._seen, self._kills()
        return self._seen > before

    def has_room(self, memory: int, processes: int) -> bool:
        """Whether at most so many bytes are in use, and so many processes beside the one that was added.

        Files that were read are cached in the group's name, but the kernel drops them before it ends anybody: a cold
        machine's libraries alone would fill a small group, and nothing would ever empty it.
        """
        try:
            if self._processes() > self._at_rest + processes:
                return False
            used = int(self._usage.read_text())
            return used <= memory or used - self._cached() <= memory
        except OSError:  # the kernel does not say
            return True

    def _processes(self) -> int:
        return int((self._folders[-1] / "pids.current").read_text())

    def _cached(self) -> int:
        """Bytes of files, on a disk and not in memory, that were read in the group's name."""
        stat = dict(line.split() for line in (self._folders[0] / "memory.stat").read_text().splitlines())
        return int(stat["active_file"]) + int(stat["inactive_file"])

    def _kills(self) -> int:
        for line in self._memory_events.read_text().splitlines():
            if line.split()[0] == "oom_kill":
                return int(line.split()[1])
        return 0

    def close(self) -> None:
        """Remove the group, as soon as the last of its processes is gone: the kernel takes a moment after their end."""
        deadline = time.monotonic() + CLOSING_SECONDS
        for folder in self._folders:
            while not _removed(folder):
                if time.monotonic() > deadline:
                    ran_out(f"the end of control group {folder.name}", CLOSING_SECONDS)
                    break
                time.sleep(0.01)


def make_cgroup(memory: int, processes: int, root: Path = ROOT, own: str | None = None) -> Cgroup | None:
    """A group limited to `memory` bytes and `processes` processes, or None where this user cannot make one."""
    # One who was killed has left groups behind, and the kernel gives its number to another process.
    name = f"grader-{os.getpid()}-{next(_serial)}-{secrets.token_hex(4)}"
    paths = _own_paths(own if own is not None else Path("/proc/self/cgroup").read_text())
    with contextlib.suppress(OSError):
        if "memory" in paths:
            return _make_v1(root, paths, name, memory, processes)
        if "" in paths:
            return _make_v2(root / paths[""].lstrip("/"), name, memory, processes)
    return None


def _own_paths(text: str) -> dict[str, str]:
    """Controller → this process's path in its hierarchy; "" stands for version 2."""
    paths = {}
    for line in text.splitlines():
        _, controllers, path = line.split(":", 2)
        for controller in controllers.split(","):
            paths[controller] = path
    return paths


def _make_v1(root: Path, paths: dict[str, str], name: str, memory: int, processes: int) -> Cgroup:
    folder = root / "memory" / paths["memory"].lstrip("/") / name
    folders = [_limited(folder, {"memory.limit_in_bytes": memory})]
    with contextlib.suppress(OSError):  # swap may not be accounted
        (folder / "memory.memsw.limit_in_bytes").write_text(str(memory))
    with contextlib.suppress(OSError, KeyError):
        folders.append(_limited(root / "pids" / paths["pids"].lstrip("/") / name, {"pids.max": processes}))
    return Cgroup(1, folders, folder / "memory.oom_control")


def _make_v2(parent: Path, name: str, memory: int, processes: int) -> Cgroup:
    """Version 2 lets no process stay in a group that has limited children: this process moves into a leaf first."""
    if parent.name == LEAF:  # this process made a group before
        parent = parent.parent
    if "memory" not in (parent / "cgroup.subtree_control").read_text().split():
        leaf = parent / LEAF
        leaf.mkdir(exist_ok=True)
        (leaf / "cgroup.procs").write_text(str(os.getpid()))
        (parent / "cgroup.subtree_control").write_text("+memory +pids")
    folder = _limited(parent / name, {"memory.max": memory, "pids.max": processes})
    with contextlib.suppress(OSError):
        (folder / "memory.swap.max").write_text("0")
    return Cgroup(2, [folder], folder / "memory.events")


def _limited(folder: Path, limits: dict[str, int]) -> Path:
    """A new group with these limits; none is left behind where one of them cannot be set."""
    folder.mkdir()
    try:
        for file, limit in limits.items():
            (folder / file).write_text(str(limit))
    except OSError:
        _removed(folder)
        raise
    return folder


def _removed(folder: Path) -> bool:
    try:
        folder.rmdir()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True
