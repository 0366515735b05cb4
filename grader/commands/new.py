"""`grader new`: the folders of a course, and of a homework that grades as declared from its first minute."""

from __future__ import annotations

import re
from pathlib import Path

import click

import grader
from grader.commands import new_texts as texts
from grader.commands.starter import starter
from grader.errors import UsageError
from grader.homework import find_course

FINE = 0
NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")


def course(folder: Path) -> int:
    """Make the three folders of a course, its `course.toml`, and what its CI runs. Returns the exit code."""
    if (folder / "assignments").exists():
        raise UsageError(f"{folder / 'assignments'} is there already: this is a course")
    title = folder.resolve().name.replace("_", " ").replace("-", " ").strip() or "My course"
    files = {
        "assignments/course.toml": texts.COURSE.format(name=title.replace('"', ""), version=grader.__version__),
        ".github/workflows/selfcheck.yml": texts.CI.format(version=grader.__version__),
        ".gitignore": texts.GITIGNORE,
    }
    for name in ("reference", "tests/hidden"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    _write(folder, files)
    click.echo(f"\nNext, in {folder}: grader new homework hw1")
    return FINE


def homework(start: Path, name: str) -> int:
    """Make the three folders of a homework, with a small one in them that works. Returns the exit code."""
    if not NAME.fullmatch(name):
        raise UsageError(f"{name!r} is no name for a homework: lower-case letters, digits and _, a letter first")
    root = find_course(start)
    there = [root / one / name for one in ("assignments", "reference", "tests/hidden") if (root / one / name).exists()]
    if there:
        raise UsageError(f"{there[0]} is there already")
    public, secret, hidden = f"assignments/{name}", f"reference/{name}", f"tests/hidden/{name}"
    files = {
        f"{public}/assignment.toml": texts.ASSIGNMENT.format(name=name),
        f"{public}/README.md": texts.README.format(name=name),
        f"{public}/{name}.py": starter(texts.REFERENCE),
        f"{public}/pytest.ini": texts.PYTEST_INI,
        f"{public}/tests/test_public.py": texts.PUBLIC.format(name=name),
        f"{secret}/{name}.py": texts.REFERENCE,
        f"{secret}/alternatives/logarithms.py": texts.ALTERNATIVE,
        f"{secret}/mistakes/first_axis.py": texts.FIRST_AXIS,
        f"{secret}/mistakes/overflows.py": texts.OVERFLOWS,
        f"{hidden}/test_softmax.py": texts.SUITE,
    }
    _write(root, files)
    click.echo(f"\nNext: grader selfcheck {name}")
    return FINE


def _write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        if path.exists():  # a .gitignore of the course's own, say
            click.echo(f"kept     {name}, which was there")
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        click.echo(f"written  {name}")
