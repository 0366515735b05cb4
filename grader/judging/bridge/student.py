"""`student` in a hidden suite: the submission's functions, called across the wire and recorded."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from functools import partial
from typing import Any, NoReturn

import numpy as np
from torch import Tensor

from grader.errors import InfraError, StudentError
from grader.guest import codec
from grader.judging.bridge.examination import GONE, REQUEST_SIZE, Examination, RecordedCall, Request, Training
from grader.judging.compare import Disagreement
from grader.judging.draws import Memory
from grader.judging.trees import parts, tree_map
from grader.judging.wording import kind
from grader.outcome import Verdict
from grader.sandbox.fork import Fork

REQUESTS = 4096  # kept encoded in a run
REMEMBERED_SIZE = 1 << 20  # bytes of an answer that is kept for all of a submission's checks
TENSORS_CAP = 64 << 20  # bytes of tensors in one request: an answer that goes back may name one 4,096 times


class Requests:
    """The calls of a run, as they were encoded: most are the same for every submission."""

    def __init__(self, drawn: Memory | None = None) -> None:
        self._drawn = drawn or Memory()
        self._known: dict[Any, Request] = {}

    def encode(self, function: str, args: tuple[Any, ...], kwargs: dict[str, Any], *, track: bool) -> Request:
        """The call of a submission's function."""
        named = self._drawn.name(args, kwargs)
        if named is None:
            return _encode(function, args, kwargs, track=track)
        key = (function, track, named)
        if key not in self._known:
            request = _encode(function, args, kwargs, track=track)
            if len(self._known) >= REQUESTS or len(request.frame) > REQUEST_SIZE:
                return request
            self._known[key] = request
        return self._known[key]


def _encode(
    target: str | codec.Opaque,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    operation: str = "call",
    *,
    label: str = "",
    track: bool = False,
    progress: bool = False,
) -> Request:
    packer = codec.Packer(_unwrap, TENSORS_CAP)
    call = codec.Call(target, packer.pack(args), packer.pack(kwargs), operation, track, progress)
    frame = codec.encode(call, packer)
    return Request(target, frame, packer.is_plain and isinstance(target, str), label or str(target))


class Student:
    """The submission's module. `student.f(x)` calls its function `f` in the sandbox.

    Answers are plain data, or `Handle`s for what cannot leave the sandbox. Raises `StudentError`, and `Disagreement`
    where one of `classes`, which make objects, makes plain data: a check would fail on that itself, in its own words.
    """

    def __init__(
        self, examination: Examination, requests: Requests | None = None, classes: Collection[str] = frozenset()
    ) -> None:
        self._examination = examination
        self._classes = classes
        self._requests = requests or Requests()
        self._memory: dict[bytes, tuple[Any, StudentError | None]] = {}

    def __getattr__(self, name: str) -> Function:
        if name.startswith("_"):
            raise AttributeError(name)
        return Function(self, name)

    @property
    def probes(self) -> Probes:
        """Staff's functions of `probes.py`, each of which is given the submission's module first."""
        return Probes(self)

    def _try_out(self, experiment: Callable[[Any], None]) -> None:
        """Run an experiment, and record it beside its calls, for the diagnosis."""
        calls = self._examination.calls
        begun = len(calls)
        recorded = RecordedCall("experiment", (), {}, experiment=experiment)
        try:
            experiment(self)
        except Disagreement as wrong:
            recorded.answer = wrong.message
            raise
        except StudentError as error:
            recorded.error = error
            raise
        finally:
            for call in calls[begun:]:
                call.within = True
            if len(calls) > begun:  # an experiment that asks nothing is no check
                calls.append(recorded)

    def _call(
        self,
        name: str,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        *,
        once: bool = False,
        track: bool = False,
        training: Training | None = None,
    ) -> RecordedCall:
        recorded = RecordedCall(name, args, kwargs)
        self._examination.calls.append(recorded)
        if training is None:
            encode = partial(self._requests.encode, name, args, kwargs, track=track)
        else:
            encode = partial(_encode, name, args, kwargs, progress=True)
        request = _sendable(self._examination, recorded, encode)
        # a later fork's objects have equal names
        key = request.frame if once and request.is_plain and len(request.frame) <= REQUEST_SIZE else b""
        if key and key in self._memory:
            recorded.answer, recorded.error = self._memory[key]
        else:
            size = 0
            try:
                frame = self._examination.ask(request, training)
                size = frame.size
                recorded.answer = _answer(self._examination, frame)
                recorded.changed = _named(args, kwargs, frame.body.changed) if track else None
            except StudentError as error:
                recorded.error = error
            # not an answer that was refused for lack of room: the next check may have room for it
            if key and size <= REMEMBERED_SIZE and not (size and recorded.error):
                self._memory[key] = recorded.answer, recorded.error
        if recorded.error is not None:
            raise recorded.error
        if name in self._classes and not isinstance(recorded.answer, Handle):
            raise Disagreement(f"`{name}` makes {kind(recorded.answer)}; an object is asked for")
        return recorded


