from __future__ import annotations

import os
import shutil
import time
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from grader.commands.cli import main
from grader.commands.release import archive, faults, handout
from grader.homework import load_homework
from tests.grader.course import write_course

ROOT = Path(__file__).parents[3]
ANSWER = """def shift(x):
    rows = len(x)
    moved = [None] * rows
    for i in range(rows):
        value = x[i]
        moved[i] = value + 1
    whole = list(moved)
    return type(x)(whole)
"""


@pytest.fixture
def course(tmp_path):
    folder = write_course(tmp_path / "course", reference=f"def double(x):\n    return 2 * x\n\n\n{ANSWER}")
    (folder / "assignments/hw0/README.md").write_text("# Warm-up\n")
    return folder


def release(course, *arguments):
    return CliRunner().invoke(main, ["release", *arguments, "--course", str(course)])


def put(course, path, text):
    (course / path).parent.mkdir(parents=True, exist_ok=True)
    (course / path).write_text(text)


def test_the_archive_holds_the_handout_and_nothing_else(course, tmp_path):
    for junk in (
        "__pycache__/hw0.cpython-311.pyc",
        ".pytest_cache/x",
        ".git/config",
        "tests/.hypothesis/x.py",
        "hw0.pyc",
    ):
        put(course, f"assignments/hw0/{junk}", "x")
    run = release(course, "hw0", "-o", str(tmp_path / "new" / "dist"))
    assert run.exit_code == 0, run.output
    with zipfile.ZipFile(tmp_path / "new" / "dist" / "hw0.zip") as packed:
        names = ["hw0/README.html", "hw0/README.md", "hw0/assignment.toml", "hw0/hw0.py", "hw0/tests/test_public.py"]
        assert packed.namelist() == names
        assert "<h1" in packed.read(names[0]).decode()
        for name in names[1:]:
            assert packed.read(name) == (course / "assignments" / name).read_bytes()
        assert {info.external_attr >> 16 for info in packed.infolist()} == {0o100644}
    assert "5 files" in run.output


def test_the_same_files_give_the_same_bytes(course, tmp_path):
    release(course, "hw0", "-o", str(tmp_path / "a"))
    time.sleep(0.01)
    for path in (course / "assignments").rglob("*"):
        os.utime(path, (1, 1))
    release(course, "hw0", "-o", str(tmp_path / "b"))
    assert (tmp_path / "a/hw0.zip").read_bytes() == (tmp_path / "b/hw0.zip").read_bytes()
    files = handout(load_homework(course, "hw0"))
    with zipfile.ZipFile(tmp_path / "a/hw0.zip") as packed:
        files["README.html"] = packed.read("hw0/README.html")
    assert archive("hw0", dict(reversed(files.items()))) == (tmp_path / "a/hw0.zip").read_bytes()


@pytest.mark.parametrize(
    ("secret", "public", "text", "said"),
    [
        (None, "assignments/hw0/solution.py", f"def double(x):\n    return 2 * x\n\n\n{ANSWER}", "assignments/hw0/solution.py: it is reference/hw0/hw0.py"),
        (None, "assignments/hw0/hw0.py", f"def double(x):\n    raise NotImplementedError\n\n\n{ANSWER}", "assignments/hw0/hw0.py:6: 7 lines of reference/hw0/hw0.py from line 6 on"),
        (None, "assignments/hw0/README.md", f"# Warm-up\n\n```python\n{ANSWER}```\n", "assignments/hw0/README.md:5: 7 lines of reference/hw0/hw0.py from line 6 on"),
        ("reference/hw0/canary.txt", "assignments/hw0/README.md", "# Warm-up\nCANARY-0123456789\n", "assignments/hw0/README.md:2: the canary CANARY-0123456789 of reference/hw0/canary.txt"),
        ("tests/hidden/hw0/test_more.py", "assignments/hw0/tests/test_more.py", "def test_more(student):\n    assert student.double(21) == 42\n", "assignments/hw0/tests/test_more.py: it is tests/hidden/hw0/test_more.py"),
        ("reference/other_hw/plot.txt", "assignments/hw0/notes.txt", "the answer is 42\n", "assignments/hw0/notes.txt: it is reference/other_hw/plot.txt"),
    ],
)  # fmt: skip
def test_a_planted_leak_is_refused_with_file_and_line(course, tmp_path, secret, public, text, said):
    if secret:
        put(course, secret, text.removeprefix("# Warm-up\n"))
    put(course, public, text)
    run = release(course, "hw0", "-o", str(tmp_path / "dist"))
    assert run.exit_code == 1
    assert f"leak: {said}" in run.output
    assert "hw0 is not released: it gives secrets away in 1 place." in run.output
    assert not (tmp_path / "dist").exists()
    assert faults(load_homework(course, "hw0")) == [f"release: {said}"]


def test_links_are_no_way_out(course, tmp_path):
    (course / "assignments/hw0/solution.py").symlink_to(course / "reference/hw0/hw0.py")
    run = release(course, "hw0", "-o", str(tmp_path))
    assert run.exit_code == 2
    assert "solution.py is a symbolic link" in run.output
    (course / "assignments/hw0/solution.py").unlink()
    (course / "assignments/hw0/solutions").symlink_to(course / "reference/hw0")
    assert release(course, "hw0", "-o", str(tmp_path)).exit_code == 2


@pytest.mark.parametrize("name", ["model.zip", "answers.pkl", "conv.so", "Makefile"])
def test_what_the_gate_cannot_look_into_is_refused(course, tmp_path, name):
    put(course, f"assignments/hw0/{name}", "x")
    run = release(course, "hw0", "-o", str(tmp_path))
    assert run.exit_code == 2
    assert f"{name}: the leak gate cannot look into a" in run.output


@pytest.mark.parametrize("lost", ["README.md", "hw0.py", "tests"])
def test_a_handout_that_lacks_something_is_refused(course, tmp_path, lost):
    path = course / "assignments/hw0" / lost
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    run = release(course, "hw0", "-o", str(tmp_path / "dist"))
    assert run.exit_code == 2
    assert lost in run.output
    assert not (tmp_path / "dist").exists()


def test_no_homework_or_a_wrong_one_is_a_sentence(course, tmp_path):
    run = release(course, "-o", str(tmp_path))
    assert (run.exit_code, run.output.strip()) == (2, "error: say which homework to release; there are: hw0")
    run = release(course, "hw1", "-o", str(tmp_path))
    assert run.exit_code == 2
    assert "there is no assignment 'hw1'" in run.output
    assert "there are: hw0" in run.output


def test_a_place_that_takes_no_archive_is_a_sentence(course, tmp_path):
    (tmp_path / "dist").write_text("a file")
    run = release(course, "hw0", "-o", str(tmp_path / "dist" / "deeper"))
    assert run.exit_code == 3
    assert "cannot be written" in run.output


@pytest.mark.parametrize("name", sorted(path.parent.name for path in ROOT.glob("assignments/*/assignment.toml")))
def test_this_courses_homeworks_can_be_released(name, tmp_path):
    run = release(ROOT, name, "-o", str(tmp_path))
    assert run.exit_code == 0, run.output
    homework = load_homework(ROOT, name)
    with zipfile.ZipFile(tmp_path / f"{name}.zip") as packed:
        names = packed.namelist()
    assert {f"{name}/{file}" for file in (*homework.assignment.files, "README.md", "assignment.toml")} <= set(names)
    assert any(member.startswith(f"{name}/tests/") for member in names)
