"""`grader starter`: what students start from, made from the reference.

It has signatures, docstrings and `raise NotImplementedError`. Kept are the module's docstring and imports, public
functions and classes without their bodies, the fields of classes, constants that a signature uses, and whatever stands
between `# given` and `# end of given`. Everything else goes: private helpers, other constants, comments.
"""

from __future__ import annotations

import ast
import difflib
import inspect
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from grader.errors import UsageError
from grader.homework import Homework

FINE, FALLS_SHORT = 0, 1
GIVEN = re.compile(r"^\s*# (end of )?given\s*$")
Function = ast.FunctionDef | ast.AsyncFunctionDef


def run(homework: Homework, *, force: bool) -> int:
    """Write each module's starter, or say how one that is there has parted from the reference.

    Returns the exit code.
    """
    code = FINE
    for name in homework.assignment.files:
        source, target = homework.reference / name, homework.public / name
        if not name.endswith(".py") or not source.is_file():
            continue
        made = starter(source.read_text("utf-8"), str(source))
        if target.is_file() and not force:
            code = max(code, _compare(made, target, source))
        else:
            target.write_text(made, "utf-8")
            click.echo(f"{target} is written from {source}")
    return code


def _compare(made: str, target: Path, source: Path) -> int:
    there = target.read_text("utf-8")
    if made == there:
        click.echo(f"{target} is what {source} makes")
        return FINE
    for sentence in parted(there, made):
        click.echo(f"parted: {sentence}")
    lines = difflib.unified_diff(there.splitlines(), made.splitlines(), str(target), f"made from {source}", lineterm="")
    click.echo("\n".join(lines))
    click.echo(f"{target} is not what {source} makes. --force writes it anew")
    return FALLS_SHORT


def parted(starter_source: str, reference_source: str, *, only_calls: bool = False) -> list[str]:
    """How the functions of a starter differ from the reference's in names and arguments: a sentence each.

    `only_calls`: only what a call by the starter's signature would meet, which annotations and further arguments with
    defaults do not.
    """
    ours, theirs = _signatures(reference_source), _signatures(starter_source)
    told = []
    for name, arguments in ours.items():
        other = theirs.get(name)
        if other is None:
            if not only_calls and not _is_private(name):
                told.append(f"the starter lacks `{name}({ast.unparse(arguments)})`")
        elif _differ(other, arguments, only_calls=only_calls):
            written, asked = ast.unparse(other), ast.unparse(arguments)
            told.append(f"the starter has `{name}({written})`, and the reference `{name}({asked})`")
    return told


def _differ(one: ast.arguments, other: ast.arguments, *, only_calls: bool) -> bool:
    if not only_calls:
        return ast.unparse(one) != ast.unparse(other)
    if other.vararg or other.kwarg:
        return False
    names, others = ([each.arg for each in (*a.posonlyargs, *a.args)] for a in (one, other))
    more = others[len(names) :]
    keywords = {each.arg for each in one.kwonlyargs}
    return (
        names != others[: len(names)]
        or len(more) > len(other.defaults)
        or not keywords <= {*(each.arg for each in other.kwonlyargs), *others}
    )


def _signatures(source: str) -> dict[str, ast.arguments]:
    found = {}
    for node in ast.parse(source).body:
        if isinstance(node, Function):
            found[node.name] = node.args
        elif isinstance(node, ast.ClassDef):
            found |= {f"{node.name}.{one.name}": one.args for one in node.body if isinstance(one, Function)}
    return found


def _is_private(name: str) -> bool:
    last = name.rpartition(".")[2]
    return name.startswith("_") or (last.startswith("_") and not (last.startswith("__") and last.endswith("__")))


def starter(source: str, path: str = "the reference") -> str:
    """The starter that a reference makes. Raises `UsageError` where it is no Python, or a region does not end."""
    try:
        tree = ast.parse(source)
    except SyntaxError as error:
        raise UsageError(f"{path} is no Python: {error}") from error
    lines = source.splitlines()
    given = list(_regions(lines, path))
    used = _used(tree)
    blocks: list[tuple[int, int, str]] = []
    for first, last in given:
        inside = any(_span(node)[0] < first and last < _span(node)[1] for node in tree.body)
        if not inside:
            blocks.append((first, last, "\n".join(lines[first : last - 1])))
    for place, node in enumerate(tree.body):
        first, last = _span(node)
        if any(start < first and last < end for start, end in given):
            continue
        text = _kept(node, lines, given, used, is_first=place == 0)
        if text:
            blocks.append((first, last, text))
    return _joined(sorted(blocks))


