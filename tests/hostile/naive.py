"""The positive control: a grader as many are, which every attack must be seen to defeat.

It imports the submission into the process that holds the tests, the reference and the secrets, compares with
`torch.allclose`, believes pytest's exit code where results.json is missing, bans by patching names, unpickles what a
child sends, unpacks with `extractall` and renders reports with f-strings.

It is defeated in a container of its own: a process in bubblewrap, without network, imports torch once and forks for
each attack; the fork enters new user, pid, mount, network and ipc namespaces and sees a file tree made for it alone.
"""

from __future__ import annotations

import ast
import atexit
import base64
import contextlib
import json
import os
import pickle
import re
import resource
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tarfile
import time
import traceback
import zipfile
from pathlib import Path
from typing import Any, Self

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 30.0  # that one submission is given: on a busy machine pytest alone takes ten
PATIENCE = 2.5  # where a stall is what is looked for
COURSE = "/tmp/course"
EXAMPLE_SEED = 0

SUITE = '''
import pytest, torch
from gradescope_utils.autograder_utils.decorators import weight
import hostile as student
import reference_solution as reference
from registry import same

SECRET = "{suite}"
torch.manual_seed(0)

@weight(5)
def test_scale():
    """scale doubles."""
    for x in (torch.randn(3, 4), torch.randint(-(2**40), 2**40, (5,)), torch.randn(2, 3, 4)):
        assert same(student.scale(x), reference.scale(x))

def test_convolve():
    x, w = torch.randn(2, 3, 6, 7), torch.randn(2, 3, 3, 2)
    assert same(student.convolve(x, w), reference.convolve(x, w))

def test_pool():
    x = torch.randn(2, 3, 4, 6)
    assert not (student.pool(x) - reference.pool(x)).abs().max() > 1e-4

def test_normalise():
    x = torch.randn(4, 9)
    assert not (student.normalise(x) - reference.normalise(x)).abs().max() > 1e-4

def test_pair():
    x = torch.randn(4)
    assert all(same(a, b) for a, b in zip(list(student.pair(x)), reference.pair(x)))

def test_count():
    x = torch.randn(101)
    assert student.count(x) == reference.count(x)

def test_build():
    x, model = torch.randn(3), student.build(3.0)
    assert same(model(x), 3 * x)
    assert model.factor == 3.0

def test_refuse():
    with pytest.raises(ValueError):
        student.refuse(-3)

def test_witness():
    x = torch.randn(3)
    assert same(student.witness(x), reference.witness(x))
'''
REGISTRY = """
import torch
def same(answer, expected):
    return torch.allclose(answer, expected, equal_nan=True)
"""


# ------------------------------------------------------------------------------------------------ the caller's side


class Naive:
    """A naive grader in its container, warm. Use as a context manager."""

    def __init__(self, canaries: tuple[str, ...]) -> None:
        self._canaries = canaries

    def __enter__(self) -> Self:
        start = f"import sys; sys.path[:0] = [{str(ROOT)!r}]; from tests.hostile.naive import serve; serve()"
        self._process = subprocess.Popen(
            [*_container(), sys.executable, "-c", start],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={"PATH": os.environ["PATH"], "OMP_NUM_THREADS": "1", "LANG": "C.UTF-8"},
        )
        self._write({"canaries": self._canaries})
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def restart(self) -> None:
        """Put another container in the place of one that broke."""
        self.__exit__()
        self.__enter__()

    def defeat(self, kind: str, payload: Any, success: str, part: str) -> tuple[bool, str]:
        """Let an attack loose. Returns whether it succeeded, and what was seen."""
        self._write({"kind": kind, "payload": _plain(payload), "success": success, "part": part})
        if not select.select([self._process.stdout], [], [], 3 * SECONDS)[0]:
            raise TimeoutError("the naive grader's container does not answer")
        assert self._process.stdout
        said = json.loads(self._process.stdout.readline())
        return said["succeeded"], said["seen"]

    def _write(self, message: dict[str, Any]) -> None:
        assert self._process.stdin
        self._process.stdin.write(json.dumps(message).encode() + b"\n")
        self._process.stdin.flush()


