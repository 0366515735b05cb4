"""Tier `in-container`: inside somebody else's container, Gradescope's for one, where no namespace is to be had.

The judge is root there, and so is the zygote. A fork gets a user of its own, reads by Landlock what homework needs and
nothing else, and calls what the seccomp filter leaves it. Its end is its user's end: every process, every file. The
judge's own files ought to be root's alone, for then they are behind two walls.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import pwd
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

from grader.bridge.errors import InfraError
from grader.guest import linux, seccomp
from grader.guest.isolation import WRITABLE
from grader.guest.zygote import USERS
from grader.sandbox import gpu as gpus
from grader.sandbox import layout
from grader.sandbox.launch import Launched
from grader.spec import Limits

LOCKS = Path("/run/grader-users")
BLOCKS = 8  # judges that may share a container
FIRST_USER = 2_000_000_000  # where nobody's account is
FIRST_MAPPED = 20_000  # in a container that maps 65,536 users only
SWEEP_SECONDS = 5.0


def missing() -> str:
    """Why this tier is not to be had here; empty if it is."""
    if os.geteuid() != 0:
        return "it gives each submission a user of its own, which only root can"
    if linux.landlock_version() < 1:
        return "this kernel has no Landlock, without which a submission could read the judge's files: Linux 5.13 has it"
    try:
        seccomp.program()
    except OSError as error:
        return str(error)
    if not _can_change_users():
        return "root may not change its user here: the container needs the capabilities SETUID and SETGID"
    closed = _closed(sys.base_prefix, layout.packages_folder())
    if closed:
        return f"submissions run as users of their own, and these may not enter {closed}, where Python is"
    return ""


def launch(control: int, _: Limits, gpu: int | None = None) -> Launched:
    """How to start the zygote, whose control socket is descriptor `control`; its forks may open this GPU."""
    folder = tempfile.mkdtemp(prefix="grader-", dir="/run" if os.access("/run", os.W_OK) else None)
    lock, first = _own_users()
    try:
        _lay_out(Path(folder))
    except BaseException:
        os.close(lock)
        shutil.rmtree(folder)
        raise

    def end() -> None:
        sweep(first)
        shutil.rmtree(folder, ignore_errors=True)
        with contextlib.suppress(OSError):
            os.close(lock)

    readable, listable = _readable()
    return Launched(
        layout.command(control, folder),
        dict(layout.ENVIRONMENT),
        users=first,
        readable=(folder, *readable),
        listable=listable,
        devices=gpus.devices(gpu),
        lacking=tuple(
            f"quota on files: {place} is on a disk; only the size of each is limited" for place in _on_disk()
        ),
        patience=5.0,
        end=end,
    )


def sweep(first: int) -> None:
    """End every process of a block of users, whoever left it, and remove their files. Raises `InfraError`."""
    deadline = time.monotonic() + SWEEP_SECONDS
    while pids := running(first):
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if time.monotonic() > deadline:
            raise InfraError(f"processes of submissions cannot be ended: {', '.join(map(str, pids))}")
        time.sleep(0.01)
    for folder in WRITABLE:
        for entry in list(os.scandir(folder)):
            with contextlib.suppress(OSError):
                if entry.stat(follow_symlinks=False).st_uid in range(first, first + USERS):
                    shutil.rmtree(entry.path) if entry.is_dir(follow_symlinks=False) else os.unlink(entry.path)


def running(first: int) -> list[int]:
    """The processes of a block of users, but for those that have ended and are only waited for."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                fields = dict(line.split(":", 1) for line in (entry / "status").read_text().splitlines())
                if int(fields["Uid"].split()[0]) in range(first, first + USERS) and "Z" not in fields["State"]:
                    found.append(int(entry.name))
    return found


def _own_users() -> tuple[int, int]:
    """A block of users that no other judge of this container uses: the lock that says so, and the first of them."""
    LOCKS.mkdir(mode=0o700, parents=True, exist_ok=True)
    lines = Path("/proc/self/uid_map").read_text().splitlines()
    mapped = max(int(line.split()[0]) + int(line.split()[2]) for line in lines)
    start = FIRST_USER if mapped > FIRST_USER + BLOCKS * USERS else FIRST_MAPPED
    for block in range(BLOCKS):
        first = start + block * USERS
        if _is_somebody(first):
            continue
        lock = os.open(LOCKS / str(block), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return lock, first
        os.close(lock)
    raise InfraError(f"{BLOCKS} judges share this container already, and there are no users left for another")


def _is_somebody(first: int) -> bool:
    return any(user.pw_uid in range(first, first + USERS) for user in pwd.getpwall())


def _can_change_users() -> bool:
    fields = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    needed = 1 << 6 | 1 << 7  # CAP_SETGID, CAP_SETUID
    return int(fields["CapEff"], 16) & needed == needed


def _closed(*folders: str) -> str:
    """The first folder on these ways that only its owner may enter."""
    ways = [path for folder in folders for path in (*reversed(Path(folder).resolve().parents), Path(folder).resolve())]
    return next((str(path) for path in ways if not path.stat().st_mode & 1), "")


def _lay_out(folder: Path) -> None:
    """The packages as links, for Landlock to judge where they lead; the engine as copies, for its home is root's."""
    folder.chmod(0o755)
    for name in ("packages", "engine/grader"):
        (folder / name).mkdir(parents=True)
    for mount in layout.mounts():
        target = folder / mount.target.lstrip("/")
        if mount.target.startswith("/packages/"):
            target.symlink_to(mount.source)
        elif mount.target.startswith("/engine/"):
            copy = shutil.copytree if Path(mount.source).is_dir() else shutil.copy
            copy(mount.source, target)


def _readable() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What forks may read, and the folders of it that they may only list: those that hold what they may not read."""
    masks = [Path(mount.target) for mount in layout.mounts() if mount.kind == "mask"]
    wanted = [Path(m.source) for m in layout.mounts() if m.kind in ("read", "device") and "/engine/" not in m.target]
    readable: list[str] = []
    listable: list[str] = []
    for path in wanted:
        _split(path.resolve(), masks, readable, listable)
    return tuple(dict.fromkeys(readable)), tuple(dict.fromkeys(listable))


def _split(path: Path, masks: list[Path], readable: list[str], listable: list[str]) -> None:
    if path in masks:
        return
    if not any(mask.is_relative_to(path) for mask in masks):
        readable.append(str(path))
        return
    listable.append(str(path))
    for child in path.iterdir():
        if not child.is_symlink() and child.exists():
            _split(child, masks, readable, listable)


def _on_disk() -> list[str]:
    kinds = {}
    with open("/proc/mounts") as mounts:
        for line in mounts:
            _, target, kind = line.split()[:3]
            kinds[target] = kind
    return [folder for folder in WRITABLE if kinds.get(os.path.realpath(folder), kinds.get(_mount(folder))) != "tmpfs"]


def _mount(folder: str) -> str:
    path = os.path.realpath(folder)
    while not os.path.ismount(path):
        path = os.path.dirname(path)
    return path
