"""Tier `in-container`: inside somebody else's container, for example Gradescope's, where there are no namespaces.

The judge is root there, and so is the zygote. A fork gets a user of its own and one folder that nobody else enters. It
reads by Landlock what homework needs and nothing else, and calls what the seccomp filter leaves it. Its end is its
user's: every process, every file. The judge's own files should belong to root only: then two walls protect them.

Judges that share a container have a place each below `PLACES`, with a lock: the users of their forks, a copy of the
engine, and the name of the folder with their forks' folders. What a judge that was killed has left there, and whatever
runs under those users, is ended by the next one that gets its place.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from grader.errors import InfraError
from grader.guest import linux, seccomp
from grader.guest.isolation import USERS, WRITABLE
from grader.sandbox import gpu as gpus
from grader.sandbox import layout
from grader.sandbox.launch import Launched
from grader.sandbox.where import ANYWHERE, WhereToGrade

if TYPE_CHECKING:
    from grader.spec import Limits

NAME = "in-container"
ABOUT = "a user for each submission, in the container that this is"
PLACES = Path("/run/grader")
JUDGES = 64  # that may share a container
FIRST_USER = 2_000_000_000  # where nobody's account is
FIRST_MAPPED = 20_000  # in a container that maps 65,536 users only
SWEEP_SECONDS = 5.0
FORKS = 4  # whose files there ought to be room for: of two workers, each with one that ends or begins


def missing(_: WhereToGrade = ANYWHERE) -> str:
    """Why this tier is not available here; empty if it is."""
    if os.geteuid() != 0:
        return "it gives each submission a user of its own, which only root can"
    if linux.landlock_version() < 1:
        return "this kernel has no Landlock, without which a submission could read the judge's files: Linux 5.13 has it"
    try:
        seccomp.program()
    except OSError as error:
        return str(error)
    if not os.access(PLACES.parent, os.W_OK):
        return f"{PLACES.parent} cannot be written to; judges in one container keep locks there: mount a tmpfs"
    if not _can_change_users():
        return "root may not change its user here: the container needs the capabilities SETUID and SETGID"
    closed = _closed(sys.base_prefix, layout.packages_folder())
    if closed:
        return f"submissions run as users of their own, and these may not enter {closed}, where Python is"
    return ""


def facts(_: WhereToGrade) -> dict[str, str]:
    """What of it may decide over a verdict: no more than what is noted of every tier."""
    return {}


def launch(control: int, limits: Limits, where: WhereToGrade) -> Launched:
    """How to start the zygote, whose control socket is descriptor `control`; its forks may open its GPU."""
    lock, first = _own_users()
    try:
        engine = _laid_out(PLACES / str(first), where.packages)
        files = _files(lock, limits.files_mb << 20)
    except BaseException:
        os.close(lock)
        raise

    held = [lock]

    def end() -> None:
        if not held:  # its number may be another file's by now
            return
        try:
            sweep(held[0], first)
            shutil.rmtree(engine, ignore_errors=True)
        finally:
            os.close(held.pop())

    readable, listable = _readable(where.packages)
    return Launched(
        layout.command(control, str(engine)),
        dict(layout.ENVIRONMENT),
        users=first,
        files=files,
        readable=(str(engine), *readable),
        listable=listable,
        devices=gpus.devices(where.gpu),
        lacking=_lacking(files),
        patience=5.0,
        end=end,
    )


def _lacking(files: str) -> tuple[str, ...]:
    """What submissions' files would have elsewhere, in sentences."""
    place = os.path.dirname(files)
    found = [] if _runs_nothing(files) else [f"files in memory: {place} is on a disk"]
    if os.stat(files).st_dev == os.stat(tempfile.gettempdir()).st_dev:
        found.append(f"room of its own for the judge: submissions can fill {place}; set TMPDIR, or enlarge /dev/shm")
    return tuple(found)


