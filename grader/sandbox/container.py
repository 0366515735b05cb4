"""Tier `container`: the outer wall is Docker's or podman's, for machines with a container engine.

One container per worker, with a zygote inside and nothing else: no network, a read-only root, of root's capabilities
only those to change users. Each fork gets a user of its own. The zygote calls the judge on a socket in a folder that is
shared with the container; everything else, forks' channels included, travels over that socket as descriptors.
"""

from __future__ import annotations

import itertools
import json
import os
import secrets
import shutil
import socket
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader.guest.isolation import THREADS
from grader.sandbox import container_engine as engines
from grader.sandbox import gpu as gpus
from grader.sandbox.launch import Launched
from grader.sandbox.profile import profile
from grader.sandbox.where import ANYWHERE, WhereToGrade

if TYPE_CHECKING:
    from grader.spec import Limits

NAME = "container"
ABOUT = "outer wall by Docker or podman, a user for each submission"
USERS = 20_000  # the first of the forks' users: nobody else's, in this container
WARMING_MB = 1024  # until the zygote is warm, and its own memory is known
SLACK_MB = 32  # for the next fork, which prepares itself, and for the kernel
CPUS = 2  # the submission's, and one for the next fork, which prepares itself meanwhile
INODES = 4096
# Docker's are its daemon's. Podman's own are higher than it may set everywhere.
PODMANS_LIMITS = ("--ulimit=nofile=1024:1024", "--ulimit=nproc=4096:4096")
PATIENCE = 5.0  # seconds for an engine to take a container down
READABLE = (
    *("/usr/lib", "/usr/local/lib", "/lib", "/lib64", "/usr/lib64", "/etc/ld.so.cache", "/usr/share/zoneinfo"),
    *("/engine", "/packages", "/dev/null", "/dev/zero", "/dev/urandom", "/dev/random"),
)
# What the client asks of its environment: whose engine, and where.
PASSED = ("HOME", "PATH", "DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_CONFIG", "CONTAINER_HOST", "XDG_RUNTIME_DIR")
_serial = itertools.count()


def missing(where: WhereToGrade = ANYWHERE) -> str:
    """Why this tier is not available here, with an image for a GPU if one was chosen; empty if it is."""
    return engines.missing(where.engine, cuda=where.gpu is not None)


def facts(where: WhereToGrade) -> dict[str, str]:
    """What of a container may decide over a verdict."""
    client = engines.client(where.engine)
    image = engines.image(cuda=where.gpu is not None)
    image = engines.must(client, "image", "inspect", "--format", "{{.Id}}", image)
    return {"client": client, "image": image}


def launch(_: int, limits: Limits, where: WhereToGrade) -> Launched:
    """How to start the zygote, which calls at a socket of its own: no descriptor reaches into the container."""
    client, gpu = engines.client(where.engine), where.gpu
    engines.wait_until_it_answers(client)
    folder = Path(tempfile.mkdtemp(prefix="grader-"))  # nobody else enters it, so the socket inside can be open to all
    name = f"grader-{os.getpid()}-{next(_serial)}-{secrets.token_hex(4)}"
    try:
        listener = _listen(folder / "control")
        (folder / "seccomp.json").write_text(json.dumps(profile()))
    except BaseException:
        shutil.rmtree(folder)
        raise

    host = 0 if gpu is None else gpus.HOST_MB

    def ready(about: dict[str, Any]) -> None:
        memory = f"{limits.memory_mb + SLACK_MB + host + (about['memory_own'] >> 20)}m"
        engines.must(client, "update", f"--memory={memory}", f"--memory-swap={memory}", name)

    def end() -> None:
        engines.remove(client, name)
        shutil.rmtree(folder, ignore_errors=True)

    runtime = engines.runtime(client)[0] if gpu is None else ""  # gVisor would need its own way to a GPU
    command = [shutil.which(client) or client, *arguments(client, name, folder, limits, gpu, runtime)]
    environment = {key: os.environ[key] for key in PASSED if key in os.environ}
    return Launched(
        command,
        environment,
        users=USERS,
        readable=READABLE,
        devices=gpus.devices(gpu),
        listener=listener,
        lacking=("a limit on the number of files: podman gives a tmpfs none",) if client == "podman" else (),
        patience=PATIENCE,
        ready=ready,
        end=end,
        refused=""
        if gpu is None
        else f"GPU {gpu} cannot be given to a container, for which an engine needs the NVIDIA Container Toolkit",
    )


def arguments(
    client: str, name: str, folder: Path, limits: Limits, gpu: int | None = None, runtime: str = ""
) -> list[str]:
    """The engine's arguments that start a container with a zygote inside, by this runtime or the engine's own."""
    host = 0 if gpu is None else gpus.HOST_MB
    memory = f"{limits.memory_mb + WARMING_MB + host}m"
    files = f"{limits.files_mb}m"
    inodes = "" if client == "podman" else f",nr_inodes={INODES}"  # podman knows no such option
    ulimits = PODMANS_LIMITS if client == "podman" else ()
    options = {
        "name": name,
        "label": f"{engines.JUDGE_LABEL}={engines.judge_label()}",
        "network": "none",
        "hostname": "guest",
        "user": "0:0",
        "ipc": "private",
        "cap-drop": "ALL",
        "pids-limit": str(limits.processes + 16 + (0 if gpu is None else THREADS)),
        "memory": memory,
        "memory-swap": memory,
        "cpus": str(min(CPUS, os.cpu_count() or 1)),
        "tmpfs": f"/tmp:rw,nosuid,nodev,noexec,size={files},mode=711{inodes}",
        "shm-size": files,
        "log-driver": "none",
        "pull": "never",
        "mount": f"type=bind,source={folder / 'control'},target=/control,readonly",
    }
    repeated = [
        *("--cap-add=SETUID", "--cap-add=SETGID"),
        *("--security-opt=no-new-privileges", f"--security-opt=seccomp={folder / 'seccomp.json'}"),
    ]
    given = [f"--{option}={value}" for option, value in options.items()]
    return [
        "run",
        "--rm",
        "--read-only",
        *given,
        *repeated,
        *ulimits,
        *([f"--runtime={runtime}"] if runtime else []),
        *gpu_options(client, gpu),
        engines.image(cuda=gpu is not None),
        "/control/socket",
    ]


def gpu_options(client: str, gpu: int | None) -> list[str]:
    """How an engine is asked for one GPU: podman goes by the names of the container device interface."""
    if gpu is None:
        return []
    return [f"--device=nvidia.com/gpu={gpu}"] if client == "podman" else [f"--gpus=device={gpu}"]


def _listen(folder: Path) -> socket.socket:
    folder.mkdir(mode=0o755)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    path = folder / "socket"
    listener.bind(str(path))
    path.chmod(0o666)
    listener.listen(1)
    return listener
