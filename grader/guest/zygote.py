"""The zygote: torch imported once, a fork per submission.

It runs no student's code and holds nothing secret: its forks see all of its memory. It takes orders from the judge over
a control socket. With two descriptors, an order is for a fork: the fork's own channel to the judge, and a pipe on which
the intermediate process tells how the fork ended. Without, it asks for an inventory, by which the judge sees that the
zygote is as it was. With one, a control socket, it is for another zygote that has torch already: such a division has
namespaces of its own and serves a judge of its own, so that a machine's judges need one import of torch together.

    zygote ──fork──▶ intermediate (enters namespaces, waits) ──fork──▶ server (confines itself, runs the student's code)

A container gives no namespaces. There the zygote stays root and gives each fork a user of its own, and the
intermediate process, which that user cannot reach, ends everything of the user's: when the server has ended, when it
has more files than it may, or as soon as the judge closes its side of that pipe. So the fork's end needs no process id
that both sides understand.
"""

from __future__ import annotations

import contextlib
import fcntl
import gc
import json
import os
import platform
import resource
import select
import signal
import socket
import sys
from dataclasses import replace
from typing import Any, NoReturn

from grader.guest import linux
from grader.guest.isolation import (
    ENTRIES,
    USERS,
    Settings,
    confine,
    end_user,
    enter_division,
    enter_namespaces,
    holds_too_much,
    make_folder,
)

NOBODY = 65534
MOST_DATA = 32  # files of training data, and data files
LOOK_SECONDS = 0.05  # between two looks at how much a user's files take
GROUPS = (("memory.events", "memory.max"), ("memory/memory.oom_control", "memory/memory.limit_in_bytes"))
UNLIMITED = 1 << 60  # bytes: version 1 has no word for it, and takes the largest multiple of a page


def main(where: int | str) -> None:
    """Warm up, say so, and fork on demand until the judge hangs up.

    `where` is the control socket: a descriptor that was inherited, or a path to connect to.
    """
    control = _connected(where)
    message, descriptors, _, _ = socket.recv_fds(control, 1 << 16, MOST_DATA)
    config = json.loads(message)
    if not config["users"]:
        _become_nobody()
    linux.prctl(linux.PR_SET_PDEATHSIG, signal.SIGKILL)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # intermediate processes are reaped by the kernel
    _silence()
    ready = _warm_up(config, descriptors)
    control.send(json.dumps(ready).encode())
    forks = 0
    is_division = False
    while True:
        try:
            order, descriptors, _, _ = socket.recv_fds(control, 1 << 16, 2)
        except ConnectionResetError:  # it hung up on what it was told
            order = b""
        if not order:
            os._exit(0)  # torch takes half a second to tidy up
        if not descriptors:
            said = _inventory(shares_files=bool(config["users"]), shares_proc=bool(config["users"]) or is_division)
            try:
                control.send(json.dumps(said).encode())
            except OSError:  # the judge has hung up meanwhile
                os._exit(0)
            continue
        if len(descriptors) == 1:
            try:
                pid = os.fork()
            except OSError:  # that judge finds that it hung up, and the others keep theirs
                pid = -1
            if pid == 0:
                control.close()
                control, is_division = _divided(descriptors[0]), True
                control.send(json.dumps(ready).encode())
            else:
                os.close(descriptors[0])
            continue
        channel, status = descriptors
        settings = Settings(**json.loads(order))
        if settings.user:
            user = settings.user + 2 * forks % USERS
            settings = replace(settings, user=user, folder=f"{settings.folder}/{user}")
        forks += 1
        if os.fork() == 0:
            control.close()
            _intermediate(settings, channel, status)
        os.close(channel)
        os.close(status)


def _connected(where: int | str) -> socket.socket:
    if isinstance(where, int):
        return socket.socket(fileno=where)
    control = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    control.connect(where)
    return control