def sweep(lock: int, first: int) -> None:
    """End every process of a block of users, and remove their folders. Raises `InfraError`."""
    folder = os.pread(lock, 4096, 0).decode()
    if folder and os.path.isdir(folder):
        for user in filter(str.isdigit, os.listdir(folder)):
            subprocess.run(_ending(int(user), f"{folder}/{user}"), check=False, capture_output=True, cwd="/")
    deadline = time.monotonic() + SWEEP_SECONDS
    while pids := running(first):
        for pid in pids:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        if time.monotonic() > deadline:
            raise InfraError(f"processes of submissions cannot be ended: {', '.join(map(str, pids))}")
        time.sleep(0.01)
    if folder:
        shutil.rmtree(folder, ignore_errors=True)
    os.ftruncate(lock, 0)


def _ending(user: int, folder: str) -> list[str]:
    """The command that ends a fork whose own intermediate process did not, as that one would have."""
    start = f"import sys; sys.path[:0] = [{layout.engine_folder()!r}]; from grader.guest.isolation import end_user; "
    return [sys.executable, "-I", "-S", "-B", "-c", f"{start}end_user({user}, {folder!r})"]


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
    """A block of users that no other judge of this container uses: the lock that says so, and the first of them.

    The lock's file holds the name of the folder with the users' folders. Nothing of an earlier judge's is left.
    """
    PLACES.mkdir(mode=0o711, exist_ok=True)
    lines = Path("/proc/self/uid_map").read_text().splitlines()
    mapped = max(int(line.split()[0]) + int(line.split()[2]) for line in lines)
    start = FIRST_USER if mapped > FIRST_USER + JUDGES * USERS else FIRST_MAPPED
    for first in range(start, start + JUDGES * USERS, USERS):
        if _is_somebody(first):
            continue
        lock = os.open(PLACES / f"{first}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            sweep(lock, first)
            return lock, first
        except BlockingIOError:
            os.close(lock)
        except BaseException:
            os.close(lock)
            raise
    raise InfraError(f"{JUDGES} judges share this container already, and there are no users left for another")


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


def _laid_out(folder: Path, packages: tuple[str, ...] = ()) -> Path:
    """The packages as links, for Landlock to judge where they lead; the engine as copies, for its home is root's."""
    shutil.rmtree(folder, ignore_errors=True)
    for name in ("packages", "engine/grader"):
        (folder / name).mkdir(parents=True)
    for mount in layout.mounts(None, packages):
        target = folder / mount.target.lstrip("/")
        if mount.target.startswith("/packages/"):
            target.symlink_to(mount.source)
        elif mount.target.startswith("/engine/"):
            copy = shutil.copytree if Path(mount.source).is_dir() else shutil.copy
            copy(mount.source, target)
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() else 0o644)  # whatever the umask or the checkout say
    return folder


def _files(lock: int, size: int) -> str:
    """A folder for the folders of this judge's forks, each with files of this size: only root can make one there.

    It is in memory, where no program is run, if there is such a place, and preferably not in /tmp, where the judge has
    files of its own.
    """
    places = [place for place in reversed(WRITABLE) if os.access(place, os.W_OK | os.X_OK)]
    if not places:
        raise InfraError(f"submissions' files have no place: none of {', '.join(WRITABLE)} can be written to")
    place = max(places, key=lambda one: (_runs_nothing(one), min(_room(one), FORKS * size)))
    folder = tempfile.mkdtemp(prefix="grader-", dir=os.path.realpath(place))
    os.pwrite(lock, folder.encode(), 0)
    os.chmod(folder, 0o711)  # noqa: S103 - forks pass through it, to their own
    return folder


def _runs_nothing(folder: str) -> bool:
    return bool(os.statvfs(folder).f_flag & os.ST_NOEXEC)


def _room(folder: str) -> int:
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize


def _readable(packages: tuple[str, ...] = ()) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What forks may read, and the folders of it that they may only list: those that hold what they may not read."""
    mounts = layout.mounts(None, packages)
    masks = [Path(mount.target) for mount in mounts if mount.kind == "mask"]
    wanted = [Path(m.source) for m in mounts if m.kind in ("read", "device") and "/engine/" not in m.target]
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
