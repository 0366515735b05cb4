"""Which parts a mistake can change: those whose checks ask for a name that leads to something that it defines anew.

In every other part the checks call the very code of the reference, so they come out as they did for the reference, and
need not be asked once more. Only names are looked at, so a part too many is asked rather than one too few. What works
beyond names reaches all parts: names that are made while the code runs, and changes of what all code shares.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from grader.homework import Homework, Mistake
from grader.judging.bridge.examination import RecordedCall
from grader.judging.trees import parts as leaves

EVERYTHING = "*"  # a name that leads to all others
LOOKED_UP = {"globals", "vars", "eval", "exec", "__import__", "import_module", "__dict__", "modules"}
TYPES = {"tuple", "list", "dict", "set", "type", "Callable", "Iterable", "Sequence", "Mapping"}
SHARED = {"manual_seed", "seed", "set_rng_state", "set_default_dtype", "set_grad_enabled", "set_num_threads", "setattr"}
SHARED |= {"use_deterministic_algorithms", "environ", "chdir", "setrecursionlimit", "simplefilter", "filterwarnings"}

Names = Mapping[str, set[str]]  # a definition's name → the names in it


class Reach:
    """What the checks of each part ask of the reference, and so which parts a mistake can change.

    `always`: parts that every mistake reaches, for a training is left out where anything else is wrong.
    """

    def __init__(self, homework: Homework, always: Collection[str]) -> None:
        self._homework = homework
        self._always = always
        self._asked: dict[str, set[str]] = defaultdict(set)  # by part
        self._right = _Module([homework.reference_source, *homework.other_sources.values()])
        self._probes = _Module([homework.probes_source])

    def note(self, part: str, calls: Sequence[RecordedCall]) -> None:
        """Take down what a check of a part asks of the reference."""
        asked = self._asked[part]
        for call in calls:
            asked.update(call.function.split("."))
            texts = [leaf for leaf in leaves((call.args, call.kwargs)) if isinstance(leaf, str)]
            asked.update(text for text in texts if text.isidentifier())

    def unreached(self, mistake: Mistake) -> tuple[str, ...]:
        """The parts that come out as they do for the reference."""
        homework = self._homework
        wrong = _Module([homework.wrong_source([mistake]), *homework.wrong_others([mistake]).values()])
        changed = wrong.changed_from(self._right)
        names = [wrong.names, self._right.names, self._probes.names]
        found = []
        for part, asked in self._asked.items():
            reached = _reached(asked, names)
            is_reached = EVERYTHING in changed | reached or bool(changed & reached)
            if not is_reached and part not in self._always and part not in mistake.parts:
                found.append(part)
        return tuple(found)


class _Module:
    """The definitions of some sources, by their names."""

    def __init__(self, sources: Iterable[str]) -> None:
        self.names: dict[str, set[str]] = defaultdict(set)
        self._texts: dict[str, list[str]] = defaultdict(list)  # of each definition of a name, in their order
        self._nodes: dict[str, list[ast.stmt]] = defaultdict(list)
        self._imported: set[str] = set()
        self._variables: set[str] = set()  # of the module, that can be changed in place
        self._statements: set[str] = set()  # that define nothing, and may do anything
        for source in sources:
            try:
                nodes = ast.parse(source).body
            except (SyntaxError, ValueError):  # met where it is loaded
                self._statements.add(source)
                continue
            for node in nodes:
                self._take(node)

    def _take(self, node: ast.stmt) -> None:
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            return  # a docstring
        defined = list(_defined(node))
        if not defined:
            self._statements.add(ast.dump(node))
        if isinstance(node, ast.Import | ast.ImportFrom):
            self._imported.update(defined)
        values = [one.value for one in _assigned(node)]
        if not all(_is_constant(value, self._variables) for value in values if value is not None):
            self._variables.update(defined)
        for name in defined:
            self.names[name] |= _names(node)
            self._texts[name].append(ast.dump(node))
            self._nodes[name].append(node)

    def changed_from(self, right: _Module) -> set[str]:
        """The names that mean something else here; with `EVERYTHING` among them, where that cannot be said."""
        if self._statements != right._statements:
            return {EVERYTHING}
        texts = {name: (set(found), found[-1]) for name, found in self._texts.items()}
        before = {name: (set(found), found[-1]) for name, found in right._texts.items()}
        changed = {name for name in texts.keys() | before.keys() if texts.get(name) != before.get(name)}
        for name in list(changed):
            changed |= (self.names[name] & self._variables) if name in self.names else set()
            if self.names.get(name, set()) & SHARED:
                changed.add(EVERYTHING)
            for node in self._nodes.get(name, ()):
                changed |= self._written(node)
        return changed

    def _written(self, node: ast.stmt) -> set[str]:
        """The names of the module that a definition changes when it runs."""
        found: set[str] = set()
        for one in ast.walk(node):
            if isinstance(one, ast.Global):
                found.update(one.names)
            if isinstance(one, ast.Attribute) and isinstance(one.ctx, ast.Store | ast.Del):
                root: ast.expr = one
                while isinstance(root, ast.Attribute | ast.Subscript | ast.Call):
                    root = root.func if isinstance(root, ast.Call) else root.value
                if isinstance(root, ast.Name) and root.id in self.names:
                    found.add(EVERYTHING if root.id in self._imported else root.id)
        return found


def _reached(asked: Iterable[str], names: Sequence[Names]) -> set[str]:
    """All names that these lead to."""
    found: set[str] = set()
    left = list(asked)
    while left:
        name = left.pop()
        if name not in found:
            found.add(name)
            left += [other for each in names for other in each.get(name, ())]
    return found


def _defined(node: ast.stmt) -> Iterator[str]:
    """The names that a statement of a module defines; none for one that does something else as well."""
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            yield node.name
        case ast.Import() | ast.ImportFrom():
            yield from ((alias.asname or alias.name).partition(".")[0] for alias in node.names)
        case ast.Assign():
            yield from (name for target in node.targets for name in _targets(target))
        case ast.AnnAssign() | ast.AugAssign():
            yield from _targets(node.target)


def _targets(target: ast.expr) -> Iterator[str]:
    yield from (one.id for one in ast.walk(target) if isinstance(one, ast.Name))


def _assigned(node: ast.stmt) -> list[ast.Assign | ast.AnnAssign | ast.AugAssign]:
    """The assignments of a statement of the module, or in the body of a class."""
    body = node.body if isinstance(node, ast.ClassDef) else [node]
    return [one for one in body if isinstance(one, ast.Assign | ast.AnnAssign | ast.AugAssign)]


def _is_constant(value: ast.expr, variables: set[str]) -> bool:
    """Whether nobody can change this value in place: numbers, texts, types, and other names of these."""
    match value:
        case ast.Tuple():
            return all(_is_constant(one, variables) for one in value.elts)
        case ast.Name():
            return value.id not in variables
        case ast.UnaryOp():
            return _is_constant(value.operand, variables)
        case ast.BinOp():
            return _is_constant(value.left, variables) and _is_constant(value.right, variables)
        case ast.Subscript(value=ast.Name(id=name)):  # Shape = tuple[int, ...]
            return name in TYPES
    return isinstance(value, ast.Constant | ast.Attribute)


def _names(node: ast.AST) -> set[str]:
    """The names in a definition: of variables, attributes and imports, and texts that may name something."""
    found: set[str] = set()
    for one in ast.walk(node):
        match one:
            case ast.Name():
                found.add(one.id)
            case ast.Attribute():
                found.add(one.attr)
            case ast.alias():
                found.update(one.name.split("."))
            case ast.Constant(value=str() as text) if text.isidentifier():
                found.add(text)
            case ast.Call(func=ast.Name(id="getattr"), args=[owner, name, *_]) if _is_computed(owner, name):
                found.add(EVERYTHING)
    return found | ({EVERYTHING} if found & LOOKED_UP else set())


def _is_computed(owner: ast.expr, name: ast.expr) -> bool:
    """Whether a name is put together while the code runs; an object's own attributes are in its class."""
    is_own = isinstance(owner, ast.Name) and owner.id == "self"
    return not is_own and not isinstance(name, ast.Name | ast.Constant | ast.Attribute | ast.Subscript)
