"""`make test` is short, and covers every module all the same: some test of each is not marked `long`."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
MODULE = re.compile(r"grader(?:\.\w+)+")


def is_long(node: ast.AST) -> bool:
    """Whether `pytest.mark.long` stands in this decorator or `pytestmark`."""
    return any(ast.unparse(one) == "pytest.mark.long" for one in ast.walk(node))


def has_a_short_test(tree: ast.Module) -> bool:
    """Whether a test of this file is run by `make test`."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "pytestmark" and is_long(node.value):
            return False
    tests = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")]
    return any(not any(map(is_long, test.decorator_list)) for test in tests)


def started(tree: ast.Module) -> Iterator[str]:
    """What the strings of a file name: an interpreter is started with these."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from MODULE.findall(node.value)


def imported(tree: ast.Module) -> Iterator[str]:
    """What a file imports, anywhere in it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def without_a_short_test(root: Path) -> set[str]:
    """The modules of `grader/` below `root` that no unmarked test is near.

    Near is the file that mirrors a module, imports it or names it in a string. So are these to what such a module starts
    by a string, and to what either imports.
    """
    modules = {
        ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__"): ast.parse(path.read_text())
        for path in (root / "grader").rglob("*.py")
        if "migrations" not in path.parts and path.name != "__main__.py"
    }
    near: set[str] = set()
    for path in (root / "tests" / "grader").rglob("test_*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        if has_a_short_test(tree):
            folder = path.parent.relative_to(root / "tests")
            near |= {".".join([*folder.parts, path.stem.removeprefix("test_")]), *imported(tree), *started(tree)}
    for follow in (started, imported):
        for name in near & modules.keys():
            near |= set(follow(modules[name]))
    return {name for name, tree in modules.items() if tree.body[1:]} - near


def test_every_module_has_a_test_that_is_not_long():
    assert without_a_short_test(ROOT) == set()


def write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)


CODE = '"""A module."""\n\nx = 1\n'
LONG = "import pytest\nfrom grader import alone, beside\n\n\n@pytest.mark.long\ndef test_it():\n    pass\n"


def test_a_module_whose_tests_are_all_long_is_named(tmp_path):
    write(tmp_path, {"grader/alone.py": CODE, "grader/beside.py": CODE, "tests/grader/test_some.py": LONG})
    assert without_a_short_test(tmp_path) == {"grader.alone", "grader.beside"}
    write(tmp_path, {"tests/grader/test_alone.py": f"import pytest\npytestmark = [pytest.mark.long]\n\n\n{LONG}"})
    assert without_a_short_test(tmp_path) == {"grader.alone", "grader.beside"}
    write(tmp_path, {"tests/grader/test_some.py": f"{LONG}\n\ndef test_else():\n    pass\n"})
    assert without_a_short_test(tmp_path) == set()


def test_mirrors_imports_and_what_is_started_count(tmp_path):
    short = "def test_it():\n    pass\n"
    starts = f'{CODE}COMMAND = "from grader.there.program import main"\n'
    program = f"{CODE}from grader import beside\n"
    write(tmp_path, {"grader/there/mirrored.py": starts, "grader/there/program.py": program, "grader/beside.py": CODE})
    write(tmp_path, {"grader/other.py": CODE})
    write(tmp_path, {"tests/grader/there/test_mirrored.py": short})
    assert without_a_short_test(tmp_path) == {"grader.other"}
    write(tmp_path, {"tests/grader/test_things.py": f"def test_it():\n    from grader import other\n\n\n{short}"})
    assert without_a_short_test(tmp_path) == set()
