"""What a grade's key says of the engine: every source that a verdict passes through is named by it."""

from __future__ import annotations

import ast
from pathlib import Path

import grader
from grader.judging.environment import engine_sources

ENGINE = Path(grader.__file__).parent
# They bring in what is judged; what they bring has a hash of its own in the key.
BRINGING = set((ENGINE / "intake").glob("*.py"))


def imported(source: Path) -> set[Path]:
    """The engine's files that a file of the engine imports."""
    found = set()
    for node in ast.walk(ast.parse(source.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "grader":
            names = [node.module, *(f"{node.module}.{one.name}" for one in node.names)]
            found |= {ENGINE.parent / f"{name.replace('.', '/')}.py" for name in names}
    return {path for path in found if path.exists()}


def test_every_source_that_a_session_imports_is_in_the_key():
    seen: set[Path] = set()
    todo = [ENGINE / "judging" / "session.py", ENGINE / "suite.py"]
    while todo:
        path = todo.pop()
        if path not in seen and path not in BRINGING:
            seen.add(path)
            todo += imported(path)
    assert len(seen) > 30
    assert seen - set(engine_sources()) == set()
