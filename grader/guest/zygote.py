"""The zygote: torch imported once, a fork per submission.

It runs no student's code and holds nothing secret: its forks see all of its memory. It takes orders from the judge over
a control socket. With two descriptors, an order is for a fork: the fork's own channel to the judge, and a pipe on which
the intermediate process tells how the fork ended. Without, it asks for an inventory, by which the judge sees that the
zygote is as it was.

    zygote ──fork──▶ intermediate (enters namespaces, waits) ──fork──▶ server (confines itself, runs the student's code)
"""

from __future__ import annotations

import fcntl
import gc
import hashlib
import json
import os
import platform
import resource
import signal
import socket
import sys
from typing import Any, NoReturn

from grader.guest import linux
from grader.guest.isolation import Settings, confine, enter_namespaces

NOBODY = 65534


def main(control_fd: int) -> None:
    """Warm up, say so, and fork on demand until the judge hangs up."""
    control = socket.socket(fileno=control_fd)
    config = json.loads(control.recv(1 << 16))
    _become_nobody()
    linux.prctl(linux.PR_SET_PDEATHSIG, signal.SIGKILL)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # intermediate processes are reaped by the kernel
    _silence()
    ready = _warm_up(config)
    control.send(json.dumps(ready).encode())
    while True:
        order, descriptors, _, _ = socket.recv_fds(control, 1 << 16, 2)
        if not order:
            return
        if not descriptors:
            control.send(json.dumps(_inventory()).encode())
            continue
        channel, status = descriptors
        if os.fork() == 0:
            control.close()
            _intermediate(Settings(**json.loads(order)), channel, status)
        os.close(channel)
        os.close(status)


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


def _warm_up(config: dict[str, Any]) -> dict[str, Any]:
    import torch

    torch.set_num_threads(1)  # before any operator: a fork after multi-threaded ones hangs
    from grader.guest import bans, server, standins

    standins.install()
    bans.warm_up()
    server.Server().rehearse()
    banned = bans.ban(config["banned"])
    gc.collect()
    gc.freeze()  # the collector never touches, and so never copies, what all forks share
    huge = linux.use_huge_pages()
    return {"python": platform.python_version(), "torch": torch.__version__, "banned": banned, "huge_pages": huge}


def _inventory() -> dict[str, Any]:
    """What would differ had a submission reached the zygote: its modules, descriptors, threads and files."""
    names = "\n".join(f"{name} {getattr(module, '__file__', '')}" for name, module in sorted(sys.modules.items()))
    files = [os.path.join(folder, name) for folder in ("/tmp", "/dev/shm", "/dev") for name in os.listdir(folder)]
    return {
        "modules": hashlib.sha256(names.encode()).hexdigest(),
        "descriptors": sorted(os.listdir("/proc/self/fd")),
        "threads": len(os.listdir("/proc/self/task")),
        "files": sorted(files),
        "processes": sum(name.isdigit() for name in os.listdir("/proc")),
        "environment": sorted(os.environ),
        "handlers": [str(signal.getsignal(number)) for number in (signal.SIGCHLD, signal.SIGALRM, signal.SIGTERM)],
    }


def _size_in_bytes() -> int:
    with open("/proc/self/statm") as file:
        return int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")


def _intermediate(settings: Settings, channel: int, status: int) -> NoReturn:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    try:
        base = _size_in_bytes()
        with open("/proc/self/oom_score_adj", "w") as file:  # should memory run out, the zygote is not the victim
            file.write("1000")
        if "namespaces" in settings.layers:
            enter_namespaces(settings)
        server = os.fork()
        if server == 0:
            try:
                _serve(settings, channel, status, base)
            finally:  # the judge may hang up: nothing of this process's goes on as the intermediate one
                os._exit(1)
        os.close(channel)
        _, ended = os.waitpid(server, 0)
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        report: dict[str, Any] = {
            "exit": os.waitstatus_to_exitcode(ended),
            "cpu_seconds": used.ru_utime + used.ru_stime,
        }
    except OSError as error:
        report = {"error": f"isolation failed: {error}"}
    os.write(status, json.dumps(report).encode())
    os._exit(0)


def _serve(settings: Settings, channel: int, status: int, base: int) -> NoReturn:
    try:
        linux.prctl(linux.PR_SET_PDEATHSIG, signal.SIGKILL)
        status = fcntl.fcntl(status, fcntl.F_DUPFD, 4)  # first, lest the channel takes its number
        os.dup2(channel, 3)
        os.dup2(1, 2)
        os.closerange(4, status)
        os.closerange(status + 1, 1024)
        protections, missing = confine(settings, base)
        os.close(status)
    except OSError as error:
        os.write(status, json.dumps({"error": f"isolation failed: {error}"}).encode())
        os._exit(1)
    from grader.guest import server

    server.serve(socket.socket(fileno=3), protections, missing)
    os._exit(0)


if __name__ == "__main__":
    main(int(sys.argv[1]))
