"""The container engine, Docker or podman, by its command line: arguments as lists, never a shell."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import shutil
import subprocess
import time
from pathlib import Path

import grader
from grader.errors import InfraError

ENGINES = ("docker", "podman")
IMAGE, CUDA_IMAGE = "grader-guest", "grader-guest-cuda"
GUEST_LABEL = "grader.guest"  # on the image: which guest code is in it
JUDGE_LABEL = "grader.judge"  # on a container: whose it is
GVISOR = "runsc"
# What a zygote asks of a kernel: a handle on a fork, and Landlock around it. Releases of gVisor differ.
TRIAL = (
    "import os, sys; sys.path[:0] = ['/engine']; os.close(os.pidfd_open(os.getpid())); "
    "from grader.guest import linux; sys.exit('no Landlock' if linux.landlock_version() < 1 else 0)"
)
ANSWER_SECONDS = 20.0  # an engine that is being restarted is waited for


def client(name: str | None = None) -> str:
    """The engine's client: the one asked for, or the first that is installed; empty where there is none."""
    return next((engine for engine in ([name] if name else ENGINES) if shutil.which(engine)), "")


def run(engine: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run one of the engine's commands to its end."""
    return subprocess.run([engine, *arguments], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)


def must(engine: str, *arguments: str) -> str:
    """What one of the engine's commands says. Raises `InfraError` where it fails."""
    ended = run(engine, *arguments)
    if ended.returncode:
        raise InfraError(f"{engine} {arguments[0]} failed: {_last(ended.stderr)}")
    return ended.stdout.strip()


def _last(said: str) -> str:
    return said.strip().splitlines()[-1] if said.strip() else "it says nothing"


def image(*, cuda: bool) -> str:
    """The guest's image: the CPU build of torch does, but for a GPU."""
    return CUDA_IMAGE if cuda else IMAGE


def missing(name: str | None = None, *, cuda: bool = False) -> str:
    """Why no guest, or none for a GPU, can be started by the engine `name`, or by any; empty if one can."""
    engine = client(name)
    if not engine:
        package = "podman" if name == "podman" else "docker.io"
        return f"{name or 'docker or podman'} is not installed: apt-get install {package}"
    looked = run(
        engine, "image", "inspect", "--format", f'{{{{index .Config.Labels "{GUEST_LABEL}"}}}}', image(cuda=cuda)
    )
    if looked.returncode:
        return _reason(engine, looked.stderr.strip(), cuda=cuda)
    if looked.stdout.strip() != guest_digest():
        name, command = image(cuda=cuda), _make(engine, cuda=cuda)
        return f"the image {name} holds another version of the grader: make it again with `{command}`"
    return ""


def _reason(engine: str, said: str, *, cuda: bool = False) -> str:
    lower = said.lower()
    if "permission denied" in lower:
        user = os.environ.get("USER", "USER")
        return (
            f"this user may not talk to the engine of {engine}: as root, usermod -aG docker {user}; then log in again"
        )
    if "no such image" in lower or "image not known" in lower or "no such object" in lower:
        return f"there is no image {image(cuda=cuda)}: make it with `{_make(engine, cuda=cuda)}`"
    return f"the engine of {engine} does not answer ({_last(said)}): is it started? systemctl start {engine}"


def _make(engine: str, *, cuda: bool) -> str:
    return (
        "grader package guest" + (" --cuda" if cuda else "") + (f" --engine {engine}" if engine != ENGINES[0] else "")
    )


def guest_digest() -> str:
    """Names the code that runs inside: an image is of use for the grader whose guest code it holds."""
    digest = hashlib.sha256()
    for path in guest_files():
        digest.update(f"{path.name}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def guest_files() -> list[Path]:
    """The files of the guest package."""
    return sorted((Path(grader.__file__).parent / "guest").glob("*.py"))


def wait_until_it_answers(engine: str) -> None:
    """Return when the engine answers; one that is being restarted does so soon. Raises `InfraError`."""
    deadline = time.monotonic() + ANSWER_SECONDS
    while (asked := run(engine, "version", "--format", "{{.Server.Version}}")).returncode:
        if time.monotonic() > deadline:
            raise InfraError(f"isolation container: {_reason(engine, asked.stderr.strip())}")
        time.sleep(0.5)


@functools.cache
def runtime(engine: str) -> tuple[str, str]:
    """The runtime to start guests in, "" for the engine's own, and why it is not gVisor's where the engine has that."""
    if engine != "docker":  # podman's are its machine's
        return "", ""
    known = run(engine, "info", "--format", "{{range $name, $_ := .Runtimes}}{{$name}} {{end}}")
    if GVISOR not in known.stdout.split():
        return "", ""
    where = ("--rm", "--network=none", "--pull=never", f"--runtime={GVISOR}", "--entrypoint=/usr/bin/env")
    tried = run(engine, "run", *where, IMAGE, "python3", "-I", "-S", "-c", TRIAL)
    if tried.returncode == 0:
        return GVISOR, ""
    return "", f"this release of {GVISOR} cannot run a guest ({_last(tried.stderr)}): the engine's own runtime is used"


def judge_label() -> str:
    """Names this very process, so that a container can be told from those whose judge has died."""
    return f"{os.getpid()}-{_started(os.getpid())}"


def _started(pid: int) -> str:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    return ""


def clean(engine: str) -> list[str]:
    """Remove containers whose judge has died. Returns their names."""
    listed = run(
        engine,
        "ps",
        "-a",
        "--filter",
        f"label={JUDGE_LABEL}",
        "--format",
        f'{{{{.Names}}}} {{{{.Label "{JUDGE_LABEL}"}}}}',
    )
    left = [line.split() for line in listed.stdout.splitlines() if line.strip()]
    orphans = [name for name, judge in left if _started(int(judge.split("-")[0])) != judge.split("-")[1]]
    for name in orphans:
        remove(engine, name)
    return orphans


def remove(engine: str, container: str) -> None:
    """End a container with everything in it, if it is still there."""
    run(engine, "rm", "--force", container)
