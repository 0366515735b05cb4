"""How a submission is loaded: from the bytes that were handed in, and from nothing else."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import marshal
import sys
from collections.abc import Callable, Iterator

import pytest

from grader.errors import StudentError
from grader.guest import server
from grader.judging.bridge.examination import Examination
from grader.judging.bridge.student import Student
from tests.grader.guest.test_isolation import LIMITS

EVIL = "x = 'planted'"


def compiled(name: str) -> bytes:
    """Compiled code that Python would load whatever the source says."""
    return (
        importlib.util.MAGIC_NUMBER + (1).to_bytes(4, "little") + bytes(8) + marshal.dumps(compile(EVIL, name, "exec"))
    )


@pytest.fixture
def loaded(zygote) -> Iterator[Callable[[dict[str, str | bytes]], Student]]:
    attempts = []

    def load(files: dict[str, str | bytes]) -> Student:
        content = {name: text.encode() if isinstance(text, str) else text for name, text in files.items()}
        attempts.append(Examination(content, "toy", 1, LIMITS, zygote.take))
        return Student(attempts[-1])

    yield load
    for examination in attempts:
        examination.close()


def test_no_compiled_file_and_no_library_is_imported(loaded):
    tag = sys.implementation.cache_tag
    student = loaded(
        {
            "toy.py": (
                "import helper\ntry:\n    import numba\nexcept ImportError:\n    numba = None\n"
                "def found():\n    return [helper.x, numba is None]\n"
            ),
            "helper.py": "x = 'handed in'\n",
            f"__pycache__/helper.{tag}.pyc": compiled("helper.py"),
            f"__pycache__/toy.{tag}.pyc": compiled("toy.py"),
            "helper.pyc": compiled("helper.py"),
            "numba.pyc": compiled("numba.py"),
            f"helper{importlib.machinery.EXTENSION_SUFFIXES[0]}": b"\x7fELF",
            "numba.so": b"\x7fELF",
        }
    )
    assert student.found() == ["handed in", True]


def test_what_is_written_over_a_module_before_its_import_is_not_imported(loaded):
    planted = "open('helper.py', 'w').write('x = 1'); open('numba.py', 'w').write('x = 1')"
    student = loaded({"toy.py": f"{planted}\nimport helper\ndef found():\n    import numba", "helper.py": "x = 2\n"})
    with pytest.raises(StudentError, match="ModuleNotFoundError"):
        student.found()


def test_packages_folders_and_relative_imports_are_found(loaded):
    student = loaded(
        {
            "toy.py": "import pkg, pkg.inner, space.deep.leaf\ndef found():\n    return [pkg.y, space.deep.leaf.z, __name__]\n",
            "pkg/__init__.py": "from .inner import y\n",
            "pkg/inner.py": "y = 1\n",
            "space/deep/leaf.py": "z = 2\n",
        }
    )
    assert student.found() == [1, 2, "toy"]


def test_sources_can_be_read_and_reloaded(loaded):
    code = (
        "import importlib, inspect, os, pkgutil, helper\n"
        "def found():\n    return [inspect.getsource(found)[:9], importlib.reload(helper).x, open('data.txt').read(),\n"
        "            pkgutil.get_data('helper', 'data.txt').decode(), os.path.basename(__file__)]\n"
    )
    student = loaded({"toy.py": code, "helper.py": "x = 3\n", "data.txt": "numbers"})
    assert student.found() == ["def found", 3, "numbers", "numbers", "toy.py"]


def test_a_message_names_files_alike_wherever_they_are(loaded):
    student = loaded({"toy.py": "def f():\n    from helper import nothing\n", "helper.py": "def g(): return 1 / 0\n"})
    with pytest.raises(
        StudentError, match=r"'helper' \(/tmp/submission/helper.py\).*toy.py, line 2, in f: from helper"
    ):
        student.f()
    with pytest.raises(StudentError, match=r"ZeroDivisionError.*\(helper.py, line 1, in g: def g\(\): return 1 / 0\)"):
        loaded({"toy.py": "import helper\nf = helper.g\n", "helper.py": "def g(): return 1 / 0\n"}).f()


def test_a_full_disk_is_no_fault_of_the_submission():
    server._write("/dev/full", b"x")
    with pytest.raises(OSError, match="directory"):
        server._write("/dev", b"x")