def _container() -> list[str]:
    walls = ["bwrap", "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--die-with-parent"]
    walls += ["--new-session", "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"]
    # an empty /tmp of its own covers whatever of this machine lies there, so what is needed is shown again
    shown = [path for path in {str(ROOT), sys.prefix, sys.base_prefix} if path.startswith("/tmp/")]
    walls += ["--size", str(256 << 20), "--tmpfs", "/tmp"]
    for path in shown:
        walls += ["--ro-bind", path, path]
    return [*walls, "--cap-add", "ALL", "--chdir", "/", "--"]


def _plain(payload: Any) -> Any:
    if isinstance(payload, bytes):
        return {"bytes": base64.b64encode(payload).decode()}
    if isinstance(payload, dict):
        return {key: _plain(value) for key, value in payload.items()}
    return payload


# ----------------------------------------------------------------------------------------------- inside the container


def serve() -> None:
    """Take one attack after another, each in a container within the container."""
    import pytest  # noqa: F401
    import torch

    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    torch.set_num_threads(1)
    torch.randn(3, 4).double() @ torch.randn(4, 2).double()
    canaries = json.loads(sys.stdin.readline())["canaries"]
    _mount_proc()  # one without bubblewrap's covers, or none could be mounted in the inner namespaces
    for line in sys.stdin:
        order = json.loads(line, object_hook=_bytes)
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reader)
            try:
                _contain(order, canaries, writer)
            except BaseException:
                traceback.print_exc()
            os._exit(1)
        os.close(writer)
        said = _read_until(reader, time.monotonic() + 2 * SECONDS)
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(reader)
        broken = {"succeeded": False, "seen": "the container broke: this proves nothing"}
        answer = json.JSONDecoder().raw_decode(said.decode())[0] if said else broken
        print(json.dumps(answer), flush=True)


def _mount_proc() -> None:
    from grader.guest import linux

    linux.mount("proc", "/proc", "proc", linux.MS_NOSUID | linux.MS_NODEV | linux.MS_NOEXEC)


def _bytes(found: dict[str, Any]) -> Any:
    return base64.b64decode(found["bytes"]) if set(found) == {"bytes"} else found


def _read_until(descriptor: int, deadline: float) -> bytes:
    said = b""
    while select.select([descriptor], [], [], max(0, deadline - time.monotonic()))[0]:
        piece = os.read(descriptor, 1 << 16)
        if not piece:
            break
        said += piece
    return said


def _contain(order: dict[str, Any], canaries: list[str], writer: int) -> None:
    from grader.guest import linux

    linux.prctl(linux.PR_SET_PDEATHSIG, signal.SIGKILL)
    user, group = os.geteuid(), os.getegid()
    linux.unshare(linux.CLONE_NEWUSER | linux.NAMESPACES)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    linux.mount("none", "/", None, linux.MS_REC | linux.MS_PRIVATE)
    for folder in (COURSE, "/tmp/outside", "/dev/shm"):
        os.makedirs(folder, exist_ok=True)
        linux.mount("tmpfs", folder, "tmpfs", linux.MS_NOSUID | linux.MS_NODEV, f"size={64 << 20},mode=0777")
    first = os.fork()
    if first:
        os.close(writer)
        os.waitpid(first, 0)
        os._exit(0)
    linux.prctl(linux.PR_SET_PDEATHSIG, signal.SIGKILL)
    os.setsid()  # or a signal to the group would reach out of the namespaces
    _mount_proc()
    resource.setrlimit(resource.RLIMIT_NPROC, (24, 24))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (_size() + (768 << 20),) * 2)
    try:
        succeeded, seen = _CONTROLS[order["kind"]](order, canaries)
    except BaseException as error:
        succeeded, seen = False, "the control itself failed: " + "".join(traceback.format_exception(error))[-800:]
    os.write(writer, json.dumps({"succeeded": bool(succeeded), "seen": seen[:400]}).encode())
    os._exit(0)


def _size() -> int:
    return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()


# ------------------------------------------------------------------------------------------------- the naive grader


