"""Runs a student's module as far as it goes: a statement at its end that fails takes nothing that stands before it.

What is graded is what is defined: after `plt.show()`, `torch.load("data.pt")` or an own assert has failed, the
functions above it are there. A module ends at the first statement that fails; in a notebook only that cell does, as in
Jupyter. An import that fails gives a name whose use fails, and only the statements that use it are left out: pictures
cost nothing else, and neither does what a notebook's export asks of IPython.
"""

from __future__ import annotations
import __future__

import ast
import os
import re
import signal
import types
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn

CELL = re.compile(r"(?:.*  )?# In \[\d+\]:\s*$")  # what `intake.notebook` writes before each cell
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
OF_IPYTHON = ("get_ipython", "display")
MOST = 50  # failures of one module that are told
TEXT_CAP = 300


class TookTooLong(BaseException):
    """No `except Exception` of the student's takes it for an error of theirs."""


@dataclass
class Ran:
    """How far a module went."""

    said: list[str] = field(default_factory=list)  # what failed and where
    too_long: int = 0  # the line that took too long


def run(source: bytes, path: str, module: types.ModuleType, *, skip: int = 0) -> Ran:
    """Run the module's source in its namespace. `skip`: the line of a statement that is known to take too long.

    Raises what the student's code raised where nothing had been defined before, and `MemoryError` wherever it comes.
    """
    ran = Ran()
    name = os.path.basename(path)
    text = source.decode("utf-8", "replace")
    starts = [number for number, line in enumerate(text.splitlines(), start=1) if CELL.match(line)]
    is_notebook = bool(starts) and starts[0] == 1
    tree = _parsed(source, text, path, starts if is_notebook else [], ran)
    flags = _flags(tree)
    body = [single for statement in tree.body for single in _singles(statement)]
    while body:
        try:
            number = next((at for at, one in enumerate(body) if skip and _first(one) <= skip <= _end(one)), len(body))
            code = compile(ast.Module(body[:number], []), path, "exec", flags, dont_inherit=True)
            exec(code, vars(module))  # noqa: S102 - what this process is for
            if number == len(body):
                return ran
            raise TookTooLong
        except MemoryError:
            raise
        except BaseException as error:
            line = skip if number < len(body) and isinstance(error, TookTooLong) else _line(error, path)
            at = next((at for at, one in enumerate(body) if _first(one) <= line <= _end(one)), len(body) - 1)
            failed = body[at]
            if isinstance(error, ImportError) and isinstance(failed, (ast.Import, ast.ImportFrom)):
                _stand_in(failed, error, vars(module))
                _say(ran, f"{name}, line {line}: {_text(error)}. Only what uses it fails.")
                body = body[at + 1 :]
                continue
            if _is_of_absent(error):
                for one in ast.walk(failed) if not isinstance(failed, DEFINITIONS) else ():
                    if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store):
                        vars(module).setdefault(one.id, Absent(one.id, error))
                _say(ran, f"{name}, line {line}: {_text(error)}. This statement was left out.")
                body = body[at + 1 :]
                continue
            if not is_notebook and not _defines(module):
                raise
            where = f"{name}, line {line}: {_text(error)}"
            if isinstance(error, TookTooLong):
                ran.too_long = line
                where = f"{name}, line {line}: this takes too long when the module is loaded"
            behind = next((start for start in starts if start > line), None) if is_notebook else None
            rest = "The cells behind it were run." if is_notebook else "What stands behind it was not run."
            _say(ran, f"{where}. {rest}")
            body = [one for one in body[at + 1 :] if behind is not None and one.lineno >= behind]
    return ran


def interrupt_after(seconds: float) -> None:
    """Raise `TookTooLong` in what runs after so many seconds, and again if that is caught; with 0, no longer."""
    if seconds:
        signal.signal(signal.SIGALRM, _too_long)
    signal.setitimer(signal.ITIMER_REAL, seconds, seconds / 20)
    if not seconds:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)


def _too_long(*_: object) -> NoReturn:
    raise TookTooLong


def _parsed(source: bytes, text: str, path: str, starts: Sequence[int], ran: Ran) -> ast.Module:
    """The module's syntax tree; of a notebook without the cells that are no Python."""
    lines = text.splitlines(keepends=True)
    for _ in range(len(starts) + 1):
        try:
            compile(source, path, "exec", dont_inherit=True)  # a `return` of its own is no fault to `ast.parse`
            break
        except SyntaxError as error:
            first = max((start for start in starts if start <= (error.lineno or 0)), default=0)
            if not first or len(starts) == 1:
                raise
            end = next((start for start in starts if start > first), len(lines) + 1)
            lines[first : end - 1] = ["\n"] * (end - 1 - first)
            source = "".join(lines).encode()
            where = f"{os.path.basename(path)}, line {error.lineno}: invalid Python: {error.msg}"
            _say(ran, f"{where}. The other cells were run.")
    return ast.parse(source, path)


