"""Does a handout hold what students are to write? Functions of the secret solutions, under any names."""

from __future__ import annotations

import ast
import contextlib
import itertools
import json
import re
import textwrap
from collections.abc import Iterator, Mapping

from grader.commands import release
from grader.commands.starter import GIVEN, parted
from grader.homework import Homework

LINES = 3  # statements of a function that is told: shorter ones are alike by chance
_BLOCK = re.compile(r"^[ \t]*(```+|~~~+)[^\n]*\n(.*?)^[ \t]*\1", re.MULTILINE | re.DOTALL)


def faults(homework: Homework) -> list[str]:
    """A sentence for each function of a secret solution in the handout, and for how the starter has parted."""
    told = [f"the starter has parted: {sentence}" for sentence in _parted(homework)]
    secrets: dict[str, str] = {}
    for where, source in (("the reference", homework.reference_source), *homework.alternatives.items()):
        for name, form in functions(source):
            secrets.setdefault(form, f"`{name}` of {where}")
    own = set(homework.assignment.files)
    try:
        files = release.handout(homework)
    except release.Unreleasable:
        return told  # said by who looks at what is released
    for path, content in files.items():
        for name, form in _in_file(path, content.decode("utf-8", "replace")):
            # in the starter under its own name it is given to all, or the starter would pass what it must not
            if form in secrets and not (path in own and secrets[form].startswith(f"`{name}` ")):
                told.append(f"release: {path} holds {secrets[form]}: students would read it")
    return list(dict.fromkeys(told))


def _parted(homework: Homework) -> list[str]:
    try:
        return parted(homework.starter_source, homework.reference_source, only_calls=True)
    except SyntaxError:
        return []  # the starter's grading says so


def _in_file(path: str, text: str) -> Iterator[tuple[str, str]]:
    if path.endswith(".py"):
        yield from functions(text)
    elif path.endswith(".ipynb"):
        with contextlib.suppress(ValueError, TypeError, AttributeError):  # no notebook, whatever its name says
            for cell in json.loads(text)["cells"]:
                yield from functions("".join(cell.get("source", "")))
    elif path.endswith((".md", ".rst", ".txt")):
        for block in _BLOCK.finditer(text):
            yield from functions(textwrap.dedent(block[2]))


def functions(source: str) -> Iterator[tuple[str, str]]:
    """(name, form) of each function that is long enough and not given. Forms are equal where only names differ."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return
    given = _given(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body[1:] if ast.get_docstring(node, clean=False) is not None else node.body
            statements = sum(isinstance(one, ast.stmt) for part in body for one in ast.walk(part))
            inside = any(first < node.lineno and (node.end_lineno or 0) < last for first, last in given)
            if statements >= LINES and not inside:
                yield node.name, _form(node, body)


def _given(source: str) -> list[tuple[int, int]]:
    marks = [(number, found[1]) for number, line in enumerate(source.splitlines(), 1) if (found := GIVEN.match(line))]
    return [(first, last) for (first, ends), (last, ended) in itertools.pairwise(marks) if not ends and ended]


def _form(node: ast.FunctionDef | ast.AsyncFunctionDef, body: list[ast.stmt]) -> str:
    """What a function does, whatever its own names are called."""
    names: dict[str, str] = {node.name: "f"}
    arguments = node.args
    for argument in (*arguments.posonlyargs, *arguments.args, arguments.vararg, *arguments.kwonlyargs, arguments.kwarg):
        if argument is not None:
            names.setdefault(argument.arg, f"v{len(names)}")
    for part in body:
        for one in ast.walk(part):
            if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store):
                names.setdefault(one.id, f"v{len(names)}")
    return "\n".join(ast.dump(_Renamed(names).visit(ast.parse(ast.unparse(part)))) for part in body)


class _Renamed(ast.NodeTransformer):
    """Replaces a function's own names."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = names

    def visit_Name(self, node: ast.Name) -> ast.Name:
        return ast.Name(self._names.get(node.id, node.id), node.ctx)