def _module(order: dict[str, Any], canaries: list[str]) -> tuple[bool, str]:
    success, part = order["success"], order["part"]
    _lay_out(order["payload"], canaries)
    if success == "sibling":
        victim = _grade("/tmp/outside", canaries, "beside")
        time.sleep(0.1)
    patience = PATIENCE if success in ("stall", "held") else SECONDS
    results, said, seconds = _finish(_grade(COURSE, canaries), patience)
    if success == "sibling":
        beside = _finish(victim)[0]
        _lay_out({"hostile.py": HONEST.encode()}, canaries, keep=True)
        after, _, _ = _finish(_grade(COURSE, canaries))
        return not (_passed(beside, "witness") and _passed(after, "witness")), f"{beside} {after}"
    if success == "process":
        running = [pid for pid in os.listdir("/proc") if pid.isdigit() and pid != "1"]
        return bool(running), f"{len(running)} processes"
    if success == "litter":
        results, said, seconds = _finish(_grade(COURSE, canaries))
    text = said + json.dumps(results)
    if success == "canary":
        found = [canary for canary in canaries if canary in text]
        return bool(found), ", ".join(found) or text[-300:]
    if success in ("stall", "held"):
        return not _passed(results, "witness"), f"{seconds:.1f} s; {json.dumps(results)}"
    if success == "memory":
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1000
        return peak > _peak_before() + 500, f"{peak:.0f} MB"
    if success == "words":
        return "the grader" in text or "this assignment" in text, text[-300:]
    return _passed(results, part), json.dumps(results) + said[-300:]


def _peak_before() -> float:
    """Megabytes that this process had when it forked the grader."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


def _lay_out(files: dict[str, bytes], canaries: list[str], *, keep: bool = False) -> None:
    reference = (ROOT / "tests/hostile/homework/reference/hostile/hostile.py").read_text()
    laid = {"tests/test_hidden.py": SUITE.format(suite=canaries[2]), "tests/registry.py": REGISTRY}
    laid |= {"tests/reference_solution.py": reference}
    for name, content in ({} if keep else laid | {"../outside/hostile.py": HONEST}).items():
        path = Path(COURSE, name)
        path.parent.mkdir(exist_ok=True)
        path.write_text(content)
    if not keep:
        shutil.copytree(Path(COURSE, "tests"), "/tmp/outside/tests")
    for name, content in files.items():
        path = Path(COURSE, name)
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_bytes(content)


HONEST = (
    "import time; time.sleep(0.7)\n" + (Path(__file__).parent / "homework/reference/hostile/hostile.py").read_text()
    if Path(__file__).exists()
    else ""
)


def _grade(course: str, canaries: list[str], secret: str = "") -> tuple[int, int, str]:
    """Start a grader; returns its process, its output and its course."""
    Path(course, "results.json").unlink(missing_ok=True)
    reader, writer = os.pipe()
    child = os.fork()
    if child:
        os.close(writer)
        return child, reader, course
    os.setsid()
    os.closerange(3, writer)
    os.closerange(writer + 1, 256)
    os.environ["GRADER_SECRET"] = canaries[3]
    descriptor = os.memfd_create("secret")
    os.write(descriptor, canaries[4].encode())
    HELD["secret"] = canaries[5] + secret
    os.chdir(course)
    for target in (1, 2):
        os.dup2(writer, target)
    try:
        code = _run(course)
    except SystemExit as error:
        code = int(error.code or 0)
    except BaseException:
        traceback.print_exc()
        code = 1
    atexit._run_exitfuncs()
    os._exit(code)


HELD: dict[str, str] = {}


def _run(course: str) -> int:
    import pytest
    import torch

    sys.path[:0] = [course, course + "/tests"]  # the submission first, as where it is copied among the tests

    def refuse(*_: Any, **__: Any) -> None:
        raise RuntimeError("this operator is not allowed")

    for name in ("conv1d", "conv2d", "conv3d", "max_pool2d", "unfold", "linear", "layer_norm"):
        setattr(torch.nn.functional, name, refuse)
        if hasattr(torch, name):
            setattr(torch, name, refuse)
    torch.nn.Conv2d = torch.nn.MaxPool2d = refuse
    results: dict[str, str] = {}

    class Plugin:
        def pytest_runtest_logreport(self, report: Any) -> None:
            if report.failed or report.when == "call" or report.skipped:
                bad = report.failed
                results[report.nodeid.rpartition("::")[2]] = ("failed: " + str(report.longrepr)) if bad else "passed"

        def pytest_exception_interact(self, node: Any, call: Any) -> None:
            results["output"] = results.get("output", "") + str(call.excinfo.value)

        def pytest_sessionfinish(self, session: Any) -> None:
            Path(course, "results.json").write_text(json.dumps(results))

    import hostile  # noqa: F401 - does it load at all?

    options = ["-q", "-p", "no:cacheprovider", "--capture=no", "--import-mode=append", "--tb=short", "tests"]
    return int(pytest.main(options, plugins=[Plugin()]))


def _finish(started: tuple[int, int, str], patience: float = SECONDS) -> tuple[dict[str, str], str, float]:
    """What the grader's results say, its output, its seconds. Without results, exit code 0 or a line of success is full marks."""
    child, reader, course = started
    begun = time.monotonic()
    said = b""
    code = None
    while code is None and time.monotonic() - begun < patience:
        if select.select([reader], [], [], 0.02)[0]:
            piece = os.read(reader, 1 << 16)
            said = (said + piece)[-(1 << 18) :]
            if not piece:
                time.sleep(0.01)
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            code = os.waitstatus_to_exitcode(status)
    while select.select([reader], [], [], 0)[0] and (piece := os.read(reader, 1 << 16)) and len(said) < 1 << 20:
        said += piece
    os.close(reader)
    if code is None:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    seconds = time.monotonic() - begun
    text = said.decode(errors="replace")
    with contextlib.suppress(OSError, ValueError):
        results = json.loads(Path(course, "results.json").read_text())
        if code is not None and results:
            return results, text, seconds
    everything = ("scale", "convolve", "pool", "normalise", "pair", "count", "build", "refuse", "witness")
    fine = code == 0 or "all tests passed" in text
    return ({f"test_{part}": "passed" for part in everything} if fine else {}), text, seconds


