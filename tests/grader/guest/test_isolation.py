"""What a fork can see and do, in both tiers, told by functions of a submission that try."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import grader
from grader.guest import isolation
from grader.judging.bridge.examination import Examination
from grader.judging.bridge.student import Student
from grader.sandbox.processes import count_inside
from grader.sandbox.zygote import Zygote
from grader.seed import Seed
from grader.spec import Limits

LIMITS = Limits(import_seconds=2, call_seconds=5, submission_seconds=60, memory_mb=256, reply_mb=1)
SOURCE = """
import ctypes, gc, os, random, resource, socket, sys, tempfile, threading
import numpy, torch

def run(code):
    names = {}
    exec(code, globals(), names)
    return names.get("result")

def attempt(code):
    try:
        return run(code)
    except BaseException as error:
        return type(error).__name__

def readable(paths):
    found = []
    for path in paths:
        try:
            os.listdir(path) if os.path.isdir(path) else open(path, "rb").read(1)
        except OSError:
            continue
        found.append(path)
    return found
"""


def test_a_folder_is_emptied_whatever_is_in_it(tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "precious").touch()
    folder = tmp_path / "folder"
    (folder / "full" / "inner" / "empty").mkdir(parents=True)
    (folder / "full" / "file").touch()
    (folder / "closed").mkdir()
    (folder / "closed" / "file").touch()
    (folder / "closed").chmod(0)
    (folder / "link").symlink_to(outside)
    (folder / "full" / "link").symlink_to(outside)
    (folder / "full" / "broken").symlink_to("nowhere")
    here = os.open(".", os.O_PATH)
    try:
        os.chdir(folder)
        for _ in range(30):  # its path is too long to be named
            os.mkdir("d" * 200)
            os.chdir("d" * 200)
    finally:
        os.fchdir(here)
        os.close(here)
    assert isolation._clean(str(folder), time.monotonic() + 60) == []
    assert list(folder.iterdir()) == []
    assert [path.name for path in outside.iterdir()] == ["precious"]


def test_empty_folders_are_removed_without_a_look_into_them(tmp_path, monkeypatch):
    """Thousands of them took so long on a busy machine that the sandbox was given up, and the next one waited for it."""
    for number in range(100):
        (tmp_path / f"d{number}").mkdir()
    monkeypatch.setattr(isolation, "_empty", lambda *_: pytest.fail("looked into"))
    assert isolation._clean(str(tmp_path), time.monotonic() + 60) == []
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_removed_in_time_is_named(tmp_path):
    (tmp_path / "file").touch()
    assert isolation._clean(str(tmp_path), time.monotonic()) == [str(tmp_path / "file")]


@pytest.fixture
def asked(each_tier: Zygote) -> Iterator[Callable[[], Student]]:
    """A new submission in a fork of its own, each time it is called."""
    attempts = []

    def fresh(seed: int = 1) -> Student:
        attempts.append(Examination({"toy.py": SOURCE.encode()}, "toy", seed, LIMITS, each_tier.take))
        return Student(attempts[-1])

    yield fresh
    for examination in attempts:
        examination.close()


@pytest.fixture
def by_user(each_tier: Zygote) -> bool:
    """Whether users keep forks apart, not namespaces."""
    return "own user, no capabilities" in each_tier.protections


@pytest.fixture
def inside(asked) -> Callable[[str], Any]:
    return asked().attempt


def test_no_file_of_the_judge_is_readable(asked, toy):
    engine = os.path.dirname(grader.__file__)
    secrets = [
        str(toy.suite), str(toy.reference), str(toy.reference / "toy.py"), str(toy.public),
        f"{engine}/session.py", f"{engine}/bridge", "/var", "/etc/hosts", os.path.expanduser("~/.bashrc"),
        "/etc/passwd", "/etc/shadow", "/etc/hostname", "/sys", "/bin", "/usr/bin", "/proc/self", "/proc/1/environ",
        "/engine/grader/judging/session.py", "/engine/grader/judging/bridge", "/packages/pytest", "/packages/scipy",
    ]  # fmt: skip
    student = asked()
    assert student.readable(secrets) == []
    assert len(student.run("import grader.guest as g; result = readable([g.__file__, torch.__file__])")) == 2


def test_a_home_holds_at_most_the_way_to_python(inside):
    for home in ("/home", "/root", os.path.expanduser("~")):
        entries = inside(f"result = os.listdir({home!r})")
        assert entries in ("FileNotFoundError", "PermissionError") or all(
            sys.base_prefix.startswith(f"{home}/{entry}") for entry in entries
        )


def test_root_holds_little(inside, by_user):
    if by_user:  # Landlock hides names, too
        assert {inside(f"os.listdir({folder!r})") for folder in ("/", "/proc", "/dev", "/etc")} == {"PermissionError"}
        return
    root = set(inside("result = os.listdir('/')"))
    assert root <= {
        "packages",
        "engine",
        "usr",
        "lib",
        "lib64",
        "dev",
        "proc",
        "tmp",
        "etc",
        *sys.base_prefix.split("/"),
    }
    assert inside("result = os.listdir('/proc')") == []
    assert set(inside("result = os.listdir('/dev')")) <= {
        "null",
        "zero",
        "urandom",
        "random",
        "shm",
        "full",
        "tty",
        "pts",
    }
    assert inside("result = sorted(os.listdir('/engine/grader'))") == ["__init__.py", "guest"]


@pytest.mark.parametrize(
    "folder", ["/", "/engine/grader/guest", "/packages", "/packages/torch", "/usr/lib", "/dev", "/proc"]
)
def test_nothing_outside_tmp_is_writable(inside, folder):
    refused = ("PermissionError", "OSError", "FileNotFoundError")  # no file comes to be in /proc
    assert inside(f"open({folder + '/planted'!r}, 'w')") in refused


def test_its_own_files_are_writable_and_run_nothing(inside, by_user):
    assert inside("os.chdir(tempfile.gettempdir()); open('a', 'w').write('x'); result = 'done'") == "done"
    library = "open('lib.so', 'wb').write(open(numpy._core._multiarray_umath.__file__, 'rb').read(1 << 16))\n"
    assert inside(library + "ctypes.CDLL(os.path.abspath('lib.so'))") in ("OSError", "PermissionError")
    assert inside("os.chmod('a', 0o777); os.execv('a', ['a'])") == "PermissionError"
    for path in ("/tmp/a", "/dev/shm/a"):  # the fork's own, or nobody's
        assert inside(f"open({path!r}, 'w'); result = 'done'") == ("PermissionError" if by_user else "done")


def test_a_folder_of_its_own_is_nobody_elses(asked, by_user):
    one, other = asked(), asked()
    code = (
        "own = tempfile.gettempdir(); open(own + '/note', 'w').write('x'); os.chmod(own + '/note', 0o666); result = own"
    )
    folder = one.run(code)
    assert one.run(
        f"result = {{os.environ['HOME'], {folder!r}}} == {{{folder!r}}} and os.getcwd() == {folder + '/submission'!r}"
    )
    assert one.attempt(f"os.chmod({folder!r}, 0o777)") == ("PermissionError" if by_user else None)
    for reach in ("open({}, 'r')", "open({}, 'r+')", "os.unlink({})", "os.link({}, tempfile.gettempdir() + '/mine')"):
        assert other.attempt(reach.format(repr(folder + "/note"))) in ("PermissionError", "FileNotFoundError")
    if by_user:
        assert other.run("result = tempfile.gettempdir()") != folder
        for precede in ("os.mkdir({})", "os.symlink('/etc', {})", "open({}, 'x')"):
            assert other.attempt(precede.format(repr(folder[:-1] + "x"))) == "PermissionError"
        assert other.attempt(f"os.listdir({os.path.dirname(folder)!r})") == "PermissionError"


def test_is_alone(inside, by_user):
    if by_user:  # there are others, whom it cannot reach
        assert {inside(f"os.kill({pid}, 0)") for pid in (1, "os.getppid()")} == {"PermissionError"}
        assert inside("os.kill(0, 0); os.kill(os.getpid(), 0); result = 'itself'") == "itself"
        return
    assert inside("result = os.getpid()") == 1
    assert inside("os.kill(2, 0)") == "ProcessLookupError"
    assert inside("os.kill(-1, 9)") == "ProcessLookupError"
    assert inside("result = os.getppid()") == 0


def test_has_no_rights(inside):
    assert inside("result = os.getuid()") != 0 or os.geteuid() != 0
    assert inside("os.setuid(0) if os.getuid() else os.setuid(1)") in ("PermissionError", "OSError")
    assert inside("os.mkdir('/tmp/r'); os.chroot('/tmp/r')") == "PermissionError"
    assert inside("os.chown('/tmp', 0, 12)") in ("PermissionError", "OSError")
    assert inside("result = ctypes.CDLL(None).prctl(39, 0, 0, 0, 0)") == 1  # no new privileges
    assert inside("os.mkfifo('/tmp/fifo'); os.mknod('/tmp/device', 0o20666, os.makedev(1, 1))") == "PermissionError"
    assert inside("result = ctypes.CDLL(None).unshare(0x10000000)") == -1
    assert inside("result = ctypes.CDLL(None).ptrace(0, 0, 0, 0)") == -1


def test_has_no_network(inside):
    for family in ("AF_INET", "AF_INET6", "AF_UNIX", "AF_NETLINK", "AF_VSOCK"):
        assert inside(f"socket.socket(socket.{family})") in ("PermissionError", "OSError"), family
    assert inside("socket.create_connection(('127.0.0.1', 22), 1)") == "PermissionError"


def test_sees_no_variable_of_the_caller(inside, monkeypatch):
    assert set(inside("result = dict(os.environ)")) <= {
        "HOME", "LANG", "LC_CTYPE", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "PWD",
    }  # fmt: skip


def test_holds_no_other_descriptor(inside):
    code = "result = []\nfor n in range(256):\n    try: os.fstat(n); result.append(n)\n    except OSError: pass"
    assert inside(code) == [0, 1, 2, 3]
    assert inside("result = os.read(0, 10) == b''") is True


def test_memory_holds_nothing_of_the_judge(inside):
    code = "result = sorted(name for name in sys.modules if name.startswith('grader'))"
    assert not [name for name in inside(code) if not name.startswith("grader.guest") and name != "grader"]
    assert inside("result = 'pytest' in sys.modules or 'scipy' in sys.modules") is False
    assert inside("import scipy") == inside("import pytest") == "ModuleNotFoundError"


def test_limits_are_set(inside, by_user):
    names = ("CORE", "NPROC", "FSIZE", "NOFILE", "RTPRIO")
    code = f"result = [resource.getrlimit(getattr(resource, 'RLIMIT_' + n)) for n in {names}]"
    processes = 16 if by_user else 17  # in namespaces the intermediate process counts
    assert inside(code) == [(0, 0), (processes, processes), (8 << 20, 8 << 20), (256, 256), (0, 0)]
    assert inside("resource.setrlimit(resource.RLIMIT_AS, (-1, -1))") in ("ValueError", "PermissionError")


def test_processor_time_cannot_be_shortened_to_look_killed_from_outside(inside):
    assert inside("resource.setrlimit(resource.RLIMIT_CPU, (1, 1))") == "ValueError"  # Python's word for EPERM
    assert inside("result = resource.getrlimit(resource.RLIMIT_CPU)[0] > 1") is True
    assert inside("resource.setrlimit(resource.RLIMIT_STACK, (1 << 20, 1 << 20)); result = 'set'") == "set"


@pytest.mark.parametrize("place", ["tempfile.gettempdir() + '/note'", "'/tmp/note'", "'/dev/shm/note'"])
def test_files_do_not_reach_the_next_submission(asked, place, by_user):
    if by_user and "gettempdir" not in place:
        pytest.skip("it may not write there")
    assert asked().attempt(f"open({place}, 'w').write('answer'); result = os.path.exists({place})") is True
    assert asked().attempt(f"result = os.path.exists({place})") is False


def test_changes_in_memory_do_not_reach_the_next_submission(asked):
    assert asked().attempt("torch.note = os.note = 1; torch.allclose = None; result = 'done'") == "done"
    assert asked().attempt("result = hasattr(torch, 'note') or hasattr(os, 'note') or torch.allclose is None") is False


@pytest.mark.parametrize("call", ["shmget(4711, 4096, 0o1666)", "semget(4711, 1, 0o1666)", "msgget(4711, 0o1666)"])
def test_objects_of_system_v_are_refused(asked, call):
    # in an IPC namespace of their own they would end with it, which the kernel takes seconds over
    assert asked().attempt(f"result = ctypes.CDLL(None).{call}") == -1


def test_processes_do_not_reach_the_next_submission(asked, each_tier, by_user):
    first = asked()
    code = "import time\nif os.fork() == 0:\n    os.setsid()\n    time.sleep(60)\nresult = 'left'"
    assert first.attempt(code) == "left"
    if by_user:
        asked().attempt("result = 1")  # once the first fork is gone
        assert count_inside(each_tier) == 3  # the zygote, the fork, and the process that will end it
    else:
        assert asked().attempt("os.kill(-1, 0)") == "ProcessLookupError"


def test_two_forks_at_once_do_not_see_each_other(asked):
    one, other = asked(), asked()
    assert one.attempt("open(tempfile.gettempdir() + '/note', 'w').write('x'); result = 1") == 1
    assert other.attempt("result = os.path.exists(tempfile.gettempdir() + '/note')") is False


RANDOM = "result = [random.random(), float(numpy.random.rand()), torch.rand(1).item()]"


def test_random_numbers_are_the_submissions_own_and_repeatable(asked):
    one, again, other = (asked(seed).attempt(RANDOM) for seed in (1, 1, 2))
    assert one == again
    assert not set(one) & set(other)


def test_random_numbers_tell_nothing_of_the_judges(asked):
    import torch

    seed = Seed.fresh()
    given = asked(seed.number("the random numbers of a submission")).attempt("result = torch.rand(100).tolist()")
    judged = torch.rand(100, generator=torch.Generator().manual_seed(seed.number("test_toy.py::test_double[None]")))
    assert not set(given) & set(judged.tolist())


def test_operators_cannot_be_unbanned(inside):
    conv = "torch.conv1d(torch.ones(1, 1, 3), torch.ones(1, 1, 2))"
    tries = [
        "for o in gc.get_objects():\n    if type(o).__name__ in ('Library', '_DispatchModule'): o.m = None\n",
        "import grader.guest.bans as b\nb._refusal = lambda name: None\nb.OperatorBanned = None\n",
        "import importlib, grader.guest.bans as b; importlib.reload(b)\n",
        "torch.library.Library('aten', 'IMPL').impl('conv1d', lambda *a: torch.ones(1), 'CPU')\n",
        "gc.collect()\n",
    ]
    for code in tries:
        assert inside(code + conv) in ("OperatorBanned", "TypeError"), code  # refused, by whatever is left to refuse


def test_a_fork_imports_nothing_anew(asked):
    """What makes a fork per submission affordable: importing torch takes more than a second of the processor's time."""
    assert asked().run("import time; result = time.process_time()") < 1