def _divided(descriptor: int) -> socket.socket:
    """Go on as the first process of namespaces of its own; the one that this was forked as waits for its end."""
    linux.prctl(linux.PR_SET_PDEATHSIG, signal.SIGKILL)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    control = socket.socket(fileno=descriptor)
    try:
        enter_division()
        child = os.fork()
        if child:
            control.close()
            os.waitpid(child, 0)
            os._exit(0)
        linux.prctl(linux.PR_SET_PDEATHSIG, signal.SIGKILL)
        linux.drop_capabilities()
    except OSError as error:
        control.send(json.dumps({"error": f"isolation failed: {error}"}).encode())
        os._exit(1)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    return control


def _become_nobody() -> None:
    """A judge that is root gets a zygote that is not: root's processes escape limits, and own the kernel's files."""
    if os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
        linux.prctl(linux.PR_SET_DUMPABLE, 1)  # else /proc/self stays root's, and forks cannot map their user


def _silence() -> None:
    null = os.open("/dev/null", os.O_RDWR)
    for descriptor in (0, 1):
        os.dup2(null, descriptor)


def _warm_up(config: dict[str, Any], descriptors: list[int]) -> dict[str, Any]:
    gc.disable()  # nothing that torch's import makes is ever garbage, and looking for it is a tenth of the time
    import torch

    torch.set_num_threads(1)  # before any operator: a fork after multi-threaded ones hangs
    from grader.guest import bans, data, huge_pages, no_compiler, packages, server

    data.receive(config.get("data", []), descriptors)
    no_compiler.install()
    packages.load(config.get("packages", []))
    bans.warm_up()
    server.Server().rehearse()
    idle = bans.idle(config["banned"])
    banned = bans.ban(config["banned"])
    gc.collect()
    gc.freeze()  # the collector never touches, and so never copies, what all forks share
    gc.enable()
    huge = huge_pages.collapse()
    return {
        "python": platform.python_version(),
        "torch": torch.__version__,
        "banned": banned,
        "idle_bans": idle,
        "huge_pages": huge,
        "memory_group": _group_limit() is not None,
        "memory_own": _group_memory(),
    }


def _group_limit() -> int | None:
    """The memory that the control group around this process allows, in bytes; None where it sets no limit."""
    for _, limit in GROUPS:
        with contextlib.suppress(OSError, ValueError), open(f"/sys/fs/cgroup/{limit}") as file:
            allowed = int(file.read())
            return allowed if allowed < UNLIMITED else None
    return None


def _group_memory() -> int:
    """The memory, in bytes, that the processes of this control group have for themselves: without cached files."""
    for folder, name in (("", "anon"), ("memory/", "total_rss")):
        with contextlib.suppress(OSError), open(f"/sys/fs/cgroup/{folder}memory.stat") as file:
            return sum(int(line.split()[1]) for line in file if line.split()[0] == name)
    return 0


def _memory_kills() -> int:
    """How many processes the kernel has killed for the memory of the control group around this one."""
    for events, _ in GROUPS:
        with contextlib.suppress(OSError), open(f"/sys/fs/cgroup/{events}") as file:
            return sum(int(line.split()[1]) for line in file if line.startswith("oom_kill "))
    return 0


def _inventory(*, shares_files: bool, shares_proc: bool) -> dict[str, Any]:
    """What would differ had a submission reached the zygote: its modules, descriptors, threads and files.

    `shares_files`: others use this /tmp, too, and a user's end says what it left. `shares_proc`: others are in this
    /proc, and only what descends from this process is its own.
    """
    folders = ("/dev",) if shares_files else ("/tmp", "/dev/shm", "/dev")
    files = [os.path.join(folder, name) for folder in folders for name in os.listdir(folder)]
    return {
        "modules": len(sys.modules),  # to look at each would write to its page, which then every fork has to copy
        "descriptors": sorted(os.listdir("/proc/self/fd")),
        "threads": len(os.listdir("/proc/self/task")),
        "files": sorted(files),
        "processes": _children() if shares_proc else sum(name.isdigit() for name in os.listdir("/proc")),
        "environment": sorted(os.environ),
        "handlers": [str(signal.getsignal(number)) for number in (signal.SIGCHLD, signal.SIGALRM, signal.SIGTERM)],
    }


def _children() -> int:
    with open("/proc/thread-self/children") as file:
        return len(file.read().split())


