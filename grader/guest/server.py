"""The call server: inside the fork, loads the submission and answers the judge's calls until the judge hangs up.

Everything here shares a process with the student's code and may be subverted by it. The judge therefore trusts no
answer beyond its form; this file only has to be right for honest submissions.
"""

from __future__ import annotations

import contextlib
import errno
import faulthandler
import functools
import importlib.machinery
import importlib.util
import io
import linecache
import os
import random
import signal
import socket
import sys
import traceback
from collections.abc import Callable
from types import CodeType, ModuleType
from typing import Any

import numpy as np
import torch

from grader.guest import codec, cuda, frames, probe, running, stand_ins
from grader.guest.closed import OperatorBanned
from grader.guest.codec import LINE_CAP, LINES_CAP
from grader.guest.data import DATA, write_files
from grader.guest.isolation import WORK
from grader.guest.packages import LOADED
from grader.guest.values import OPERATORS, differs, printing

PROBES_FILE = "probes.py"  # what the code of staff's probes is called; it is in no folder
TEXT_CAP = 600  # characters of a student's own exception message


class Server:
    """State of one fork: the student's module and the objects that stay here."""

    def __init__(
        self,
        *,
        alone: bool = False,
        send: Callable[[bytes], None] = lambda _: None,
        device: str = "cpu",
        work: str = WORK,
    ) -> None:
        self._alone = alone
        self._work = work
        self._send = send
        self._device = device  # where the student's functions find their tensors
        self._process = os.getpid()
        self._threads = len(sys._current_frames())
        self._reply_cap: int | None = None
        self._module: ModuleType | None = None
        self._probes = ModuleType("probes")
        self._kept: list[Any] = []
        self._ran: dict[str, running.Ran] = {}  # by the module's name

    def answer(self, frame: codec.Frame) -> bytes:
        """The reply to one request. What the student's code started and left running ends with it."""
        try:
            reply = self._answer(frame)
        except BaseException as error:  # SystemExit and KeyboardInterrupt are the student's too
            reply = _refusal(error, self._work, spent=len(sys._current_frames()) > self._threads)
        if os.getpid() != self._process:
            os._exit(0)  # a process that the student's code forked is no second server
        if self._alone:
            _end_other_processes()
        return reply

    def _answer(self, frame: codec.Frame) -> bytes:
        match frame.body:
            case codec.Load():
                return self._loaded(frame.body)
            case codec.Call():
                return self._call(frame, frame.body)
            case codec.Probe():
                return codec.encode(codec.Probed(probe.answer(frame.body)))
        raise codec.ProtocolError("a judge does not send this")

    def _loaded(self, load: codec.Load) -> bytes:
        """The answer to a request to load: nothing, or what failed and the line that took too long."""
        self._load(load)
        said = running.sentences(self._ran)
        if not said:
            return codec.encode(codec.Answer(None))
        too_long = self._ran[load.module].too_long if load.module in self._ran else 0
        packer = codec.Packer()
        return codec.encode(codec.Answer(packer.pack([[_sendable(one) for one in said], too_long])), packer)

    def _load(self, load: codec.Load) -> None:
        self._reply_cap = load.reply_cap
        os.makedirs(self._work, exist_ok=True)
        os.chdir(self._work)
        files = {os.path.join(self._work, name): content for name, content in load.files.items()}
        for path, content in files.items():
            _write(path, content)
        write_files(self._work)
        random.seed(load.seed)
        np.random.seed(load.seed % 2**32)
        torch.default_generator.manual_seed(load.seed)  # not torch.manual_seed, which would also touch CUDA
        if self._device.startswith("cuda"):
            torch.cuda.manual_seed(load.seed)
        make = functools.partial(_Source, files=files, ran=None if load.strict else self._ran)
        sys.path_hooks.insert(0, functools.partial(_Handed, self._work, files, make))
        sys.path.append(self._work)  # last, so that no helper module takes the place of a library's
        path = os.path.join(self._work, load.module + ".py")
        loader = make(load.module, path, skip=load.skip)
        spec = importlib.util.spec_from_file_location(load.module, path, loader=loader)
        assert spec is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[load.module] = module
        running.interrupt_after(0.0 if load.strict else load.seconds)
        try:
            loader.exec_module(module)
        except running.TookTooLong:  # before anything was defined: the judge ends this process, and says why
            running.interrupt_after(0.0)
            signal.pause()
        finally:
            running.interrupt_after(0.0)
        self._module = module
        if load.probes:
            lines = load.probes.splitlines(keepends=True)
            linecache.cache[PROBES_FILE] = (len(load.probes), None, lines, PROBES_FILE)  # for the line of an error
            exec(compile(load.probes, PROBES_FILE, "exec"), vars(self._probes))  # noqa: S102 - staff's own code

    def _call(self, frame: codec.Frame, call: codec.Call) -> bytes:
        args = [self._own(frame.value(node)) for node in call.args.items]
        kwargs = {str(key): self._own(frame.value(node)) for key, node in call.kwargs.items}
        with contextlib.redirect_stdout(_Lines(self._send)) if call.progress else contextlib.nullcontext():
            result = self._function(call)(*args, **kwargs)
        packer = codec.Packer(self._keep, self._reply_cap)
        changed = _changed(frame, call, args, kwargs) if call.track else []
        return codec.encode(codec.Answer(packer.pack(result), changed), packer)

    def _function(self, call: codec.Call) -> Any:
        if isinstance(call.target, codec.Opaque):
            target = self._kept[call.target.id]
            if call.operation == "call":
                return target
            if call.operation == "get":
                return lambda name: getattr(target, name)
            return lambda *others: OPERATORS[call.operation](target, *others)
        if call.operation in OPERATORS:
            return OPERATORS[call.operation]
        return self._named(call.target)

    def _named(self, name: str) -> Any:
        """The function of the submission's, or of staff's, that a call names."""
        if name.startswith(codec.PRINTED):
            return printing(self._named(name.removeprefix(codec.PRINTED)))
        if name.startswith(codec.WIRED):
            assert self._module is not None
            return stand_ins.wired(self._module, name.removeprefix(codec.WIRED), vars(self._probes)["STAND_INS"])
        if name.startswith(codec.PROBES):
            return functools.partial(getattr(self._probes, name.removeprefix(codec.PROBES)), self._module)
        function = getattr(self._module, name, None)
        if function is None:
            raise MissingFunction(f"{getattr(self._module, '__name__', 'the module')}.py defines no `{name}`")
        return function

    def _own(self, value: Any) -> Any:
        """The student gets tensors with memory of their own, and the objects that handles stand for."""
        match value:
            case torch.Tensor():
                return value if any(value is one for one in DATA.values()) else value.to(self._device, copy=True)
            case np.ndarray():
                return value.copy()
            case _ if frames.is_frame(value):
                return value.copy()
            case codec.Opaque():
                return self._kept[value.id]
            case list():
                return [self._own(item) for item in value]
            case tuple():
                return tuple(self._own(item) for item in value)
            case dict():
                return {key: self._own(item) for key, item in value.items()}
        return value

    def _keep(self, value: Any) -> codec.Opaque:
        self._kept.append(value)
        return codec.Opaque(len(self._kept) - 1, type(value).__name__[: codec.TYPE_NAME_CAP])

    def rehearse(self, calls: int = 64) -> None:
        """Compile a file and answer made-up calls, in the zygote: Python then knows its fast paths, as all forks do."""
        with open(__file__, "rb") as file:
            compile(file.read(), "rehearsal.py", "exec")
        self._module = ModuleType("rehearsal")
        vars(self._module)["layer"] = lambda x, w, b, stride=1: (x[:, ::stride] @ w.T + b, x, stride)
        for _ in range(calls):
            packer = codec.Packer()
            values = packer.pack((torch.ones(2, 3), torch.ones(4, 3), torch.ones(4)))
            call = codec.Call("layer", values, packer.pack({"stride": 1}), track=True)
            frame = codec.parse(codec.encode(call, packer))
            self._call(frame, frame.body)