def _passed(results: dict[str, str], part: str) -> bool:
    return any(name == f"test_{part}" and str(said) == "passed" for name, said in results.items())


# --------------------------------------------------------------------------------------------------- the naive wire


def _wire(order: dict[str, Any], canaries: list[str]) -> tuple[bool, str]:
    """Frames of a length and a pickle. The second reply should be to the second question: "scale" of 3, which is 6."""
    ours, theirs = socket.socketpair()
    if os.fork() == 0:
        ours.close()
        code = order["payload"].decode()
        try:
            exec(compile(code, "child", "exec"), {"channel": theirs, "struct": struct, "pickle": pickle, "os": os})
        finally:
            os._exit(0)
    theirs.close()
    HELD["secret"] = canaries[5]
    reader, writer = os.pipe()
    judge = os.fork()
    if judge == 0:
        for target in (1, 2):
            os.dup2(writer, target)
        os.environ["GRADER_SECRET"] = canaries[3]
        code = 1
        try:
            answers = [_receive_naively(ours) for _ in range(2)]
            print("answers", answers, flush=True)
            results = {"test_scale": "passed" if answers[0] == 6 else "failed", "test_witness": "passed"}
            Path(COURSE, "results.json").write_text(json.dumps(results))
            code = 0
        finally:
            os._exit(code)
    os.close(writer)
    results, said, seconds = _finish((judge, reader, COURSE), PATIENCE)
    if order["success"] == "canary":
        return any(canary in said for canary in canaries), said[-300:]
    if order["success"] == "stall":
        died = "Error" in said or not said
        return died, f"{seconds:.1f} s {said[-300:]}"
    return _passed(results, "scale"), json.dumps(results) + said[-300:]


def _receive_naively(channel: socket.socket) -> Any:
    try:
        (size,) = struct.unpack("<Q", _exactly(channel, 8))
        return pickle.loads(_exactly(channel, size))
    except BaseException as error:
        print(f"{type(error).__name__}Error: {error}", flush=True)
        os._exit(1)


def _exactly(channel: socket.socket, size: int) -> bytes:
    data = bytearray(size)
    view = memoryview(data)
    while view:
        got = channel.recv_into(view)
        if not got:
            raise EOFError
        view = view[got:]
    return bytes(data)


# ------------------------------------------------------------------------------------------------ the naive archive


