"""What a grade depends on, part by part, read from the sources without running them.

If one check of a suite changes, the other parts' outcomes stay what they are. So the suite is named by a digest for
each part: of the tests that belong to it, and of all that they may use: conftest files, helpers, what else stands in
their file, the reference, the forbidden operators and the limits. The known mistakes are named apart, for they only
decide how a wrong answer is explained.

A part is the smallest unit, not a check, because a part's failed checks are diagnosed together. Whatever this reading
does not understand (a test in a class, a part that is not a literal, a file that another one imports) counts for every
part: better to grade too much again than too little.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.metadata
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from grader.homework import Homework
from grader.sandbox import layout


@dataclass(frozen=True)
class Manifest:
    """The digests of a homework's judge. Equal digests, equal outcomes."""

    parts: Mapping[str, str]  # part → digest of what its verdicts depend on
    mistakes: Mapping[str, str]  # part → digest of what its diagnoses depend on, beside that

    @property
    def sha256(self) -> str:
        """Names the whole."""
        return _digest([json.dumps([dict(self.parts), dict(self.mistakes)], sort_keys=True)])

    def changed(self, before: Manifest) -> frozenset[str]:
        """The parts whose verdicts may be others than under `before`."""
        return frozenset(part for part, digest in self.parts.items() if before.parts.get(part) != digest)

    def explained_anew(self, before: Manifest) -> frozenset[str]:
        """The parts whose wrong answers may be explained in another way than under `before`."""
        return frozenset(part for part, digest in self.mistakes.items() if before.mistakes.get(part) != digest)


@dataclass
class _Source:
    """A file of the suite, taken apart."""

    rest: str  # all but the tests whose part is known
    tests: dict[str, list[str]] = field(default_factory=dict)  # part → its tests
    imports: set[str] = field(default_factory=set)


def manifest(homework: Homework) -> Manifest:
    """Read the digests of a homework's judge. A file that is no Python counts for every part; nothing is raised."""
    assignment = homework.assignment
    names = [part.name for part in assignment.checked_parts]  # a mark is no verdict
    sources = {
        path.relative_to(homework.suite).as_posix(): _taken_apart(path) for path in sorted(homework.suite.rglob("*.py"))
    }
    imported = {name for source in sources.values() for name in source.imports}
    shared = [
        homework.reference_source,
        *homework.other_sources.values(),
        assignment.limits.model_dump_json(),
        *assignment.files,
        *assignment.banned,
    ]
    needs = [part.needs for part in assignment.checked_parts]
    shared += [json.dumps(needs)] if any(needs) else []
    shared += [json.dumps({name: one.model_dump() for name, one in assignment.training.items()})]
    shared += [homework.calibration_text, homework.probes_source, *map(_version, assignment.sandbox.packages)]
    shared += [name + hashlib.sha256(path.read_bytes()).hexdigest() for name, path in assignment.data_files.items()]
    for path, source in sources.items():
        if not any(source.tests.get(name) for name in names) or Path(path).stem in imported:
            shared += [path, source.rest, *(test for tests in source.tests.values() for test in tests)]
        elif set(source.tests) - set(names):  # a part that the assignment does not have: the suite will not collect
            shared += [path, *(test for part in set(source.tests) - set(names) for test in source.tests[part])]
    parts = {
        name: _digest([*shared, *(text for path, source in sources.items() for text in _texts(path, source, name))])
        for name in names
    }
    library = {
        name: _digest(
            m.name + "\0" + m.family + "\0" + m.file + m.overlay for m in homework.mistakes if name in m.parts
        )
        for name in names
    }
    return Manifest(parts, library)


def _texts(path: str, source: _Source, part: str) -> list[str]:
    tests = source.tests.get(part, [])
    return [path, source.rest, *tests] if tests else []


def _taken_apart(path: Path) -> _Source:
    text = path.read_text("utf-8", errors="replace")
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return _Source(text)
    tests: dict[str, list[str]] = {}
    lines = text.splitlines(keepends=True)
    left: list[str | None] = list(lines)
    for node in tree.body:
        part = _part(node)
        if part is not None and isinstance(node, ast.FunctionDef):
            start = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)]) - 1
            tests.setdefault(part, []).append("".join(lines[start : node.end_lineno]))
            left[start : node.end_lineno] = [None] * ((node.end_lineno or start) - start)
    rest = "".join(line for line in left if line is not None and line.strip())
    return _Source(rest, tests, set(_imports(tree)))


def _part(node: ast.stmt) -> str | None:
    """The part of a test function that says it by a literal, and that nothing else in the file can be named after."""
    if not isinstance(node, ast.FunctionDef) or not node.name.startswith("test"):
        return None
    for decorator in node.decorator_list:
        match decorator:
            case ast.Call(func=ast.Name(id="part"), args=[ast.Constant(value=str(part))]):
                return part
    return None


def _imports(tree: ast.Module) -> Iterable[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.rsplit(".", 1)[-1] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield (node.module or "").rsplit(".", 1)[-1]
            yield from (alias.name for alias in node.names)


def _digest(texts: Iterable[str]) -> str:
    """SHA-256 over the texts, each behind its length, so that no two lists of texts read alike."""
    digest = hashlib.sha256()
    for text in texts:
        content = text.encode("utf-8", "surrogatepass")
        digest.update(len(content).to_bytes(8, "big") + content)
    return digest.hexdigest()


def _version(package: str) -> str:
    """A package of the sandbox, with its version: another one may answer otherwise."""
    (name,) = layout.distributions([package])
    return f"{package} {importlib.metadata.version(name)}"