def _size_in_bytes() -> int:
    with open("/proc/self/statm") as file:
        return int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")


def _intermediate(settings: Settings, channel: int, status: int) -> NoReturn:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    try:
        base = _size_in_bytes()
        kills = _memory_kills()
        if settings.user:
            linux.prctl(linux.PR_SET_CHILD_SUBREAPER, 1)
            make_folder(settings)
        elif settings.alone:
            _volunteer()
            enter_namespaces(settings)
        server = os.fork()
        if server == 0:
            try:
                _serve(settings, channel, status, base)
            finally:  # the judge may hang up: nothing of this process's goes on as the intermediate one
                os._exit(1)
        os.close(channel)
        left: list[str] = []
        full = False
        if settings.user:
            full = _wait_for(server, status, settings)
            ended, left = _end(server, settings)
        else:
            _, ended = os.waitpid(server, 0)
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        report: dict[str, Any] = {
            "exit": os.waitstatus_to_exitcode(ended),
            "cpu_seconds": used.ru_utime + used.ru_stime,
            "memory": _memory_kills() > kills,
            "files": full,
            "left": left[:8],
        }
    except OSError as error:
        report = {"error": f"isolation failed: {error}"}
    with contextlib.suppress(OSError):  # the judge may have gone
        os.write(status, json.dumps(report).encode())
    os._exit(0)


def _volunteer() -> None:
    """Should memory run out, this process is the victim and not the zygote."""
    with open("/proc/self/oom_score_adj", "w") as file:
        file.write("1000")


def _wait_for(server: int, status: int, settings: Settings) -> bool:
    """Return when the server has ended, or when the judge wants its end: then it says nothing more on `status`.

    Or when the server has more files than it may, which is what is returned: no quota keeps it from taking all the room
    of a file system that others use. While that holds little more than it did, nobody looks for whose it is.
    """
    handle = os.pidfd_open(server)
    least = _in_use(settings.folder)
    full = False
    while not full and not select.select([handle, status], [], [], LOOK_SECONDS)[0]:
        now = _in_use(settings.folder)
        least = (min(least[0], now[0]), min(least[1], now[1]))
        if now[0] - least[0] > settings.files / 2 or now[1] - least[1] > ENTRIES / 2:
            full = holds_too_much(settings)
    os.close(handle)
    return full


def _in_use(folder: str) -> tuple[int, int]:
    """Bytes and inodes that are taken on a folder's file system."""
    found = os.statvfs(folder)
    return (found.f_blocks - found.f_bfree) * found.f_frsize, found.f_files - found.f_ffree


def _end(server: int, settings: Settings) -> tuple[int, list[str]]:
    """How the server ended by itself, or by us; and what could not be removed of its files."""
    seen, ended = os.waitpid(server, os.WNOHANG)
    left = end_user(settings.user, settings.folder)
    return (ended if seen else signal.SIGKILL), left


def _serve(settings: Settings, channel: int, status: int, base: int) -> NoReturn:
    try:
        if settings.user:
            _volunteer()
        linux.prctl(
            linux.PR_SET_PDEATHSIG, signal.SIGKILL
        )  # forgotten with a change of user: then the judge sees to it
        status = fcntl.fcntl(status, fcntl.F_DUPFD, 4)  # first, lest the channel takes its number
        os.dup2(channel, 3)
        os.dup2(1, 2)
        os.closerange(4, status)
        os.closerange(status + 1, 1024)
        protections, missing = confine(settings, base)
    except OSError as error:
        _give_up(status, f"isolation failed: {error}")
    from grader.guest import codec, cuda, server

    try:
        device = cuda.start(settings.device) if settings.device else ""
    except OSError as error:
        _give_up(status, str(error))
    os.close(status)
    hello = codec.Hello(protections, missing, device, list(cuda.SETTINGS) if device else [])
    server.serve(socket.socket(fileno=3), hello, alone=settings.alone, work=settings.work)
    os._exit(0)


def _give_up(status: int, reason: str) -> NoReturn:
    os.write(status, json.dumps({"error": reason}).encode())
    os._exit(1)


if __name__ == "__main__":
    main(int(sys.argv[1]))
