"""The tutorial, done step by step in an empty folder with the wheel and nothing of the repository beside it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

import grader
from tests.grader.course import require_isolation

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "tutorial.md").read_text("utf-8")
BLOCK = re.compile(r"^(`{3,})(\w+)(?: (\S+))?\n(.*?)^\1$", re.MULTILINE | re.DOTALL)


def steps() -> list[tuple[str, str, str]]:
    """(kind, path, text) of every code block."""
    return [(kind, path, text) for _, kind, path, text in BLOCK.findall(TEXT)]


def test_every_block_is_a_file_a_console_or_the_installation():
    kinds = [(kind, bool(path)) for kind, path, _ in steps()]
    assert kinds.count(("sh", False)) == 1, "the installation, which is tested by doing it from a wheel"
    assert all(path or kind in ("console", "sh") for kind, path in kinds)
    assert sum(kind == "console" for kind, _ in kinds) >= 6


def _outside(entry: str) -> bool:
    """Whether a folder of sys.path may be beside the wheel: libraries, and nothing of the repository's own."""
    return bool(entry) and not (Path(entry) / "assignments").is_dir() and Path(entry).is_dir()


@pytest.fixture(scope="module")
def installed(tmp_path_factory) -> Path:
    """A virtual environment with the wheel in it; the libraries are those of this environment."""
    built = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "-w", str(built)]
    source = tmp_path_factory.mktemp("source")  # a build leaves files beside what it builds
    subprocess.run(
        ["cp", "-r", *(str(ROOT / name) for name in ("grader", "pyproject.toml", "README.md", "LICENSE")), str(source)],
        check=True,
    )
    subprocess.run([*command, str(source)], check=True)
    (wheel,) = built.glob("grader-*.whl")
    with zipfile.ZipFile(wheel) as packed:
        names = packed.namelist()
    assert not [name for name in names if name.startswith(("assignments", "reference", "tests"))]
    environment = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(environment)], check=True)
    packages = Path(sysconfig.get_path("purelib", vars={"base": str(environment), "platbase": str(environment)}))
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(packages)
    libraries = [entry for entry in sys.path if _outside(entry) and "site-packages" in entry]
    (packages / "libraries.pth").write_text("\n".join(libraries) + "\n")
    script = environment / "bin" / "grader"
    script.write_text(
        f"#!{environment}/bin/python\nimport sys\nfrom grader.commands.cli import main\nsys.exit(main())\n"
    )
    script.chmod(0o755)
    return environment


def run(command: str, folder: Path, environment: Path) -> subprocess.CompletedProcess[str]:
    path = f"{environment / 'bin'}:{os.environ['PATH']}"
    settings = {"PATH": path, "HOME": str(folder), "OMP_NUM_THREADS": "1", "COLUMNS": "300", "LANG": "C.UTF-8"}
    return subprocess.run(
        ["bash", "-c", command], cwd=folder, env=settings, capture_output=True, text=True, check=False
    )


@pytest.mark.long
def test_the_tutorial_leads_from_an_empty_folder_to_a_graded_class(installed, tmp_path):
    require_isolation()
    where = run("python -c 'import grader; print(grader.__file__, grader.__version__)'", tmp_path, installed).stdout
    assert where.split() == [str(Path(where.split()[0])), grader.__version__]
    assert Path(where.split()[0]).is_relative_to(installed), "the wheel's, not the repository's"
    for kind, path, text in steps():
        if path:
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text(text)
        elif kind == "console":
            for step in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
                command, _, expected = step.partition("\n")
                ran = run(command, tmp_path, installed)
                said = " ".join((ran.stdout + ran.stderr).split())
                assert ran.returncode == ("# exit code 1" in command), f"{command}\n{ran.stdout}{ran.stderr}"
                for line in expected.splitlines():
                    assert " ".join(line.split()) in said, f"{command}\n{ran.stdout}{ran.stderr}"