class Probes:
    """The functions of `probes.py`. They run in the submission's process: what they return is its word."""

    def __init__(self, student: Student) -> None:
        self._student = student

    def __getattr__(self, name: str) -> Function:
        if name.startswith("_"):
            raise AttributeError(name)
        if not re.search(rf"^def {re.escape(name)}\b", self._student._examination.probes, re.MULTILINE):
            raise InfraError(f"the homework's probes.py has no function {name!r}")
        return Function(self._student, codec.PROBES + name)


class Function:
    """A function of the submission. To ask it raises `StudentError` where it does not answer."""

    def __init__(self, student: Student, name: str) -> None:
        self._student = student
        self.__name__ = name

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call it with copies of these arguments."""
        return self._student._call(self.__name__, args, kwargs).answer

    def once(self, *args: Any, **kwargs: Any) -> Any:
        """Call it, or repeat what it answered to the same arguments before: for outputs that are judged apart.

        With a `Handle` among the arguments, or more than a megabyte in them or the answer, it is always called.
        """
        return self._student._call(self.__name__, args, kwargs, once=True).answer

    def printed(self, *args: Any, **kwargs: Any) -> str:
        """What it prints, up to a cap, in place of what it returns."""
        said = self._student._call(codec.PRINTED + self.__name__, args, kwargs).answer
        if not isinstance(said, str):
            raise StudentError(Verdict.CRASH, "the submission's process sent no valid answer")
        return said

    @property
    def wired(self) -> Function:
        """The same function, with the `STAND_INS` of `probes.py` in the place of the submission's others."""
        if not re.search(r"^STAND_INS\b", self._student._examination.probes, re.MULTILINE):
            raise InfraError("the homework's probes.py has no STAND_INS")
        return Function(self._student, codec.WIRED + self.__name__)

    def inputs_changed(self, *args: Any, **kwargs: Any) -> tuple[str, ...]:
        """The names of the arguments that it changes in place, by the submission's own word."""
        return self._student._call(self.__name__, args, kwargs, track=True).changed or ()

    def training(self, seconds: float, on_line: Callable[[str], None], *args: Any, **kwargs: Any) -> Any:
        """Call it in a fork of its own, for at most so many seconds; `on_line` is told what it prints meanwhile.

        With a `Handle` among the arguments the fork is the one that holds it.
        """
        training = Training(seconds, on_line)
        return self._student._call(self.__name__, args, kwargs, training=training).answer

    @property
    def recorded(self) -> RecordedCall:
        """The last call of the current check."""
        return self._student._examination.calls[-1]

    @property
    def calls_made(self) -> int:
        """How many calls the current check has made."""
        return len(self._student._examination.calls)

    def set_aside(self, begun: int) -> None:
        """Leave the calls from this one on out of what explains the check."""
        for call in self._student._examination.calls[begun:]:
            call.within = True

    def looked_at(self, index: int) -> None:
        """Note that only this entry of the last answer was judged."""
        self._student._examination.calls[-1].looked_at = index


class Unsent:
    """An object that did not come over the wire: here it has no truth value and no entries, whatever it has there."""

    def __iter__(self) -> NoReturn:
        """Raise: by `__getitem__` alone Python would ask on until the submission says that there is no more."""
        raise StudentError(Verdict.FAILED, f"the result is {kind(self)}; a tuple or a list is asked for")

    def __bool__(self) -> NoReturn:
        """Raise: a check must not pass for an object that is there."""
        raise StudentError(Verdict.FAILED, f"the result is {kind(self)}; True or False is asked for")


