"""The contracts between the engine's folders, in pyproject.toml: they hold (`make lint` says so), and each can fail."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINT = "from importlinter.cli import lint_imports_command; lint_imports_command(['--no-cache', '--config', 'pyproject.toml'])"
ARROWS = "arrows point one way"
CIRCLES = "no circles among the modules of a folder"
GUEST = "what runs beside the student's code"
SERVER = "the judge never imports the call server"


@pytest.fixture(scope="module")
def copy(tmp_path_factory) -> Path:
    """A copy of the engine, to break."""
    folder = tmp_path_factory.mktemp("engine")
    shutil.copytree(ROOT / "grader", folder / "grader", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("report/text.py", "from grader.ledger import records", ARROWS),
        ("outcome.py", "def late():\n    from grader import spec", ARROWS),
        ("guest/linux.py", "from grader import outcome", GUEST),
        ("judging/answers.py", "from grader.guest import server", SERVER),
        ("judging/compare.py", "from grader.judging import session", CIRCLES),
        ("intake/caps.py", "from grader.intake import archive", CIRCLES),
        ("commands/similarity.py", "from grader.commands import similar_page", CIRCLES),
    ],
)
def test_an_import_that_a_contract_forbids_is_found(copy, module, line, contract):
    path = copy / "grader" / module
    whole = path.read_text("utf-8")
    path.write_text(f"{whole}\n{line}\n", "utf-8")
    try:
        said = subprocess.run(
            [sys.executable, "-c", LINT],
            cwd=copy,
            env={"PYTHONPATH": str(copy)},
            capture_output=True,
            text=True,
            check=False,
        )
    finally:
        path.write_text(whole, "utf-8")
    assert said.returncode == 1, said.stdout + said.stderr
    broken = [text for text in said.stdout.splitlines() if text.endswith(" BROKEN")]
    assert any(text.startswith(contract) for text in broken), said.stdout


def test_a_new_folder_has_to_say_where_it_stands(copy):
    folder = copy / "grader" / "attic"
    folder.mkdir()
    try:
        (folder / "__init__.py").write_text("")
        said = subprocess.run(
            [sys.executable, "-c", LINT],
            cwd=copy,
            env={"PYTHONPATH": str(copy)},
            capture_output=True,
            text=True,
            check=False,
        )
    finally:
        shutil.rmtree(folder)
    assert said.returncode != 0
    assert "attic" in said.stdout + said.stderr


def test_the_first_floor_is_short_and_each_folder_says_what_it_holds():
    folders = [path for path in (ROOT / "grader").iterdir() if path.is_dir() and path.name != "__pycache__"]
    assert len(folders) <= 12
    assert len(list((ROOT / "grader").glob("*.py"))) <= 8
    for folder in (ROOT / "grader").rglob("__init__.py"):
        if "versions" not in folder.parts:
            assert ast.get_docstring(ast.parse(folder.read_text("utf-8"))), folder


@pytest.mark.parametrize(
    "modules",
    [
        "grader.commands.grade, grader.commands.dry_run, grader.commands.regrade, grader.commands.adjust",
        "grader.commands.check, grader.commands.release, grader.commands.doctor, grader.commands.gradebook",
        "grader.commands.similar, grader.commands.demo, grader.commands.package, grader.run.reports",
    ],
)
def test_commands_load_no_torch_before_they_need_it(modules):
    code = f"import sys, {modules}; print('torch' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert said.stdout == "False\n"