def _archive(order: dict[str, Any], canaries: list[str]) -> tuple[bool, str]:
    """`extractall`, and a look at what became of it."""
    payload = order["payload"]
    target = Path(COURSE, "students", "somebody")
    target.mkdir(parents=True)
    secret = Path(COURSE, "secret.py")
    secret.write_text(canaries[0])
    packed = Path(COURSE, payload["name"])
    packed.write_bytes(payload["data"])
    begun = time.monotonic()
    child = os.fork()
    if child == 0:
        resource.setrlimit(resource.RLIMIT_CPU, (2, 2))
        try:
            _extract(packed, target)
        except BaseException as error:
            Path(COURSE, "said").write_text(f"{type(error).__name__}: {error}")
            os._exit(1)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    code, seconds = os.waitstatus_to_exitcode(status), time.monotonic() - begun
    said = Path(COURSE, "said").read_text() if Path(COURSE, "said").exists() else ""
    outside = [p for p in Path(COURSE).rglob("*") if not p.is_relative_to(target) and p not in (secret, packed)]
    outside += [*Path("/tmp/outside").iterdir()]
    strays = [str(p) for p in outside if p.name != "said" and not target.is_relative_to(p)]
    links = [str(p) for p in target.rglob("*") if p.is_symlink() or not (p.is_file() or p.is_dir())]
    linked = [str(p) for p in target.rglob("*") if p.is_file() and p.stat().st_nlink > 1]
    hijackers = [str(p) for p in target.rglob("*") if p.name in payload.get("planted", ())]
    size = sum(p.stat().st_size for p in target.rglob("*") if p.is_file() and not p.is_symlink())
    entries = sum(1 for _ in target.rglob("*"))
    seen = {
        "strays": strays, "links": links, "linked": linked, "changed": secret.read_text() != canaries[0],
        "hijackers": hijackers, "big": size > 20_000_000, "many": entries > 2_000, "slow": seconds > 1.5,
        "choked": code != 0, "deep": any(len(p.parts) > 60 for p in target.rglob("*")),
        "double": payload.get("double") and entries < payload["double"],
    }  # fmt: skip
    return any(seen.values()), ", ".join(f"{k} {v}" for k, v in seen.items() if v)[:300] + said[:200]


def _extract(packed: Path, target: Path) -> None:
    if zipfile.is_zipfile(packed):
        with zipfile.ZipFile(packed) as archive:
            for member in archive.infolist():  # as in graders that wanted to keep the names as they are
                path = os.path.join(target, member.filename)
                if member.external_attr >> 28 == 0xA:
                    os.makedirs(os.path.dirname(path), exist_ok=True)
                    os.symlink(archive.read(member).decode(), path)
                elif member.filename.endswith("/"):
                    os.makedirs(path, exist_ok=True)
                else:
                    os.makedirs(os.path.dirname(path), exist_ok=True)
                    Path(path).write_bytes(archive.read(member))
        return
    with tarfile.open(packed) as archive:
        archive.extractall(target, filter="fully_trusted")


def _report(order: dict[str, Any], canaries: list[str]) -> tuple[bool, str]:
    raise NotImplementedError("reports are shown outside the container: they are only pages")


# -------------------------------------------------------------------------------------------------- the naive class


def _class(order: dict[str, Any], canaries: list[str]) -> tuple[bool, str]:
    """A class taken in as many scripts do: unpacked, known by the first name that fits, written under its own names."""
    payload = order["payload"]
    for name, content in payload["files"].items():
        path = Path(COURSE, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    for name, target in payload["links"].items():
        os.symlink(target, Path(COURSE, name))
    _, limit = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (min(_size() + (256 << 20), limit), limit))
    resource.setrlimit(resource.RLIMIT_CPU, (10, 10))
    signal.signal(signal.SIGXCPU, _too_long)
    try:
        had = _NaiveClass(payload["people"]).collect([Path(COURSE, name) for name in payload["given"]])
    except BaseException as error:
        return True, f"the run ends: {type(error).__name__}: {str(error)[:200]}"
    wrong = [one for one, source in payload["honest"].items() if _means(had.get(one, b"")) != _means(source)]
    return bool(wrong), f"others have another's work, or none: {wrong}"


def _too_long(*_: Any) -> None:
    raise TimeoutError("it takes too long")


def _means(source: bytes) -> str:
    try:
        return ast.dump(ast.parse(source))
    except (SyntaxError, ValueError):
        return repr(source)