def _singles(statement: ast.stmt) -> list[ast.stmt]:
    """`import a, b` as two statements, of which one may fail."""
    if not isinstance(statement, ast.Import):
        return [statement]
    return [ast.copy_location(ast.Import([one]), statement) for one in statement.names]


def _flags(tree: ast.Module) -> int:
    """What imports from `__future__` ask of the compiler, for each piece of the module."""
    names = [
        one.name
        for statement in tree.body
        if isinstance(statement, ast.ImportFrom) and statement.module == "__future__"
        for one in statement.names
    ]
    features = [getattr(__future__, name, None) for name in names]
    return sum(feature.compiler_flag for feature in features if feature is not None)


def _line(error: BaseException, path: str) -> int:
    """The line of the module's own statement that failed."""
    at, line = error.__traceback__, 0
    while at is not None:
        if at.tb_frame.f_code.co_filename == path and at.tb_frame.f_code.co_name == "<module>":
            line = at.tb_lineno
            break
        at = at.tb_next
    return line or (error.lineno or 0 if isinstance(error, SyntaxError) else 0)


def _is_of_absent(error: BaseException) -> bool:
    """Whether it is the use of what could not be imported, or of what IPython alone has."""
    if isinstance(error, NameError) and error.name in OF_IPYTHON:
        return True
    at = error.__traceback__
    while at is not None and at.tb_next is not None:
        at = at.tb_next
    return at is not None and at.tb_frame.f_code is Absent._fails.__code__


def _first(statement: ast.stmt) -> int:
    """The line where it begins: a function's or a class's with what decorates it."""
    decorators = statement.decorator_list if isinstance(statement, DEFINITIONS) else []
    return min([statement.lineno, *(one.lineno for one in decorators)])


def _end(statement: ast.stmt) -> int:
    return statement.end_lineno or statement.lineno


def _defines(module: types.ModuleType) -> bool:
    """Whether it has defined a function or a class by now."""
    own = [one for one in vars(module).values() if isinstance(one, (types.FunctionType, type))]
    return any(one.__module__ == module.__name__ for one in own)


def _text(error: BaseException) -> str:
    try:
        said = " ".join(str(error).split())[:TEXT_CAP]
    except Exception:
        said = ""
    return f"{type(error).__name__}: {said}" if said else type(error).__name__


def _say(ran: Ran, sentence: str) -> None:
    if len(ran.said) < MOST:
        ran.said.append(sentence)


def _stand_in(statement: ast.Import | ast.ImportFrom, error: BaseException, names: dict[str, Any]) -> None:
    """Bind the names that a failed import would have bound."""
    for one in statement.names:
        name = one.asname or (one.name.partition(".")[0] if isinstance(statement, ast.Import) else one.name)
        if name != "*":
            names.setdefault(name, Absent(name, error))


class Absent:
    """What could not be imported: whatever is done with it raises what the import did, but for looking something up."""

    def __init__(self, name: str, error: BaseException) -> None:
        self._name, self._error = name, error

    def __getattr__(self, name: str) -> Absent:
        if name.startswith("__"):
            raise AttributeError(name)
        return Absent(f"{self._name}.{name}", self._error)

    def __getitem__(self, _: object) -> Absent:  # as in an annotation, which must not cost a function
        return self

    __or__ = __ror__ = __getitem__

    def _fails(self, *_: object, **__: object) -> NoReturn:
        raise type(self._error)(*self._error.args)

    __call__ = __setitem__ = __delitem__ = __iter__ = __len__ = __bool__ = __enter__ = __mro_entries__ = _fails
    __add__ = __sub__ = __mul__ = __matmul__ = __truediv__ = __eq__ = __lt__ = __gt__ = __contains__ = _fails
    __radd__ = __rsub__ = __rmul__ = __rtruediv__ = __le__ = __ge__ = __neg__ = __instancecheck__ = _fails
    __hash__ = object.__hash__


def sentences(ran: Mapping[str, Ran]) -> list[str]:
    """What failed in any of a submission's modules."""
    return [sentence for one in ran.values() for sentence in one.said]
