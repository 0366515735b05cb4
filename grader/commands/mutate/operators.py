"""Mutants of a source: each is the source with one small change, made from its syntax tree.

The classic operators of mutation testing (DeMillo, Lipton and Sayward, 1978; King and Offutt, 1991), and those that
tensors ask for: axes, `keepdim`, views instead of copies, batches of one, an answer that is kept from the first call.
A change replaces a stretch of the text, so that all else stays as it was written and a mutant is shown as a diff.
"""

from __future__ import annotations

import ast
import copy
import difflib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

NEIGHBOURS: dict[type[ast.operator], tuple[type[ast.operator], ...]] = {
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Div, ast.Add),
    ast.Div: (ast.Mult,),
    ast.FloorDiv: (ast.Div,),
    ast.Mod: (ast.FloorDiv,),
    ast.Pow: (ast.Mult,),
    ast.MatMult: (ast.Mult,),
    ast.BitAnd: (ast.BitOr,),
    ast.BitOr: (ast.BitAnd,),
}
COMPARED: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.GtE),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.LtE),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
IN_PLACE: dict[type[ast.operator], str] = {ast.Add: "add_", ast.Sub: "sub_", ast.Mult: "mul_", ast.Div: "div_"}
# Methods without which a value keeps its kind: leaving them out is a mistake that runs.
ALIKE = {
    "abs",
    "clamp",
    "clone",
    "contiguous",
    "detach",
    "double",
    "exp",
    "float",
    "flip",
    "log",
    "long",
    "mean",
    "mul",
}
ALIKE |= {"permute", "relu", "round", "sqrt", "squeeze", "sum", "swapaxes", "t", "to", "transpose", "type", "unsqueeze"}
ALIKE |= {"abs_", "zero_", "fill_", "requires_grad_"}
OPERANDS = (ast.BinOp, ast.UnaryOp, ast.Compare, ast.BoolOp, ast.IfExp, ast.Lambda)

WRAPPED = """

def _changed(right):
    import functools

    import torch

{body}

    return changed


TOUCHED = False
{name} = _changed({name})
"""
# Around a whole function: what no change of one expression does. `TOUCHED` is true once it has changed anything.
WRAPPERS = {
    "the first answer for each shape is kept": """
    kept = {}

    @functools.wraps(right)
    def changed(*args, **kwargs):
        global TOUCHED
        key = repr([list(x.shape) if isinstance(x, torch.Tensor) else x for x in (*args, *kwargs.values())])
        TOUCHED = TOUCHED or key in kept
        if key not in kept:
            kept[key] = right(*args, **kwargs)
        return kept[key]""",
    "zeros where an argument has a dimension of 1": """
    @functools.wraps(right)
    def changed(*args, **kwargs):
        global TOUCHED
        found = right(*args, **kwargs)
        given = [x for x in (*args, *kwargs.values()) if isinstance(x, torch.Tensor)]
        if not any({dimension} < x.ndim and x.shape[{dimension}] == 1 for x in given):
            return found
        TOUCHED = True
        if isinstance(found, tuple):
            return tuple(x * 0 if isinstance(x, torch.Tensor) else x for x in found)
        return found * 0 if isinstance(found, torch.Tensor) else found""",
}


@dataclass(frozen=True)
class Mutant:
    """A source with one change."""

    function: str  # that it is in: "conv2d_forward", "Value.backward"; "" for the module's own statements
    line: int  # of the original
    change: str  # what was done, in words
    before: str  # the lines that the change touches …
    after: str  # … and what they became
    source: str
    number: int = 1  # of several that make the same change to the same text in one function

    @property
    def id(self) -> str:
        """Names this mutant as long as its lines and its function stay, wherever they move."""
        again = f" ({self.number})" if self.number > 1 else ""
        return f"{self.function}: {' '.join(self.before.split())} → {' '.join(self.after.split())}{again}"