class _Source(importlib.machinery.SourceFileLoader):
    """Loads a module from the bytes that the judge sent. No compiled file is looked for, in any place.

    `ran` takes how far each module went; where it is None, a module that fails anywhere is none.
    """

    def __init__(
        self, name: str, path: str, files: dict[str, bytes], ran: dict[str, running.Ran] | None, skip: int = 0
    ) -> None:
        super().__init__(name, path)
        self._files, self._ran, self._skip = files, ran, skip

    def exec_module(self, module: ModuleType) -> None:
        if self._ran is None:
            super().exec_module(module)
            return
        self._ran[module.__name__] = running.run(self.get_data(self.path), self.path, module, skip=self._skip)

    def get_data(self, path: str) -> bytes:
        return self._files[path] if path in self._files else super().get_data(path)

    def get_code(self, fullname: str) -> CodeType:  # noqa: ARG002 - the loader is of one module
        code: CodeType = self.source_to_code(self.get_data(self.path), self.path)
        return code


class _Handed:
    """Finds modules in a folder of the student's, or below: the .py files that were handed in, and nothing else.

    Python's own finder would take compiled files and libraries, too. Raises `ImportError` for any other folder.
    """

    def __init__(self, work: str, files: dict[str, bytes], make: Callable[[str, str], _Source], folder: str) -> None:
        self._make = make
        self._folder = os.path.abspath(folder)
        if not (self._folder + os.sep).startswith(work + os.sep):
            raise ImportError(f"{folder} is not the student's")
        self._files = files

    def find_spec(self, name: str, _: ModuleType | None = None) -> importlib.machinery.ModuleSpec | None:
        path = os.path.join(self._folder, name.rpartition(".")[2])
        for file, inside in ((f"{path}/__init__.py", [path]), (f"{path}.py", None)):
            if file in self._files:
                loader = self._make(name, file)
                return importlib.util.spec_from_file_location(
                    name, file, loader=loader, submodule_search_locations=inside
                )
        if not any(file.startswith(path + os.sep) for file in self._files):
            return None
        spec = importlib.machinery.ModuleSpec(name, None, is_package=True)
        spec.submodule_search_locations = [path]
        return spec


