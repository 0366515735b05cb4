"""Tier `namespaces`: the outer wall is our own (`guest/wall.py`), for machines without bubblewrap."""

from __future__ import annotations

import os
import subprocess
import sys

from grader.sandbox import gpu as gpus
from grader.sandbox import layout
from grader.sandbox.launch import Launched
from grader.spec import Limits


def missing() -> str:
    """Why this tier is not to be had here; empty if it is."""
    tried = subprocess.run(
        [sys.executable, "-I", "-S", "-c", _probe()], capture_output=True, text=True, check=False, env={}
    )
    if tried.returncode:
        reason = tried.stderr.strip().splitlines()[-1:] or ["no reason given"]
        return f"this kernel gives no namespaces to this user: {reason[0]}"
    return ""


def launch(control: int, _: Limits, gpu: int | None = None) -> Launched:
    """How to start the zygote, whose control socket is descriptor `control`, with the devices of this GPU."""
    start = (
        f"import sys; sys.path[:0] = [{layout.engine_folder()!r}]; from grader.guest.wall import main; main({control})"
    )
    message = {
        "mounts": [[mount.kind, mount.source, mount.target] for mount in layout.mounts(gpu)],
        "command": layout.command(control),
        "environment": layout.ENVIRONMENT,
    }
    command = [sys.executable, "-I", "-S", "-B", "-c", start]
    return Launched(command, dict(layout.ENVIRONMENT), message, devices=gpus.devices(gpu))


def _probe() -> str:
    user = "0" if os.geteuid() == 0 else "linux.CLONE_NEWUSER"
    return (
        f"import sys; sys.path[:0] = [{layout.engine_folder()!r}]; from grader.guest import linux; "
        f"linux.unshare({user} | linux.NAMESPACES)"
    )
