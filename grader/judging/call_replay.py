"""Repeats calls with the student's objects, and experiments, on a model of staff: the reference or a mistake.

A call that gave a handle gives an object here, made by the model in the judge's process. Where the handle was called,
read, combined or passed on afterwards, that object is used. Objects change as they are used, so each replay makes its
own and remembers nothing.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
import torch

from grader.errors import StudentError
from grader.guest import codec
from grader.guest.values import OPERATORS, printing
from grader.judging.answers import Model, Reply, reply_of
from grader.judging.bridge.examination import RecordedCall
from grader.judging.bridge.student import Handle, Unsent
from grader.judging.compare import Disagreement
from grader.judging.trees import parts, tree_map
from grader.outcome import Verdict


class Replay:
    """One check's calls on one model, in their order."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._objects: dict[int, Any] = {}  # the model's, by the identity of the handle that each stands for

    def reply(self, call: RecordedCall) -> Reply:
        """What the model does to this call, as the judge would have received it: `Opaque`s stand for objects.

        The objects are taken for the handles in the student's answer from here on.
        """
        kept: list[Any] = []
        try:
            reply = reply_of(self._function(call), self._own(call.args), self._own(call.kwargs))
            if reply.error is None:
                reply = Reply(_received(reply.value, kept), None, reply.changed)
        except (AttributeError, KeyError, MemoryError, codec.ProtocolError) as error:
            # No such function, a stray handle, no room for it, or something that cannot be sent.
            return Reply(None, error, ())
        self._objects |= dict(zip(map(id, _handles(call.answer)), kept, strict=False))
        return reply

    def _function(self, call: RecordedCall) -> Callable[..., Any]:
        if call.operation == "call":
            return self._model._function(call.function) if call.target is None else self._own(call.target)  # type: ignore[no-any-return]
        function = getattr if call.operation == "get" else OPERATORS[call.operation]
        return function if call.target is None else partial(function, self._own(call.target))

    def _own(self, value: Any) -> Any:
        """The same, with the model's object for each handle."""
        return tree_map(lambda leaf: self._objects[id(leaf)] if isinstance(leaf, Handle) else leaf, value)


class LocalHandle(Unsent):
    """A model in the place of `student` while an experiment is repeated, or an object that it made.

    Arguments are copied, answers become plain data and exceptions a `StudentError`, as on the wire; nothing is
    remembered. Objects are not calculated with: no experiment does so yet.
    """

    def __init__(self, read: Callable[[str], Any], itself: Any = None) -> None:
        self._read = read
        self._itself = itself

    @property
    def _type_name(self) -> str:
        return type(self._itself).__name__

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        try:
            value = self._read(name)
        except Exception as error:
            raise _as_a_students(error) from error
        return _as_received(value)

    @property
    def probes(self) -> LocalHandle:
        """Staff's functions of `probes.py`, asked of this model."""
        return LocalHandle(lambda name: self._read(codec.PROBES + name))

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return _as_received(self._reply(args, kwargs).value)

    def printed(self, *args: Any, **kwargs: Any) -> Any:
        """What it prints."""
        return LocalHandle(self._read, printing(self._itself))(*args, **kwargs)

    def inputs_changed(self, *args: Any, **kwargs: Any) -> tuple[str, ...]:
        """The names of the arguments that it changes in place."""
        return self._reply(args, kwargs).changed

    def _reply(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Reply:
        reply = reply_of(self._itself, args, kwargs)
        if reply.error is not None:
            raise _as_a_students(reply.error) from reply.error
        return reply


def tried(model: Model, experiment: Callable[[Any], None], trial: int) -> Reply:
    """What becomes of an experiment on a model: the message with which it fails, None where it passes, or an error.

    A trial's random numbers are the same each time, and this process's own go on as if nothing had been.
    """
    ours = torch.get_rng_state(), np.random.get_state(), random.getstate()  # noqa: NPY002 - what a mistake may use
    torch.default_generator.manual_seed(trial)
    np.random.seed(trial)  # noqa: NPY002 - as above
    random.seed(trial)
    try:
        experiment(LocalHandle(model._function))
    except Disagreement as wrong:
        return Reply(wrong.message, None, ())
    except Exception as error:  # noqa: BLE001 - of the mistake's: it may raise anything
        return Reply(None, error, ())
    finally:
        torch.set_rng_state(ours[0])
        np.random.set_state(ours[1])  # noqa: NPY002 - as above
        random.setstate(ours[2])
    return Reply(None, None, ())


def _as_a_students(error: Exception) -> StudentError:
    bases = tuple(one.__name__ for one in type(error).__mro__[1:] if issubclass(one, Exception))
    return StudentError(Verdict.ERROR, str(error), type(error).__name__, bases)


def _as_received(value: Any) -> Any:
    """An answer as the judge would have received it, with a `LocalHandle` for each handle."""
    kept: list[Any] = []

    def local(leaf: Any) -> Any:
        if not isinstance(leaf, codec.Opaque):
            return leaf
        itself = kept[leaf.id]
        return LocalHandle(partial(getattr, itself), itself)

    return tree_map(local, _received(value, kept))


def holds_object(call: RecordedCall) -> bool:
    """Whether an object of the student's has a part in this call."""
    return call.target is not None or any(True for _ in _handles((call.args, call.kwargs, call.answer)))


def _handles(value: Any) -> Iterator[Handle]:
    """The handles in plain data, in the order in which the wire packs them."""
    return (part for part in parts(value) if isinstance(part, Handle))


def _received(value: Any, kept: list[Any]) -> Any:
    """An answer after its way over the wire; what would stay on the other side is added to `kept`."""

    def keep(one: Any) -> codec.Opaque:
        kept.append(one)
        return codec.Opaque(len(kept) - 1, type(one).__name__[: codec.TYPE_NAME_CAP])

    packer = codec.Packer(keep)
    received = codec.parse(codec.encode(codec.Answer(packer.pack(value)), packer))
    return received.value(received.body.value)