def _write(path: str, content: bytes) -> None:
    """Write a file of the student's. If there is no space left, it is still imported."""
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(content)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise


class _Lines(io.TextIOBase):
    """Sends on what is printed, whole lines of it, until there are too many: a learning curve needs no million."""

    def __init__(self, send: Callable[[bytes], None]) -> None:
        self._send = send
        self._begun = ""
        self._sent = 0

    def write(self, text: str) -> int:
        *lines, rest = (self._begun + text[: LINE_CAP * LINES_CAP]).split("\n")
        self._begun = rest[:LINE_CAP]
        for line in lines[: LINES_CAP - self._sent]:
            self._sent += 1
            self._send(codec.encode(codec.Progress(_sendable(line[:LINE_CAP]))))
        return len(text)


class MissingFunction(Exception):
    """The submission does not define what was asked for."""


def serve(channel: socket.socket, hello: codec.Hello, *, alone: bool, work: str) -> None:
    """Greet the judge, then answer it until it hangs up. `alone`: no signal of this process's reaches another's.

    The student's files go into the folder `work`.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a judge in the background hands down that it ignores it
    # A judge whose patience is over asks by this signal where the student's code is, before it ends this process.
    faulthandler.register(signal.SIGUSR1, file=channel.fileno(), all_threads=False)
    _send(channel, codec.encode(hello))
    device = hello.device.partition(" ")[0] or "cpu"
    server = Server(alone=alone, send=functools.partial(_send, channel), device=device, work=work)
    while (frame := _receive(channel)) is not None:
        _send(channel, server.answer(frame))


def _receive(channel: socket.socket) -> codec.Frame | None:
    header = _read(channel, codec.HEADER.size)
    if header is None:
        return None
    _, envelope, tensors = codec.HEADER.unpack(header)
    body = _read(channel, envelope + tensors)
    return None if body is None else codec.Frame(bytes(body[:envelope]), body[envelope:], DATA)


def _read(channel: socket.socket, size: int) -> bytearray | None:
    buffer = bytearray(size)
    view = memoryview(buffer)
    while view:
        got = channel.recv_into(view)
        if not got:
            return None
        view = view[got:]
    return buffer


def _send(channel: socket.socket, frame: bytes) -> None:
    channel.sendall(frame)


def _changed(frame: codec.Frame, call: codec.Call, args: list[Any], kwargs: dict[str, Any]) -> list[str]:
    """Names of arguments whose tensors no longer hold what was sent."""
    pairs = [(f"argument {i + 1}", node, args[i]) for i, node in enumerate(call.args.items)]
    pairs += [(f"`{key}`", node, kwargs[str(key)]) for key, node in call.kwargs.items]
    return [name for name, node, now in pairs if differs(frame.value(node), now)]


def _end_other_processes() -> None:
    """Kill what the student's code left running: the next call is to have the processor for itself."""
    with contextlib.suppress(ChildProcessError, ProcessLookupError):  # none, as nearly always, or none any more
        os.waitpid(-1, os.WNOHANG)
        os.kill(-1, signal.SIGKILL)
        while True:
            os.waitpid(-1, 0)