def mutants(source: str) -> list[Mutant]:
    """All mutants of a source, in the order of its lines; none is the same text as another, and all compile."""
    tree = ast.parse(source)
    text = _Text(source)
    found: dict[str, Mutant] = {}
    spans = [text.span(node) for node in tree.body]
    for function, node, parents in _nodes(tree):
        for start, end, new, change in _changes(node, parents, text):
            made = text.replaced(start, end, new)
            if made == source or made in found:
                continue
            first, last = next(span for span in spans if span[0] <= start and end <= span[1])
            if _compiles(
                text.replaced(start, end, new, first, last)
            ):  # the whole source would take a hundred times that
                line = text.line(start)
                before, after = _difference(source, made)
                found[made] = Mutant(function, line, change, before, after, made)
    for function, line, change, made in _wrapped(tree, source):
        found[made] = Mutant(function, line, change, f"def {function}", change, made)
    return _numbered(sorted(found.values(), key=lambda one: one.line))


def _numbered(found: list[Mutant]) -> list[Mutant]:
    """With a number for each that makes the same change to the same line as one before it."""
    seen: Counter[str] = Counter()
    numbered = []
    for one in found:
        seen[one.id] += 1
        numbered.append(replace(one, number=seen[one.id]))
    return numbered


def sabotaged(source: str) -> dict[str, str]:
    """Function → the source in which its first statement raises: what fails then is what uses it."""
    text = _Text(source)
    found = {}
    for name, node in functions(ast.parse(source)):
        body = node.body[1:] if ast.get_docstring(node) and len(node.body) > 1 else node.body
        start, _ = text.span(body[0])
        found[name] = text.replaced(start, start, f"raise NotImplementedError\n{' ' * body[0].col_offset}")
    return found


def functions(tree: ast.Module) -> Iterator[tuple[str, ast.FunctionDef]]:
    """Functions and methods of a module by their names, those inside of functions apart."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield node.name, node
        elif isinstance(node, ast.ClassDef):
            yield from (
                (f"{node.name}.{inner.name}", inner) for inner in node.body if isinstance(inner, ast.FunctionDef)
            )


def diff(mutant: Mutant, original: str) -> str:
    """What was changed, as a unified diff without context."""
    lines = difflib.unified_diff(original.splitlines(), mutant.source.splitlines(), n=0, lineterm="")
    return "\n".join(line for line in list(lines)[2:] if not line.startswith("@@"))


class _Text:
    """A source by the places that a syntax tree gives: lines, and bytes of UTF-8 in them."""

    def __init__(self, source: str) -> None:
        self._bytes = source.encode()
        self._starts = [0]
        for line in self._bytes.splitlines(keepends=True):
            self._starts.append(self._starts[-1] + len(line))

    def span(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        """Where a node begins and ends."""
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        decorators = getattr(node, "decorator_list", [])
        first = min([node.lineno, *(one.lineno for one in decorators)])
        start = self._starts[first - 1] + (node.col_offset if first == node.lineno else decorators[0].col_offset - 1)
        return start, self._starts[node.end_lineno - 1] + node.end_col_offset

    def get(self, node: ast.expr | ast.stmt) -> str:
        start, end = self.span(node)
        return self._bytes[start:end].decode()

    def replaced(self, start: int, end: int, new: str, first: int = 0, last: int | None = None) -> str:
        return (self._bytes[first:start] + new.encode() + self._bytes[end:last]).decode()

    def line(self, place: int) -> int:
        return self._bytes.count(b"\n", 0, place) + 1


Change = tuple[int, int, str, str]  # from, to, the new text, what was done
Node = tuple[str, ast.AST, tuple[ast.AST, ...]]  # the function that it is in, and its parents, the nearest last


def _nodes(tree: ast.Module) -> Iterator[Node]:
    """Every node that may be changed: no docstring, annotation or import, no exception's message, nothing printed."""

    def walk(node: ast.AST, function: str, parents: tuple[ast.AST, ...]) -> Iterator[Node]:
        if _is_printing(node):
            return
        yield function, node, parents
        if isinstance(node, ast.Import | ast.ImportFrom | ast.Raise):
            return
        if isinstance(node, ast.keyword) and node.arg == "strict":  # of zip: it says nothing where lengths are equal
            return
        for name, value in ast.iter_fields(node):
            if name in ("annotation", "returns", "decorator_list", "bases", "type_params", "msg"):
                continue
            children = value if isinstance(value, list) else [value]
            if name == "body" and _has_docstring(node):
                children = children[1:]
            for child in children:
                if isinstance(child, ast.AST):
                    inner = function
                    if isinstance(child, ast.FunctionDef | ast.ClassDef) and "." not in function:
                        outer = node.name + "." if isinstance(node, ast.ClassDef) else ""
                        inner = function if function and not outer else outer + child.name
                        inner = function if isinstance(child, ast.ClassDef) else inner
                    yield from walk(child, inner, (*parents, node))

    yield from walk(tree, "", ())


