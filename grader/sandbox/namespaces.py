"""Tier `namespaces`: the outer wall is our own (`guest/wall.py`), for machines without bubblewrap."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from grader.sandbox import gpu as gpus
from grader.sandbox import layout
from grader.sandbox.launch import Launched
from grader.sandbox.where import ANYWHERE, WhereToGrade

if TYPE_CHECKING:
    from grader.spec import Limits

NAME = "namespaces"
# Debian and Ubuntu each have a switch of their own.
ADVICE = (
    "as root: sysctl -w kernel.unprivileged_userns_clone=1 (Debian) "
    "or kernel.apparmor_restrict_unprivileged_userns=0 (Ubuntu)"
)
ABOUT = "the same walls by the grader; nothing to install"


def missing(_: WhereToGrade = ANYWHERE) -> str:
    """Why this tier is not available here; empty if it is."""
    tried = subprocess.run(
        [sys.executable, "-I", "-S", "-c", _probe()], capture_output=True, text=True, check=False, env={}
    )
    if tried.returncode:
        reason = tried.stderr.strip().splitlines()[-1:] or ["no reason given"]
        return f"this kernel gives no namespaces to this user: {reason[0]}; {ADVICE}"
    return ""


def facts(_: WhereToGrade) -> dict[str, str]:
    """What of it may decide over a verdict: no more than what is noted of every tier."""
    return {}


def launch(control: int, _: Limits, where: WhereToGrade) -> Launched:
    """How to start the zygote, whose control socket is descriptor `control`, with the devices of its GPU."""
    start = (
        f"import sys; sys.path[:0] = [{layout.engine_folder()!r}]; from grader.guest.wall import main; main({control})"
    )
    message = {
        "mounts": [[mount.kind, mount.source, mount.target] for mount in layout.mounts(where.gpu, where.packages)],
        "command": layout.command(control),
        "environment": layout.ENVIRONMENT,
    }
    command = [sys.executable, "-I", "-S", "-B", "-c", start]
    return Launched(command, dict(layout.ENVIRONMENT), message, devices=gpus.devices(where.gpu))


def _probe() -> str:
    user = "0" if os.geteuid() == 0 else "linux.CLONE_NEWUSER"
    return (
        f"import sys; sys.path[:0] = [{layout.engine_folder()!r}]; from grader.guest import linux; "
        f"linux.unshare({user} | linux.NAMESPACES)"
    )