def _regions(lines: Sequence[str], path: str) -> Iterator[tuple[int, int]]:
    """First and last line, from 1, of each region that is given: those of its marks."""
    begun = 0
    for number, line in enumerate(lines, 1):
        found = GIVEN.match(line)
        if found is None:
            continue
        if bool(found[1]) != bool(begun):
            raise UsageError(f"{path}, line {number}: `# given` and `# end of given` come in pairs")
        if found[1]:
            yield begun, number
        begun = 0 if found[1] else number
    if begun:
        raise UsageError(f"{path}, line {begun}: this `# given` has no `# end of given`")


def _span(node: ast.stmt) -> tuple[int, int]:
    decorators = [one.lineno for one in getattr(node, "decorator_list", [])]
    return min([node.lineno, *decorators]), node.end_lineno or node.lineno


def _kept(
    node: ast.stmt, lines: Sequence[str], given: Sequence[tuple[int, int]], used: set[str], *, is_first: bool
) -> str:
    whole = "\n".join(lines[_span(node)[0] - 1 : _span(node)[1]])
    match node:
        case ast.Expr(value=ast.Constant(value=str())) if is_first:
            return whole
        case ast.Import() | ast.ImportFrom():
            return whole
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)) if name in used:
            return whole
        case ast.FunctionDef() | ast.AsyncFunctionDef() if not _is_private(node.name):
            return _stub(node, lines, given)
        case ast.ClassDef() if not _is_private(node.name):
            return _class(node, lines, given)
    return ""


def _stub(node: Function, lines: Sequence[str], given: Sequence[tuple[int, int]]) -> str:
    """The function's head, its docstring and what is given of its body, and then `raise NotImplementedError`."""
    first, last = _span(node)
    body = node.body[0]
    if body.lineno == node.lineno:  # a body on the line of its head
        head = [*lines[first - 1 : body.lineno - 1], lines[body.lineno - 1][: body.col_offset].rstrip()]
        indent = " " * (node.col_offset + 4)
    else:
        head = list(lines[first - 1 : body.lineno - 1])
        head = head[: max(i for i, line in enumerate(head, 1) if line.split("#")[0].rstrip().endswith(":"))]
        indent = " " * body.col_offset
    kept = [*head]
    if ast.get_docstring(node, clean=False) is not None and body.lineno != node.lineno:
        kept += lines[body.lineno - 1 : body.end_lineno]
    for start, end in given:
        if first < start and end <= last:
            kept += lines[start : end - 1]
    return "\n".join([*kept, f"{indent}raise NotImplementedError"])


def _class(node: ast.ClassDef, lines: Sequence[str], given: Sequence[tuple[int, int]]) -> str:
    first = _span(node)[0]
    start = _span(node.body[0])[0]
    text = "\n".join(lines[first - 1 : start - 1]).rstrip()
    previous: ast.stmt | None = None
    for one in node.body:
        span = _span(one)
        if any(begin < span[0] and span[1] < end for begin, end in given):
            piece = "\n".join(lines[span[0] - 1 : span[1]])
        elif isinstance(one, Function):
            piece = "" if _is_private(one.name) else _stub(one, lines, given)
        else:
            piece = "\n".join(lines[span[0] - 1 : span[1]])
        if piece:
            apart = isinstance(one, Function) or isinstance(previous, Function | ast.Expr)
            text += ("\n\n" if apart and previous is not None else "\n") + piece
            previous = one
    return text


def _used(tree: ast.Module) -> set[str]:
    """Names in the signatures, decorators and bases of what is kept."""
    found: set[str] = set()
    for node in ast.walk(tree):
        parts: list[ast.AST] = []
        if isinstance(node, Function):
            parts = [node.args, *node.decorator_list, *([node.returns] if node.returns else [])]
        elif isinstance(node, ast.ClassDef):
            parts = [*node.bases, *node.decorator_list, *(one for one in node.body if not isinstance(one, Function))]
        found |= {one.id for part in parts for one in ast.walk(part) if isinstance(one, ast.Name)}
    return found


def _joined(blocks: Sequence[tuple[int, int, str]]) -> str:
    """The blocks with the blank lines between them that Python's style has; imports in the groups that they were in."""
    text = ""
    previous, ended = "", 0
    for first, last, block in blocks:
        block = block.strip("\n")
        definition = any(re.match(r"(@|class |def |async def )", one) for one in (block, previous))
        both_imports = first == ended + 1 and all(re.match(r"(import|from) ", one) for one in (block, previous))
        text += ("\n\n\n" if definition else "\n" if both_imports else "\n\n") * bool(text) + block
        previous, ended = block, last
    return inspect.cleandoc(text) + "\n" if not text.startswith('"') else text + "\n"