class Handle(Unsent):
    """Something of the submission's that stays in the sandbox: call it, read its attributes, combine it.

    Each raises `StudentError` where the submission does not answer.
    """

    __array_ufunc__ = None  # numpy's arrays leave `array @ handle` to the handle

    def __init__(self, examination: Examination, fork: Fork, opaque: codec.Opaque) -> None:
        self._examination = examination
        self._fork = fork
        self._opaque = opaque
        self._read_as = ""  # "Value.backward" for what was read off an object

    @property
    def _type_name(self) -> str:
        return self._opaque.type_name

    @property
    def _label(self) -> str:
        return self._read_as or self._type_name

    def _here(self) -> codec.Opaque:
        """What names it in the fork that holds it. Raises `StudentError` where that fork has ended."""
        if not self._examination.holds(self._fork):
            raise StudentError(Verdict.CRASH, GONE)
        return self._opaque

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call it with copies of these arguments."""
        return self._operate("call", args, kwargs)

    def __repr__(self) -> str:
        return f"<{self._type_name} in the sandbox>"

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return self._operate("get", (name,), {})

    def __add__(self, other: Any) -> Any:
        return self._operate("add", (other,), {})

    def __radd__(self, other: Any) -> Any:
        return _reflected(self, "add", other)

    def __sub__(self, other: Any) -> Any:
        return self._operate("sub", (other,), {})

    def __rsub__(self, other: Any) -> Any:
        return _reflected(self, "sub", other)

    def __mul__(self, other: Any) -> Any:
        return self._operate("mul", (other,), {})

    def __rmul__(self, other: Any) -> Any:
        return _reflected(self, "mul", other)

    def __truediv__(self, other: Any) -> Any:
        return self._operate("truediv", (other,), {})

    def __rtruediv__(self, other: Any) -> Any:
        return _reflected(self, "truediv", other)

    def __pow__(self, other: Any) -> Any:
        return self._operate("pow", (other,), {})

    def __matmul__(self, other: Any) -> Any:
        return self._operate("matmul", (other,), {})

    def __rpow__(self, other: Any) -> Any:
        return _reflected(self, "pow", other)

    def __rmatmul__(self, other: Any) -> Any:
        return _reflected(self, "matmul", other)

    def __neg__(self) -> Any:
        return self._operate("neg", (), {})

    def __getitem__(self, key: Any) -> Any:
        return self._operate("getitem", (key,), {})

    def _operate(self, operation: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        recorded = RecordedCall(f"{self._type_name}.{operation}", args, kwargs, target=self, operation=operation)
        label = f"{self._label}.{args[0] if operation == 'get' else operation}".removesuffix(".call")
        encode = partial(_encode, args=args, kwargs=kwargs, operation=operation, label=label)
        answer = _record(self._examination, recorded, lambda: encode(self._here()))
        if operation == "get" and isinstance(answer, Handle):
            answer._read_as = label
        return answer


def _reflected(handle: Handle, operation: str, left: Any) -> Any:
    recorded = RecordedCall(operation, (left, handle), {}, operation=operation)
    return _record(
        handle._examination,
        recorded,
        lambda: _encode("operator", (left, handle), {}, operation, label=f"{handle._label}.r{operation}"),
    )


def _record(examination: Examination, recorded: RecordedCall, encode: Callable[[], Request]) -> Any:
    """Ask what involves an object of the student's, and note what came of it."""
    examination.calls.append(recorded)
    try:
        recorded.answer = _answer(examination, examination.ask(_sendable(examination, recorded, encode)))
    except StudentError as error:
        recorded.error = error
        raise
    return recorded.answer


def _sendable(examination: Examination, recorded: RecordedCall, encode: Callable[[], Request]) -> Request:
    """The request. That the wire does not carry it is the submission's doing where an answer of its own is in it."""
    try:
        return encode()
    except codec.ProtocolError as error:
        answered = {id(part) for call in examination.calls for part in parts(call.answer) if _is_one_of_a_kind(part)}
        if not any(id(part) in answered for part in parts((recorded.args, recorded.kwargs))):
            raise
        recorded.error = StudentError(Verdict.ERROR, f"what it answered before cannot be sent back: {error}")
        raise recorded.error from None


def _is_one_of_a_kind(value: Any) -> bool:
    """Whether a value came from where the same one was seen, as numbers, short texts and None need not."""
    match value:
        case str():
            return len(value) > 99
        case list() | tuple() | dict():
            return len(value) > 0
    return isinstance(value, Tensor | np.ndarray)


def _unwrap(value: Any) -> codec.Opaque:
    if isinstance(value, Handle):
        return value._here()
    raise InfraError(f"the hidden suite sends a {type(value).__name__}, which cannot be sent")


def _named(args: tuple[Any, ...], kwargs: dict[str, Any], told: list[str]) -> tuple[str, ...]:
    """The arguments that the submission says it changed, by names that are ours."""
    names = (*(f"argument {i + 1}" for i in range(len(args))), *(f"`{key}`" for key in kwargs))
    return tuple(name for name in names if name in told)


def _answer(examination: Examination, frame: codec.Frame) -> Any:
    examination.make_room(frame)
    try:
        value = frame.value(frame.body.value)
    except codec.ProtocolError as error:
        assert examination.fork is not None
        examination.fork.kill()
        raise StudentError(Verdict.CRASH, f"the submission's process sent no valid answer: {error}") from None
    fork = examination.fork
    assert fork is not None
    return tree_map(lambda leaf: Handle(examination, fork, leaf) if isinstance(leaf, codec.Opaque) else leaf, value)
