"""A deliberately naive grader with two workers that share a folder, the positive control of attacks on a neighbour.

Each submission runs as a user of its own, at the same time as others, and all are written to the same folder and loaded
from there by Python's own means. Runs in a container of its own, as tests/hostile/naive.py does.
"""

from __future__ import annotations

import base64
import contextlib
import importlib
import json
import os
import select
import signal
import subprocess
import sys
import time
import traceback
from pathlib import Path

from tests.hostile.corpus import CANARIES, Attack

ROOT = Path(__file__).resolve().parents[2]
WORK = Path("/tmp/submission")
ATTACKER, NEIGHBOUR = 60001, 60002
NEIGHBOURS = 6
SECONDS = 2.0  # for a neighbour; an attacker has twice as long
HEAD_START = 0.4
PAUSE = 0.05  # between writing and loading, as where a worker imports torch first
CANARY = CANARIES[6]
# An honest submission of two files, which uses a library where it is there, and a temporary file.
HELPER = f'"""{CANARY}"""\n\n\ndef double(x):\n    return x + x\n'
MAIN = f'''"""{CANARY}"""

import tempfile
import time

import helper

try:
    import numba
except ImportError:
    numba = None


def scale(x):
    with tempfile.NamedTemporaryFile(prefix="{CANARY}"):
        time.sleep({PAUSE})
        return helper.double(x)
'''


def defeat(attack: Attack) -> tuple[bool, str]:
    """Let an attack loose on the naive workers. Returns whether it succeeded, and what was seen."""
    from tests.hostile.naive import _container

    command = [*_container(), sys.executable, "-m", "tests.hostile.shared"]
    files = {name: base64.b64encode(content).decode() for name, content in attack.files.items()}
    ended = subprocess.run(
        command,
        input=json.dumps(files),
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
        timeout=60,
    )
    if ended.returncode:
        return False, f"the control itself failed: {ended.stderr[-300:]}"
    wrong, told = json.loads(ended.stdout.splitlines()[-1])
    if attack.success == "canary":
        return CANARY in told, told
    return bool(wrong), f"a neighbour gets {wrong}"


# ----------------------------------------------------------------------------------------------- inside the container


def main() -> None:
    """Grade honest submissions beside the attacker's, which is read from standard input; print what both get."""
    import ctypes  # noqa: F401 - these, too, for submissions: whose users may not enter the folder where Python is
    import glob  # noqa: F401
    import importlib.util  # noqa: F401
    import marshal  # noqa: F401
    import tempfile  # noqa: F401

    from grader.guest import linux

    for place in ("/tmp", "/dev/shm"):
        linux.mount("tmpfs", place, "tmpfs", 0, "mode=1777,size=64m,nr_inodes=4096")
    files = {name: base64.b64decode(content) for name, content in json.load(sys.stdin).items()}
    honest = {"hostile.py": MAIN.encode(), "helper.py": HELPER.encode()}
    attacker, said = _start(files, ATTACKER)
    time.sleep(HEAD_START)
    answers = [_finish(*_start(honest, NEIGHBOUR), SECONDS) for _ in range(NEIGHBOURS)]
    wrong = [answer or "nothing in time" for answer in answers if answer != "14"]
    told = _finish(attacker, said, 2 * SECONDS)
    print(json.dumps([wrong[0][-200:] if wrong else "", told]))


def _start(files: dict[str, bytes], user: int) -> tuple[int, int]:
    reader, writer = os.pipe()
    pid = os.fork()
    if pid:
        os.close(writer)
        return pid, reader
    os.setsid()
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)
    try:
        os.umask(0)  # it means well: everybody may write
        WORK.mkdir(exist_ok=True)
        os.chdir(WORK)
        for name, content in files.items():
            Path(name).write_bytes(content)
        time.sleep(PAUSE)
        sys.dont_write_bytecode = True
        sys.path.append(str(WORK))
        answer = str(importlib.import_module("hostile").scale(7))
    except BaseException:
        answer = traceback.format_exc()[-2000:]
    os.write(writer, answer.encode())
    os._exit(0)


def _finish(pid: int, reader: int, seconds: float) -> str:
    """What a worker's submission answered, in time; its files are removed."""
    in_time = bool(select.select([reader], [], [], seconds)[0])
    answer = os.read(reader, 4096).decode() if in_time else ""
    os.close(reader)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    for name in ("hostile.py", "helper.py"):
        with contextlib.suppress(OSError):
            (WORK / name).unlink()
    return answer


if __name__ == "__main__":
    main()