def _refusal(error: BaseException, work: str, *, spent: bool) -> bytes:
    """The reply that tells of an exception, also where memory has run out or the exception is hostile."""
    try:
        traceback_ = error.__traceback__
        where = _where(error, work)
        traceback.clear_frames(traceback_)  # frees what the student's functions had allocated
        return codec.encode(_raised(error, str(error).replace(work, WORK), where, spent=spent))
    except MemoryError:
        return codec.encode(codec.Raised("memory", "MemoryError", "", spent=True))
    except BaseException as failure:
        text = f"the exception cannot be shown: {type(failure).__name__}"
        return codec.encode(codec.Raised("error", type(error).__name__[: codec.TYPE_NAME_CAP], text, spent=spent))


def _raised(error: BaseException, text: str, where: str, *, spent: bool) -> codec.Raised:
    kind = "error"
    if isinstance(error, OperatorBanned) or "this assignment forbids" in text:  # TorchScript wraps it
        kind = "forbidden"
        text = text[text.find("this assignment forbids") :].split("\n", 1)[0]
    elif cuda.out_of_memory(error):
        kind = "gpu memory"
    elif isinstance(error, MemoryError) or "can't allocate memory" in text or "not enough memory" in text:
        kind = "memory"
    elif isinstance(error, MissingFunction):
        kind, where = "missing", ""
    elif isinstance(error, codec.ProtocolError):
        kind, where = "unsendable", ""
    elif isinstance(error, SyntaxError):
        kind, text, where = "syntax", error.msg, _syntax_where(error)
    elif isinstance(error, ModuleNotFoundError):
        known = ", ".join(dict.fromkeys(["torch", "numpy", *(name.partition(".")[0] for name in LOADED)]))
        text += f"; in grading, only {known}, Python's standard library and your own .py files can be imported"
    name, *bases = _names(type(error))
    return codec.Raised(kind, name, _sendable(text), _sendable(where), spent, bases)


def _names(kind: type[BaseException]) -> list[str]:
    """The names of an exception's type and of those that it is made from, as far as somebody may ask for them."""
    made_from = [one for one in kind.__mro__[1:] if issubclass(one, Exception) and one is not Exception]
    return [one.__name__[: codec.TYPE_NAME_CAP] for one in (kind, *made_from[: codec.BASES_CAP])]


def _where(error: BaseException, work: str) -> str:
    """The innermost line of the student's own files: "conv.py, line 12, in conv2d_forward: x @ w".

    Where there is none, as where a probe reads what an object does not have, the probe's.
    """
    every = list(traceback.walk_tb(error.__traceback__))
    frames = [f for f in every if f[0].f_code.co_filename.startswith(work)]
    frames = frames or [f for f in every if f[0].f_code.co_filename == PROBES_FILE]
    if not frames:
        return ""
    frame, line = frames[-1]
    name = frame.f_code.co_filename
    name = name if name == PROBES_FILE else os.path.relpath(name, work)
    source = linecache.getline(frame.f_code.co_filename, line).strip()
    function = frame.f_code.co_qualname.rpartition("<locals>.")[2]
    place = "" if function == "<module>" else f", in {function}"
    return f"{name}, line {line}{place}: {source}"


def _sendable(text: str) -> str:
    return text[:TEXT_CAP].encode(errors="backslashreplace").decode()


def _syntax_where(error: SyntaxError) -> str:
    if error.lineno is None:  # of bytes that are no text there is no line to show
        return ""
    name = os.path.basename(error.filename or "")
    return f"{name}, line {error.lineno}: {(error.text or '').strip()}"
