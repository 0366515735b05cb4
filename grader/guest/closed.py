"""Ways past torch's dispatcher, closed because a ban could be avoided by them.

To replace a name is not enough: the function itself can still be found through the garbage collector, a module or a
class. So each C function is changed in its own memory: from then on that object passes each call to one that refuses,
for every name and every holder. Nothing in Python leads back to what it called before.

TorchScript is closed as a whole (its graphs, passes, tracing, differentiation, saved programs and their interpreters),
and so are the compiler's runtimes and the import of compiled modules, because a second numpy would have all functions
again.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import re
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import Any, NoReturn

import torch

from grader.guest.no_compiler import as_it_is

# Everything of these is closed: TorchScript's syntax, its code generator, and what runs compiled or lazy graphs.
_MODULES = {"_aoti", "_export", "_jit", "_jit_tree_views", "_lazy", "_lazy_ts_backend", "_nativert", "_te"}
_MODULES |= {"_dynamo.autograd_compiler", "_dynamo.eval_frame"}
# What TorchScript binds is known by its types in a signature, and else by its name.
_SIGNATURE = re.compile(r"torch::jit::|torch\._C\.(Script|Graph|Node|Block|Value|CompilationUnit)|torch\.jit\.")
_FUNCTION = re.compile(
    r"^_jit_|^parse_ir|ir_module|trac(ing|er)|from_trace|lite_interpreter|mobile|flatbuffer|native_aot|graph_exec"
    r"|autodiff|torchscript|static_module|custom_class|^_create_(function|graph|module|object|method)"
)
_CLASS = re.compile(r"^(Script|LiteScript|Graph|Gradient|ExecutionPlan|StaticModule|Complete|ArgumentSpec|Compilation)")
# What eager torch asks of it: whether it is at work, what operators look like, and settings without effect.
_ASKED = {
    "_get_tracing_state",
    "_is_tracing",
    "_jit_get_all_schemas",
    "_jit_get_emit_hooks",
    "_jit_get_operation",
    "_jit_get_schemas_for_operator",
    "_jit_set_autocast_mode",
    "_jit_set_emit_hooks",
    "_tracer_warn_use_python",
    "_saved_tensors_hooks_set_tracing",
    "_set_lru_cache",
}
_DECORATORS = ("script", "script_method", "script_if_tracing", "interface")
# Of Python's own compiled modules, those that no solution needs: tests of Python itself and terminals. Another
# interpreter in this process would have modules of its own, with everything that was taken out of these.
_NOT_NEEDED = re.compile(r"_?xx|_test|_ctypes_test|_interp|_?curses|_tkinter|readline|nis|ossaudiodev")
_OTHER_INTERPRETERS = ("_xxsubinterpreters", "_interpreters")
_NUMPY_PACKAGES = ("fft", "linalg", "ma", "polynomial", "random")  # which numpy loads on first use

_VARARGS_AND_KEYWORDS = 0x0001 | 0x0002  # Python's METH_VARARGS | METH_KEYWORDS


class OperatorBanned(RuntimeError):
    """The submission called an operator that the assignment forbids."""


def refusal(what: str, kind: type[Exception] = OperatorBanned) -> Callable[..., NoReturn]:
    """A function that takes anything and raises "this assignment forbids `what`"."""

    def refuse(*_args: Any, **_kwargs: Any) -> NoReturn:
        raise kind(f"this assignment forbids {what}")

    return refuse


class _Method(ctypes.Structure):
    """Python's PyMethodDef."""

    _fields_ = (
        ("name", ctypes.c_char_p),
        ("function", ctypes.c_void_p),
        ("flags", ctypes.c_int),
        ("doc", ctypes.c_char_p),
    )


class _Function(ctypes.Structure):
    """Python's PyCFunctionObject."""

    _fields_ = (
        ("object", ctypes.c_byte * object.__basicsize__),
        ("method", ctypes.c_void_p),
        ("self", ctypes.c_void_p),
        ("module", ctypes.c_void_p),
        ("weak_references", ctypes.c_void_p),
        ("vectorcall", ctypes.c_void_p),
    )


def divert(function: Any, to: Callable[..., Any]) -> None:
    """Have a C function, the object itself, hand all its calls on to another callable, for the rest of this process.

    `PyObject_Call(callable, args, kwargs)` is what a C function of Python's looks like, so it takes the old one's place
    and the other callable the place of its `self`.
    """
    if type(function) is not BuiltinFunctionType:
        raise TypeError(f"{function!r} is no C function of its own")
    call = ctypes.cast(ctypes.pythonapi.PyObject_Call, ctypes.c_void_p).value
    method = _Method(function.__name__.encode(), call, _VARARGS_AND_KEYWORDS, None)
    keep_for_ever(method)
    keep_for_ever(to)
    fields = _Function.from_address(id(function))
    fields.vectorcall = None
    fields.self = id(to)
    fields.method = ctypes.addressof(method)


def silence(function: FunctionType, what: str) -> None:
    """Let a Python function, and those that it wraps, raise "this assignment forbids `what`", for every holder."""
    source = f"def refuse(*args, **kwargs):\n    raise RuntimeError({f'this assignment forbids {what}'!r})\n"
    inner: Any = function
    while isinstance(inner, FunctionType):
        namespace: dict[str, Any] = {}
        exec(compile(source, "<forbidden>", "exec"), namespace)  # noqa: S102 - the lines above
        inner.__code__ = namespace["refuse"].__code__.replace(co_freevars=inner.__code__.co_freevars)
        inner = vars(inner).get("__wrapped__")