def _has_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node) is not None


def _is_printing(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"


def _changes(node: ast.AST, parents: tuple[ast.AST, ...], text: _Text) -> Iterator[Change]:
    parent = parents[-1] if parents else None
    if isinstance(node, ast.expr):
        is_operand = isinstance(parent, ast.expr) and not isinstance(parent, ast.Tuple | ast.List | ast.Dict)
        for new, change in _expressions(node, parents, text):
            start, end = text.span(node)
            parsed = ast.parse(new, mode="eval").body
            needs = is_operand and isinstance(parsed, OPERANDS) and not _is_argument(node, parent)
            yield start, end, f"({new})" if needs else new, change
    elif isinstance(node, ast.stmt):
        yield from _statements(node, parents, text)


def _is_argument(node: ast.expr, parent: ast.AST | None) -> bool:
    return isinstance(parent, ast.Call) and node is not parent.func


def _expressions(node: ast.expr, parents: tuple[ast.AST, ...], text: _Text) -> Iterator[tuple[str, str]]:
    """(new text, what was done) for an expression."""
    if isinstance(node, ast.Constant):
        yield from _constants(node)
    elif isinstance(node, ast.UnaryOp):
        if not isinstance(node.operand, ast.Constant):
            yield text.get(node.operand), "a sign or a `not` is left out"
    elif isinstance(node, ast.BinOp):
        for kind in NEIGHBOURS.get(type(node.op), ()):
            yield _changed(node, op=kind()), "another operator"
        if type(node.op) in NEIGHBOURS:
            yield text.get(node.left), "only the left operand"
            yield text.get(node.right), "only the right operand"
        if type(node.op) in IN_PLACE and isinstance(node.left, ast.Name) and _is_parameter(node.left, parents):
            yield f"{node.left.id}.{IN_PLACE[type(node.op)]}({text.get(node.right)})", "an argument is changed in place"
    elif isinstance(node, ast.Compare) and len(node.ops) == 1:
        for other in COMPARED.get(type(node.ops[0]), ()):
            yield _changed(node, ops=[other()]), "another comparison"
    elif isinstance(node, ast.Compare):
        for i, op in enumerate(node.ops):
            for other in COMPARED.get(type(op), ()):
                yield _changed(node, ops=[*node.ops[:i], other(), *node.ops[i + 1 :]]), "another comparison"
    elif isinstance(node, ast.BoolOp):
        yield _changed(node, op=ast.Or() if isinstance(node.op, ast.And) else ast.And()), "`and` for `or`"
        for i in range(len(node.values)):
            rest = node.values[:i] + node.values[i + 1 :]
            yield (_changed(node, values=rest) if len(rest) > 1 else text.get(rest[0])), "one condition less"
    elif isinstance(node, ast.IfExp):
        yield text.get(node.body), "always the first branch"
        yield text.get(node.orelse), "always the second branch"
    elif isinstance(node, ast.Call):
        yield from _calls(node, text)
    elif isinstance(node, ast.Subscript):
        yield from _subscripts(node, text)
    elif isinstance(node, ast.Attribute) and node.attr in ("float64", "float32"):
        yield text.get(node)[:-2] + ("32" if node.attr == "float64" else "64"), "another dtype"
    elif isinstance(node, ast.Attribute) and node.attr in ("T", "mT"):
        yield text.get(node.value), "not transposed"
    elif isinstance(node, ast.Tuple) and len(node.elts) == 2 and isinstance(parents[-1], ast.Return):
        yield _changed(node, elts=node.elts[::-1]), "two results exchanged"


def _changed(node: ast.expr, **fields: object) -> str:
    new = copy.copy(node)
    for name, value in fields.items():
        setattr(new, name, value)
    return ast.unparse(new)


def _constants(node: ast.Constant) -> Iterator[tuple[str, str]]:
    value = node.value
    if isinstance(value, bool):
        yield repr(not value), "a truth is turned round"
    elif isinstance(value, int | float):
        for new in dict.fromkeys((value + 1, value - 1, 0, -value)):
            if new != value:
                yield repr(new), "another constant"


def _is_parameter(name: ast.Name, parents: tuple[ast.AST, ...]) -> bool:
    within = [node for node in parents if isinstance(node, ast.FunctionDef)]
    return bool(within) and any(name.id == one.arg for one in within[-1].args.args)


def _calls(node: ast.Call, text: _Text) -> Iterator[tuple[str, str]]:
    count = len(node.args)
    for i in range(count):
        if not isinstance(node.args[i], ast.Starred):
            yield _changed(node, args=node.args[:i] + node.args[i + 1 :]), "an argument is left out"
    for i in range(count - 1):
        exchanged = [*node.args[:i], node.args[i + 1], node.args[i], *node.args[i + 2 :]]
        yield _changed(node, args=exchanged), "two arguments exchanged"
    for i, word in enumerate(node.keywords):
        if word.arg != "strict":
            yield _changed(node, keywords=node.keywords[:i] + node.keywords[i + 1 :]), "a keyword is left out"
    called = node.func
    if isinstance(called, ast.Attribute) and called.attr in ALIKE:
        first = called.value
        if isinstance(first, ast.Name) and first.id in ("torch", "F", "np", "math"):
            if node.args:
                yield text.get(node.args[0]), f"`{called.attr}` is left out"
        else:
            yield text.get(first), f"`{called.attr}` is left out"
    if isinstance(called, ast.Attribute) and called.attr in ("sum", "mean", "amax", "max", "argmax", "var", "std"):
        if not any(word.arg == "keepdim" for word in node.keywords):
            yield _changed(node, keywords=[*node.keywords, ast.keyword("keepdim", ast.Constant(True))]), "with keepdim"
        other = {"sum": "mean", "mean": "sum"}.get(called.attr)
        if other:
            yield _changed(node, func=ast.Attribute(called.value, other)), f"{other} for {called.attr}"
    if isinstance(called, ast.Name) and called.id == "range":
        last = node.args[0 if count == 1 else 1]
        less = ast.BinOp(last, ast.Sub(), ast.Constant(1))
        yield (
            _changed(node, args=[less] if count == 1 else [node.args[0], less, *node.args[2:]]),
            "the last is left out",
        )
        if count == 1:
            yield _changed(node, args=[ast.Constant(1), last]), "the first is left out"
    if isinstance(called, ast.Name) and called.id in ("min", "max", "sum", "reversed", "sorted", "abs") and count == 1:
        yield text.get(node.args[0]), f"`{called.id}` is left out"
    if isinstance(called, ast.Name) and called.id in ("min", "max"):
        yield _changed(node, func=ast.Name("max" if called.id == "min" else "min")), "the other extreme"


def _subscripts(node: ast.Subscript, text: _Text) -> Iterator[tuple[str, str]]:
    inner = node.slice
    pieces = inner.elts if isinstance(inner, ast.Tuple) else [inner]
    for i, piece in enumerate(pieces):
        if isinstance(piece, ast.Slice):
            for name in ("lower", "upper", "step"):
                if getattr(piece, name) is not None:
                    new = copy.copy(piece)
                    setattr(new, name, None)
                    yield _sliced(node, pieces, i, new), f"a slice without its {name}"
    if isinstance(inner, ast.Tuple) and len(pieces) > 1:
        for i in range(len(pieces) - 1):
            swapped = [*pieces[:i], pieces[i + 1], pieces[i], *pieces[i + 2 :]]
            yield _changed(node, slice=ast.Tuple(swapped)), "two indices exchanged"
    if isinstance(node.ctx, ast.Load):
        yield text.get(node.value), "not indexed"


def _sliced(node: ast.Subscript, pieces: list[ast.expr], i: int, new: ast.expr) -> str:
    changed = [*pieces[:i], new, *pieces[i + 1 :]]
    return _changed(node, slice=ast.Tuple(changed) if isinstance(node.slice, ast.Tuple) else new)


def _statements(node: ast.stmt, parents: tuple[ast.AST, ...], text: _Text) -> Iterator[Change]:
    start, end = text.span(node)
    if isinstance(node, ast.Return) and node.value is not None:
        yield from _returns(node, text)
    if isinstance(node, ast.If | ast.While):
        first, last = text.span(node.test)
        yield first, last, "False", "a branch that is never taken"
        if isinstance(node, ast.If):
            yield first, last, "True", "a branch that is always taken"
    if isinstance(node, ast.For | ast.While):
        _, body_end = text.span(node.body[-1])
        indent = " " * node.body[0].col_offset
        yield body_end, body_end, f"\n{indent}break", "a loop that ends after its first round"
    if isinstance(node, ast.AugAssign):
        written = f"{text.get(node.target)} = {text.get(node.value)}"
        yield start, end, written, "`=` for an augmented assignment"
        other = NEIGHBOURS.get(type(node.op), ())
        if other:
            new = copy.copy(node)
            new.op = other[0]()
            yield start, end, ast.unparse(new), "another operator"
    if _may_be_deleted(node, parents):
        yield start, end, "pass", "a statement is deleted"


def _returns(node: ast.Return, text: _Text) -> Iterator[Change]:
    assert node.value is not None
    values = node.value.elts if isinstance(node.value, ast.Tuple) else [node.value]
    for value in values:
        if not isinstance(value, ast.Constant | ast.Starred):
            start, end = text.span(value)
            written = text.get(value)
            if isinstance(value, OPERANDS):
                written = f"({written})"
            yield start, end, f"{written}.squeeze()", "squeezed"
            yield start, end, f"-{written}", "negated"


def _may_be_deleted(node: ast.stmt, parents: tuple[ast.AST, ...]) -> bool:
    """Whether a source without it may still run: a name's only assignment is missed by any suite."""
    if not any(isinstance(one, ast.FunctionDef) for one in parents):
        return False
    if isinstance(node, ast.Assign):
        if not isinstance(node.targets[0], ast.Name):
            return True
        function = next(one for one in reversed(parents) if isinstance(one, ast.FunctionDef))
        known = {one.arg for one in (*function.args.args, *function.args.kwonlyargs)}
        known |= {
            one.id
            for one in ast.walk(function)
            if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store) and one.lineno < node.lineno
        }
        return node.targets[0].id in known
    if isinstance(node, ast.Expr):
        return not isinstance(node.value, ast.Constant | ast.Yield | ast.YieldFrom) and not _is_printing(node.value)
    return isinstance(node, ast.AugAssign | ast.Raise | ast.Break | ast.Continue | ast.Delete | ast.If | ast.For)


def _wrapped(tree: ast.Module, source: str) -> Iterator[tuple[str, int, str, str]]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            for change, body in WRAPPERS.items():
                for dimension in range(4) if "{dimension}" in body else (0,):
                    said = f"{change} (dimension {dimension})" if "{dimension}" in body else change
                    inside = body.replace("{dimension}", str(dimension)).strip("\n")
                    yield node.name, node.lineno, said, source + WRAPPED.format(body=inside, name=node.name)


def _compiles(source: str) -> bool:
    try:
        compile(source, "mutant", "exec")
    except (SyntaxError, ValueError):
        return False
    return True


def _difference(one: str, other: str) -> tuple[str, str]:
    """The lines that differ, of each, without the ones around them."""
    before, after = one.splitlines(), other.splitlines()
    shorter = min(len(before), len(after))
    first = next((i for i in range(shorter) if before[i] != after[i]), shorter)
    back = next((i for i in range(shorter - first) if before[-1 - i] != after[-1 - i]), shorter - first)
    return (
        "\n".join(line.strip() for line in before[first : len(before) - back]),
        "\n".join(line.strip() for line in after[first : len(after) - back]),
    )
