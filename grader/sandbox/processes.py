"""What runs inside a sandbox, as this machine's /proc shows it: for proofs and tests, never for a grade."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from grader.sandbox.zygote import Zygote


def count_inside(zygote: Zygote) -> int:
    """Processes in the pid namespaces of this sandbox: the zygote, its forks, and whatever they started."""
    return len(inside(zygote.root_pid)) if zygote.root_pid else 0


def inside(root: int) -> set[int]:
    """`root` and all its descendants. A daemon's parent is the first process of its namespace, so it counts."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except (OSError, IndexError, ValueError):
                continue  # ended meanwhile
            children.setdefault(parent, []).append(int(entry.name))
    found: set[int] = set()
    queue = [root] if Path(f"/proc/{root}").exists() else []
    while queue:
        pid = queue.pop()
        found.add(pid)
        queue += children.get(pid, [])
    return found