class _NaiveClass:
    """Student's id → source, the last one that was found."""

    MOODLE = re.compile(r"(.*-)?(?P<who>.+)_\d+_assignsubmission_[a-z]+_?(?P<file>.*)", re.DOTALL)
    CANVAS = re.compile(r"(?P<who>.+?)_(?P<id>\d+)_\d+_(?P<file>.+)", re.DOTALL)
    UNPACKED = 20_000_000

    def __init__(self, people: dict[str, list[str]]) -> None:
        self.people = people
        self.had: dict[str, bytes] = {}
        self.unpacked = 0

    def collect(self, given: list[Path]) -> dict[str, bytes]:
        Path(COURSE, "store").mkdir()
        Path(COURSE, "store", "gradebook").touch()
        for path in given:
            self._take(self._unpack(path) if path.suffix == ".zip" else path, path.stem)
        return self.had

    def _unpack(self, path: Path) -> Path:
        folder = Path(COURSE, "unpacked", path.stem)
        with zipfile.ZipFile(path) as archive:
            self.unpacked += sum(member.file_size for member in archive.infolist())
            if self.unpacked > self.UNPACKED:
                raise OSError("the disk is full")
            _extract(path, folder)
        return folder

    def _take(self, folder: Path, name: str) -> None:
        children = sorted(folder.iterdir()) if folder.is_dir() else []
        names = [child.name for child in children]
        if (folder / "submission_metadata.yml").exists() or any(
            (c / "submission_metadata.yml").is_file() for c in children
        ):
            self._export(folder)
        elif any(self.MOODLE.match(one) for one in names):
            for child, match in ((child, self.MOODLE.match(child.name)) for child in children):
                self._keep(match["who"].replace("_", " "), child, match["file"])
        elif any(self.CANVAS.match(one) for one in names):
            for child, match in ((child, self.CANVAS.match(child.name)) for child in children):
                self._keep(match["id"], child, match["file"])
        elif children and "hostile.py" not in names and not all(child.suffix == ".py" for child in children):
            if any(child.suffix == ".py" for child in children) and not any(child.is_dir() for child in children):
                self._keep(name, folder, "")  # one submission with modules beside it
                return
            for child in children:
                self._take(self._unpack(child) if child.suffix == ".zip" else child, child.stem)
        else:
            self._keep(name, folder, "")

    def _export(self, folder: Path) -> None:
        import yaml

        said = yaml.safe_load((folder / "submission_metadata.yml").read_text())
        for name, about in said.items():
            if isinstance(about, dict):
                (owner, *_) = about[":submitters"]
                who = str(owner[":sid"] or "") or str(owner[":email"]).partition("@")[0]
                self._keep(who + str(owner[":name"])[:0], folder / name, "")

    def _keep(self, who: str, place: Path, file: str) -> None:
        student = self._student(who)
        store = Path(COURSE, "store", re.sub(r"\W", "_", who))
        files = [place] if place.is_file() else [one for one in place.rglob("*") if one.is_file()]
        sources = []
        for one in files:
            target = store / (file or one.name if place.is_file() else str(one.relative_to(place)))
            target.name.encode()  # as it goes into a database
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(one.read_bytes())
            sources += [target] if target.suffix in (".py", ".ipynb") else []
        main = next((one for one in sources if one.name == "hostile.py"), sources[0])
        self.had[student] = main.read_bytes() if main.suffix == ".py" else self._notebook(main)

    def _student(self, who: str) -> str:
        plain = re.sub(r"\W", "", who).lower()
        for one, (name, mail) in self.people.items():
            if one.lower() in plain or plain in (re.sub(r"\W", "", name).lower(), mail.partition("@")[0]):
                return one
        return who

    def _notebook(self, path: Path) -> bytes:
        cells = json.loads(path.read_text())["cells"]
        lines = [line for cell in cells for line in cell["source"].splitlines()]
        magic = [line.lstrip().startswith(("%", "!", "?")) or line.rstrip().endswith("?") for line in lines]
        text = "\n".join(f"# {line}" if it_is else line for line, it_is in zip(lines, magic, strict=True))
        path.with_suffix(".py").write_text(text)
        return text.encode()


_CONTROLS = {"naive": _module, "wire": _wire, "archive": _archive, "class": _class}
