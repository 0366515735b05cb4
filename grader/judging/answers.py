"""The trusted side's own answers: the reference and the mistakes, each function computed once per set of arguments."""

from __future__ import annotations

import contextlib
import hashlib
import io
import math
import warnings
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import torch

from grader.guest import codec, frames
from grader.guest.stand_ins import wired
from grader.guest.values import differs, printing
from grader.homework import Homework, module_from_source
from grader.judging.bridge.student import Handle
from grader.judging.draws import Memory
from grader.judging.trees import parts, tree_map


class _Silence(io.TextIOBase):
    """Takes what a training of staff's prints: the judge's own output is for its user."""

    def write(self, text: str) -> int:
        return len(text)


_SILENT = _Silence()
OVERHEAD = 1 << 10  # bytes of an answer beside its tensors, about


class Model:
    """A module of staff's (the reference, or one mistake) whose answers are remembered.

    `model.f(x)` calls its function `f` with copies of its arguments. Answers are shared: do not change them.
    """

    def __init__(
        self,
        name: str,
        source: str,
        path: str,
        drawn: Memory | None = None,
        probes: str = "",
        *,
        forgets_above: float = math.inf,
        folder: Path | None = None,
        others: Mapping[str, str] | None = None,
    ) -> None:
        self._source = (name, source, path)
        self._others = others  # sources of its other modules, by their files' names
        self._folder = folder  # where its functions find data files, as they do in the sandbox
        self._forgets_above = forgets_above  # bytes of an answer that is only kept as long as there is room
        self._probes_source = probes
        self._probes: ModuleType | None = None
        self._drawn = drawn or Memory()
        self._module: ModuleType | None = None
        self._memory: dict[Any, Reply] = {}
        self._recent = self._drawn.recent  # answers to arguments that are known by their contents alone

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("_"):
            raise AttributeError(name)

        def ask(*args: Any, **kwargs: Any) -> Any:
            reply = self._reply(name, args, kwargs)
            if reply.error is not None:
                raise reply.error
            return reply.value

        ask.__name__ = name
        if not name.startswith((codec.PRINTED, codec.WIRED)):
            ask.printed = getattr(self, codec.PRINTED + name)  # type: ignore[attr-defined]
            ask.wired = getattr(self, codec.WIRED + name)  # type: ignore[attr-defined]
        return ask

    @property
    def probes(self) -> ProbesOfModel:
        """Staff's functions of `probes.py`, asked of this model."""
        return ProbesOfModel(self)

    def _key(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Names a call by all that goes into it, for this model and those of the same run; None where nothing can."""
        named = self._drawn.name(args, kwargs)
        return digest(name, args, kwargs) if named is None else (name, named)

    def _reply(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any], key: Any = None) -> Reply:
        """Its answer, or its exception, and the arguments that it changed in place."""
        key = key or self._key(name, args, kwargs)
        if key is None:
            return self._compute(name, args, kwargs)
        known: Reply | None = self._memory.get(key) or self._recent.get((self, key))
        if known is not None:
            return known
        reply = self._compute(name, args, kwargs)
        if isinstance(reply.error, MemoryError):  # of this moment; the next time there may be room
            return reply
        size = _size(reply.value)
        if isinstance(key, bytes) or size > self._forgets_above:
            self._recent.keep((self, key), reply, OVERHEAD + size)
        else:
            self._memory[key] = reply
        return reply

    def knows(self, key: Any) -> bool:
        """Whether the call of this key is answered without computing anything."""
        return key in self._memory or (self, key) in self._recent

    def _compute(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Reply:
        return reply_of(partial(self._call, name), args, kwargs)

    def _call(self, name: str, /, *args: Any, **kwargs: Any) -> Any:
        return self._function(name)(*args, **kwargs)

    def _function(self, name: str) -> Any:
        """The module's own function. Raises `AttributeError`."""
        if self._folder is None:
            return self._bare(name)
        with contextlib.chdir(self._folder):
            return partial(_called_in, self._folder, self._bare(name))

    def _bare(self, name: str) -> Any:
        if self._module is None:
            self._module = module_from_source(*self._source, self._others)
        if name.startswith(codec.PRINTED):
            return printing(self._function(name.removeprefix(codec.PRINTED)))
        if name.startswith((codec.PROBES, codec.WIRED)) and self._probes is None:
            self._probes = module_from_source(f"{self._source[0]}_probes", self._probes_source, "probes.py")
        if name.startswith(codec.WIRED):
            return wired(self._module, name.removeprefix(codec.WIRED), vars(self._probes)["STAND_INS"])
        if name.startswith(codec.PROBES):
            return partial(getattr(self._probes, name.removeprefix(codec.PROBES)), self._module)
        return getattr(self._module, name)


def _size(value: Any) -> int:
    """Bytes of the tensors and arrays in plain data."""
    return sum(part.nbytes for part in parts(value) if isinstance(part, torch.Tensor | np.ndarray))


class ProbesOfModel:
    """`model.probes.f(x)` runs staff's probe `f` on the model."""

    def __init__(self, model: Model) -> None:
        self._model = model

    def __getattr__(self, name: str) -> Callable[..., Any]:
        return self._model.__getattr__(codec.PROBES + name)


class Reply:
    """What a function of a `Model` answered."""

    __slots__ = ("changed", "error", "value")

    def __init__(self, value: Any, error: Exception | None, changed: tuple[str, ...]) -> None:
        self.value = value
        self.error = error
        self.changed = changed


def reply_of(function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Reply:
    """What a function does to copies of these arguments; nothing is remembered."""
    own_args = tree_map(_copy, args)
    own_kwargs = tree_map(_copy, kwargs)
    try:
        with contextlib.redirect_stdout(_SILENT), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a mistake may build layers without any weights, say
            value = function(*own_args, **own_kwargs)
    except Exception as error:  # a mistake may raise anything; so may the reference, where that is asked
        return Reply(None, error, ())
    pairs = [(f"argument {i + 1}", args[i], own_args[i]) for i in range(len(args))]
    pairs += [(f"`{key}`", kwargs[key], own_kwargs[key]) for key in kwargs]
    changed = tuple(label for label, sent, now in pairs if differs(sent, now))
    return Reply(value, None, changed)


def reference_of(homework: Homework, drawn: Memory | None = None) -> Model:
    """The model answer of a homework. `drawn` knows the inputs of the run by their identity."""
    path = str(homework.reference / homework.assignment.files[0])
    name, source, probes = f"reference_{homework.assignment.name}", homework.reference_source, homework.probes_source
    return Model(name, source, path, drawn, probes, folder=data_folder(homework), others=homework.other_sources)


def data_folder(homework: Homework) -> Path | None:
    """Where a homework's data files are; None where it has none."""
    return homework.public if homework.assignment.sandbox.data else None


def _called_in(folder: Path, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
    with contextlib.chdir(folder):
        return function(*args, **kwargs)


def digest(name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> bytes | None:
    """Names a call by all that goes into it; None where the wire would not carry it (a handle, say)."""
    try:
        packer = codec.Packer()
        plain = repr((name, packer.pack(args), packer.pack(kwargs), packer.layouts))
    except codec.ProtocolError:
        return None
    digest = hashlib.blake2b(plain.encode(), digest_size=16)
    for buffer in packer.buffers:
        digest.update(buffer)
    return digest.digest()


def _copy(value: Any) -> Any:
    match value:
        case torch.Tensor():
            return value.clone()
        case np.ndarray():
            return value.copy()
        case set():
            return set(value)
        case _ if frames.is_frame(value):
            return value.copy()
        case codec.Shared():
            return value.tensor.clone()
        case Handle():
            raise TypeError("a handle means nothing outside its own sandbox")
    return value
