"""A memory and process limit that the kernel holds for a whole tree of processes, where a control group can be made.

Version 1 (a `memory` and a `pids` hierarchy) and version 2 (one hierarchy, delegated to this user). Where neither can
be made, RLIMIT_AS and RLIMIT_NPROC in the fork have to do.
"""

from __future__ import annotations

import contextlib
import itertools
import os
from pathlib import Path

ROOT = Path("/sys/fs/cgroup")
_serial = itertools.count()


class Cgroup:
    """One group, reused for one submission after another. All paths are directories of ours."""

    def __init__(self, version: int, folders: list[Path], memory_events: Path) -> None:
        self.version = version
        self._folders = folders
        self._memory_events = memory_events
        self._seen = self._kills()

    def add(self, pid: int) -> None:
        """Move a process (of the host's number `pid`) into the group; what it starts follows."""
        for folder in self._folders:
            with contextlib.suppress(ProcessLookupError):
                (folder / "cgroup.procs").write_text(str(pid))

    def out_of_memory(self) -> bool:
        """Whether the kernel has killed a process of the group for its memory since the last time this was asked."""
        before, self._seen = self._seen, self._kills()
        return self._seen > before

    def _kills(self) -> int:
        for line in self._memory_events.read_text().splitlines():
            if line.split()[0] == "oom_kill":
                return int(line.split()[1])
        return 0

    def close(self) -> None:
        """Remove the group. It has to be empty; a group that is not stays behind and is harmless."""
        for folder in self._folders:
            with contextlib.suppress(OSError):
                folder.rmdir()


def make_cgroup(memory: int, processes: int, root: Path = ROOT, own: str | None = None) -> Cgroup | None:
    """A group limited to `memory` bytes and `processes` processes, or None where this user cannot make one."""
    name = f"grader-{os.getpid()}-{next(_serial)}"
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
    folder.mkdir()
    (folder / "memory.limit_in_bytes").write_text(str(memory))
    with contextlib.suppress(OSError):  # swap may not be accounted
        (folder / "memory.memsw.limit_in_bytes").write_text(str(memory))
    folders = [folder]
    with contextlib.suppress(OSError, KeyError):
        pids = root / "pids" / paths["pids"].lstrip("/") / name
        pids.mkdir()
        (pids / "pids.max").write_text(str(processes))
        folders.append(pids)
    return Cgroup(1, folders, folder / "memory.oom_control")


def _make_v2(parent: Path, name: str, memory: int, processes: int) -> Cgroup:
    """Version 2 lets no process stay in a group that has limited children: this process moves into a leaf first."""
    if "memory" not in (parent / "cgroup.subtree_control").read_text().split():
        leaf = parent / "grader-judge"
        leaf.mkdir(exist_ok=True)
        (leaf / "cgroup.procs").write_text(str(os.getpid()))
        (parent / "cgroup.subtree_control").write_text("+memory +pids")
    folder = parent / name
    folder.mkdir()
    (folder / "memory.max").write_text(str(memory))
    with contextlib.suppress(OSError):
        (folder / "memory.swap.max").write_text("0")
    (folder / "pids.max").write_text(str(processes))
    return Cgroup(2, [folder], folder / "memory.events")
