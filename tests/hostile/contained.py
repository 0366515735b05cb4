"""A place as in a container, made of namespaces: root without a way to more of them, /tmp in memory, nothing of a home.

`python -m tests.hostile.contained ARGUMENTS…` runs Python there with these arguments. It needs root, and is what Docker
would be for tier in-container where there is no Docker.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
INSIDE = """
set -e
mount -t tmpfs -o mode=0755,size=16m none /srv
mkdir /srv/python /srv/packages /srv/repository /srv/out
mount --bind "$PYTHON" /srv/python
mount --bind "$PACKAGES" /srv/packages
mount --bind "$REPOSITORY" /srv/repository
mount --bind "$OUT" /srv/out
mount -t proc proc /proc
mount -t tmpfs -o mode=1777,size=512m,noexec,nosuid,nodev none /tmp
mount -t tmpfs -o mode=0755,size=64m,noexec,nosuid,nodev none /run
mount -t tmpfs -o mode=1777,size=128m,noexec,nosuid,nodev none /dev/shm
export PYTHONPATH=/srv/packages:/srv/repository PYTHONDONTWRITEBYTECODE=1 OMP_NUM_THREADS=1
export PYTEST_DISABLE_PLUGIN_AUTOLOAD=1  # the interpreter may have plugins of its own, which are not this project's
export TMPDIR="$(mktemp -d -p /run)"
cd /srv/repository
exec /srv/python/bin/python3 "$@"
"""
WALLS = ("unshare", "--mount", "--pid", "--fork", "--ipc", "--net", "--propagation", "private", "--kill-child")


def lacking() -> str:
    """Why there is no such place here; empty if there is."""
    if os.geteuid() != 0:
        return "only root can make a place like a container"
    if not shutil.which("unshare"):
        return "unshare is not installed: apt-get install util-linux"
    tried = subprocess.run([*WALLS, "true"], capture_output=True, text=True, check=False)
    return f"no namespaces are to be had: {tried.stderr.strip()}" if tried.returncode else ""


def inside(*arguments: str) -> list[str]:
    """The command that runs Python there. See `environment`."""
    return [*WALLS, "bash", "-c", INSIDE, "inside", *arguments]


def environment(out: Path) -> dict[str, str]:
    """What that command needs to know: where things are. `out` is /srv/out there."""
    import torch

    packages = Path(torch.__file__).parents[1]
    places = {"PYTHON": sys.base_prefix, "PACKAGES": packages, "REPOSITORY": ROOT, "OUT": out}
    return {**os.environ, **{name: str(place) for name, place in places.items()}}


if __name__ == "__main__":
    if why := lacking():
        sys.exit(f"SKIPPED: {why}")
    sys.exit(
        subprocess.run(
            inside(*sys.argv[1:]),
            check=False,
            env=environment(Path("/var/empty" if Path("/var/empty").exists() else "/mnt")),
        ).returncode
    )