def keep_for_ever(thing: Any) -> None:
    """Let it outlive this process, without a reference that anything could find."""
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(thing))


def close_torchscript() -> None:
    """TorchScript compiles, records, loads, changes and runs nothing more. Its decorators hand back what they get."""
    _keep_operators()
    for module in _modules(torch._C):
        is_closed = module.__name__.removeprefix("torch._C.") in _MODULES
        for name, value in list(vars(module).items()):
            if _is_bound(value) and (is_closed or _is_its_class(name, value)):
                _close_class(name, value)
            elif type(value) is BuiltinFunctionType and name not in _ASKED and (is_closed or _is_its(name, value)):
                divert(value, refusal(f"TorchScript's `{name}`"))
    for name in _DECORATORS:
        if hasattr(torch.jit, name):
            replace(getattr(torch.jit, name), as_it_is)


def _keep_operators() -> None:
    """Let an operator be looked up only if it goes through the dispatcher.

    TorchScript has others, which call kernels directly. `torch.ops` gets a table of those that are left, for a function
    that looked them up would carry the original along, where it could be found.
    """
    registered = torch._C._dispatch_get_all_op_names()
    packets = {name: torch._C._jit_get_operation(name) for name in {full.split(".")[0] for full in registered}}
    overloads = {full: torch._C._get_operation_overload(*_in_two(full)) for full in registered}

    def packet(name: str) -> tuple[Any, list[str] | None]:
        if name in packets:
            return packets[name]
        found = [_in_two(full)[1] for full in torch._C._dispatch_get_all_op_names() if _in_two(full)[0] == name]
        return (_dispatched(name, found[0]), found) if found else (None, None)

    def overload_of(name: str, overload: str) -> tuple[Any, Any, list[Any]] | None:
        full = f"{name}.{overload}" if overload else name
        if full in overloads:
            return overloads[full]
        if full in torch._C._dispatch_get_all_op_names():  # defined since: by a module of torch's, or by a submission
            call = _dispatched(name, overload)
            return call, lambda _keys, *args, **kwargs: call(*args, **kwargs), []
        return None

    divert(torch._C._jit_get_operation, packet)
    divert(torch._C._get_operation_overload, overload_of)


def _dispatched(name: str, overload: str) -> Callable[..., Any]:
    operator = torch._C._dispatch_find_schema_or_throw(name, overload)
    return lambda *args, **kwargs: torch._C._dispatch_call_boxed(operator, *args, **kwargs)


def _in_two(full: str) -> tuple[str, str]:
    name, _, overload = full.partition(".")
    return name, overload


def _modules(module: ModuleType) -> Iterator[ModuleType]:
    """A module of torch's C part and all modules in it."""
    found = {module.__name__: module}
    waiting = [module]
    while waiting:
        for value in list(vars(waiting.pop()).values()):
            if isinstance(value, ModuleType) and value.__name__.startswith("torch._C.") and value.__name__ not in found:
                found[value.__name__] = value
                waiting.append(value)
    yield from found.values()


def _is_bound(value: Any) -> bool:
    return type(value).__name__ == "pybind11_type"


def _is_its_class(name: str, value: type) -> bool:
    return bool(_CLASS.search(name)) or any(_SIGNATURE.search(f.__doc__ or "") for _, f in _functions(value))


def _is_its(name: str, function: Any) -> bool:
    return bool(_FUNCTION.search(name) or _SIGNATURE.search(function.__doc__ or ""))


def _functions(value: type) -> Iterator[tuple[str, Any]]:
    for name, entry in list(vars(value).items()):
        function = getattr(entry, "__func__", entry)  # of a method or a static one
        if type(function) is BuiltinFunctionType:
            yield name, function


def _close_class(name: str, value: type) -> None:
    for attribute, function in _functions(value):
        divert(function, refusal(f"TorchScript's `{name}.{attribute}`"))


def replace(old: Any, new: Any) -> None:
    """Put `new` wherever a torch module holds `old`."""
    for module in [module for name, module in list(sys.modules.items()) if name.split(".")[0] == "torch"]:
        for attribute in [a for a, value in vars(module).items() if value is old]:
            setattr(module, attribute, new)


def close_imports() -> None:
    """No compiled module is loaded any more, from any place. Those that honest work needs are loaded before."""
    for name in _NUMPY_PACKAGES:
        importlib.import_module(f"numpy.{name}")
    for name in {*_of_python(), *sys.builtin_module_names}:
        if name not in sys.modules and not _NOT_NEEDED.match(name):
            # A library may be missing on this system, and a module on its way out of Python.
            with contextlib.suppress(ImportError), warnings.catch_warnings(action="ignore"):
                importlib.import_module(name)
    for name in _OTHER_INTERPRETERS:
        if name in sys.modules or name in sys.builtin_module_names:
            for attribute, value in vars(importlib.import_module(name)).items():
                if type(value) is BuiltinFunctionType:
                    divert(value, refusal(f"`{name}.{attribute}`"))
    for create in (sys.modules["_imp"].create_dynamic, sys.modules["_imp"].create_builtin):
        divert(create, refusal("loading compiled modules", ImportError))


def _of_python() -> list[str]:
    folders = [Path(path) for path in sys.path if path.endswith("lib-dynload")]
    return [file.name.split(".")[0] for folder in folders if folder.is_dir() for file in sorted(folder.iterdir())]
