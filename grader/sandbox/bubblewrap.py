"""Tier `bubblewrap`: the outer wall is bubblewrap's, ten milliseconds and no daemon."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

from grader.sandbox import gpu as gpus
from grader.sandbox import layout
from grader.sandbox.launch import Launched
from grader.sandbox.where import ANYWHERE, WhereToGrade

if TYPE_CHECKING:
    from grader.spec import Limits

NAME = "bubblewrap"
ABOUT = "outer wall by bubblewrap, one more around each submission"

_OPTIONS = {"read": "--ro-bind", "device": "--dev-bind", "link": "--symlink"}


def missing(_: WhereToGrade = ANYWHERE) -> str:
    """Why this tier is not available here; empty if it is."""
    program = shutil.which("bwrap")
    if program is None:
        return "bubblewrap is not installed: apt-get install bubblewrap"
    tried = subprocess.run(
        [program, *_walls(), "--ro-bind", "/", "/", "/bin/true"], capture_output=True, text=True, check=False, env={}
    )
    if tried.returncode:
        return f"bubblewrap cannot make its namespaces here: {tried.stderr.strip()}"
    return ""


def facts(_: WhereToGrade) -> dict[str, str]:
    """What of it may decide over a verdict: no more than what is noted of every tier."""
    return {}


def launch(control: int, _: Limits, where: WhereToGrade) -> Launched:
    """How to start the zygote, whose control socket is descriptor `control`, with the devices of its GPU."""
    command = [shutil.which("bwrap") or "bwrap", *_walls(), *_root(where.gpu, where.packages), "--"]
    return Launched([*command, *layout.command(control)], dict(layout.ENVIRONMENT), devices=gpus.devices(where.gpu))


def _walls() -> list[str]:
    walls = ["--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"]
    walls += ["--die-with-parent", "--new-session", "--cap-drop", "ALL"]
    if os.geteuid() == 0:  # the zygote changes to an unprivileged user, which no user namespace of root's would allow
        return [*walls, "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    return [*walls, "--unshare-user"]


def _root(gpu: int | None = None, packages: tuple[str, ...] = ()) -> list[str]:
    arguments: list[str] = []
    made: set[str] = set()
    for mount in layout.mounts(gpu, packages):
        for parent in layout.parents(mount, packages):
            if parent not in made:  # bubblewrap would make it itself, but for root's eyes only
                arguments += ["--dir", parent]
        made.update(layout.parents(mount, packages), [mount.target])
        if mount.kind == "empty":
            arguments += ["--dir", mount.target]
        elif mount.kind == "mask":
            arguments += ["--tmpfs", mount.target, "--remount-ro", mount.target]
        else:
            arguments += [_OPTIONS[mount.kind], mount.source, mount.target]
    return [*arguments, "--proc", "/proc", "--remount-ro", "/"]
