"""The wire between judge and guest: frames of plain data, never a pickle.

A frame is a fixed header, a msgpack envelope and the raw bytes of tensors:

    magic 4s │ envelope bytes u32 │ tensor bytes u64 │ envelope │ tensor 0, padded to 64 │ tensor 1 …

Both sides use this file. The judge trusts none of what it decodes: every count is bounded before anything is
allocated, and whatever does not fit raises `ProtocolError`, the only exception of `sizes`, `Frame` and `Frame.value`.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
import numpy as np
import torch

from grader.guest import frames

MAGIC = b"GRD1"
HEADER = struct.Struct("<4sIQ")
REQUEST_CAP = 16 << 20  # bytes of envelope: a submission's sources travel in it
REPLY_CAP = 1 << 20  # bytes of envelope …
GROWTH = 32  # … which decoded, if it is a hostile one, grows to so many times that
MAX_TENSORS = 4096
MAX_RANK = 8
MAX_DEPTH = 32
KEY_TYPES = (str, int, float, bool, type(None))  # of dictionaries and sets, and of the tuples that are keys
TUPLE_KEYS = 2_048  # of all dictionaries and sets in a frame: tuples' hashes can be made to collide
TEXT_ARRAYS_CAP = 16 << 20  # bytes of all arrays of texts in a frame: each text takes as much as the longest
ALIGNMENT = 64
BASES_CAP = 8  # types that an exception is made from, as far as they are told
TYPE_NAME_CAP = 100  # characters
PROBES = "probes."  # before the name of a function of staff's, in a call
PRINTED = "printed."  # before the name of a function, in a call that asks what it prints and not what it returns
WIRED = "wired."  # before the name of a function, in a call that has stand-ins in the place of the others
LINE_CAP = 200  # characters of a line that the student's code prints
LINES_CAP = 500  # of them in one call; the judge hears no more

DTYPES: tuple[tuple[torch.dtype, str], ...] = (  # an index into this table is all that a dtype is on the wire
    (torch.float32, "float32"),
    (torch.float64, "float64"),
    (torch.float16, "float16"),
    (torch.bfloat16, "int16"),  # numpy has none: its bytes travel as int16
    (torch.int8, "int8"),
    (torch.int16, "int16"),
    (torch.int32, "int32"),
    (torch.int64, "int64"),
    (torch.uint8, "uint8"),
    (torch.bool, "bool"),
    (torch.complex64, "complex64"),
    (torch.complex128, "complex128"),
    (torch.uint16, "uint16"),
    (torch.uint32, "uint32"),
    (torch.uint64, "uint64"),
)
_SIZES = tuple(np.dtype(name).itemsize for _, name in DTYPES)
_CODE_OF = {dtype: code for code, (dtype, _) in enumerate(DTYPES)}
_NUMPY_CODE_OF = {np.dtype(name): code for code, (dtype, name) in enumerate(DTYPES) if dtype is not torch.bfloat16}


class ProtocolError(Exception):
    """Bytes that are no frame of this protocol, or a value that it cannot carry."""


class Opaque(msgspec.Struct, array_like=True, tag="h", frozen=True):
    """Something that stays in the guest, as a number to name it by and the name of its type."""

    id: int
    type_name: str


class Mapped(msgspec.Struct, array_like=True, tag="m", frozen=True):
    """Training data that every fork already has in memory, by its name: "images", "labels"."""

    name: str


class Shared:
    """On the judge's side, training data that travels as no more than its name."""

    def __init__(self, name: str, tensor: torch.Tensor) -> None:
        self.name = name
        self.tensor = tensor


class _Tensor(msgspec.Struct, array_like=True, tag="t"):
    index: int


class _Array(msgspec.Struct, array_like=True, tag="n"):
    index: int


class _List(msgspec.Struct, array_like=True, tag="l"):
    items: list[_Node]


class _Tuple(msgspec.Struct, array_like=True, tag="u"):
    items: list[_Node]


class _Dict(msgspec.Struct, array_like=True, tag="d"):
    items: list[tuple[_Node, _Node]]


class _Set(msgspec.Struct, array_like=True, tag="s"):
    items: list[_Node]


class _Complex(msgspec.Struct, array_like=True, tag="c"):
    real: float
    imag: float


class _Texts(msgspec.Struct, array_like=True, tag="x"):
    """A numpy array of texts, or of texts, numbers and None with dtype object."""

    dtype: str  # "U" or "O"
    shape: list[int]
    items: list[bool | int | float | str | None]


class _Column(msgspec.Struct, array_like=True):
    label: _Node
    dtype: str
    values: _Node


class _Frame(msgspec.Struct, array_like=True, tag="f"):
    """A frame, a series or an index of pandas, see `frames`."""

    kind: str
    columns: list[_Column]
    index: list[_Column]


_Number = _Tensor | _Array | _Complex | _Texts
_Node = None | bool | int | float | str | _Number | _List | _Tuple | _Dict | _Set | _Frame | Opaque | Mapped


class Load(msgspec.Struct, tag="load"):
    """Judge → guest: the submission's files, and the module to import from them."""

    files: dict[str, bytes]
    module: str
    seed: int = 0  # of the submission's own random numbers; tells nothing of the judge's
    reply_cap: int = 64 << 20  # bytes of tensors in one answer
    probes: str = ""  # source of staff's code that runs beside the student's
    seconds: float = 0.0  # that the module may take to load, before what it has defined is what counts; 0: no limit
    skip: int = 0  # the line of a statement that is known to take too long
    strict: bool = False  # a module that fails anywhere is not loaded at all


class Call(msgspec.Struct, tag="call"):
    """Judge → guest: call a function of the module, or a handle.

    `operation` is "call", "get" (an attribute, named by the first argument), or the name of a binary or unary operator.
    """

    target: str | Opaque
    args: _Tuple
    kwargs: _Dict
    operation: str = "call"
    track: bool = False  # report which arguments were changed in place
    progress: bool = False  # send on what it prints, line by line


class Answer(msgspec.Struct, tag="answer"):
    """Guest → judge: what came back, and which arguments were changed in place, if that was asked."""

    value: _Node
    changed: list[str] = []


class Raised(msgspec.Struct, tag="raised"):
    """Guest → judge: the student's code raised. All of it is the student's word."""

    kind: str  # "error", "forbidden", "memory", "gpu memory", "missing", "syntax", "unsendable"
    type_name: str
    text: str
    where: str = ""  # "line 12, in conv2d_forward: return x @ w"
    spent: bool = False  # threads of the student's run on: a next call would share the processor with them
    bases: list[str] = []  # the exceptions that its type is made from, the nearest first, Exception apart


class Progress(msgspec.Struct, tag="progress"):
    """Guest → judge, while a call runs that was made with `progress`: a line that the student's code printed."""

    line: str


class Hello(msgspec.Struct, tag="hello"):
    """Guest → judge, before any of the student's code runs: what this fork is isolated by."""

    protections: list[str]
    missing: list[str]  # "landlock: not offered by this kernel"
    device: str = ""  # "cuda:0 (NVIDIA H100)", where one was opened and has multiplied two matrices
    settings: list[str] = []  # that make it compute the same twice


class Probed(msgspec.Struct, tag="probed"):
    """Guest → judge: what happened when the fork attacked its own walls."""

    findings: dict[str, str]  # probe → "held", "not tried: why", or what got through


class Probe(msgspec.Struct, tag="probe"):
    """Judge → guest: attack your own walls and say what gave way."""

    secrets: list[str] = []  # files and folders that are there on the judge's side, to be found unreadable
    processes: list[int] = []  # ones that run on the judge's side, by its numbers
    victim: bool = False  # attack nothing: be a neighbour who has a file, and say where and under which number
    neighbour: dict[str, str] = {}  # what one said that waits meanwhile: its "file" and "process"


Body = Load | Call | Answer | Progress | Raised | Hello | Probe | Probed


class _Layout(msgspec.Struct, array_like=True):
    dtype: int
    shape: list[int]


class _Envelope(msgspec.Struct):
    body: Body
    tensors: list[_Layout]


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(_Envelope)


class Packer:
    """Turns values into nodes, collecting their tensors on the way, up to `cap` bytes of them."""

    def __init__(self, keep: Callable[[Any], Opaque] | None = None, cap: int | None = None) -> None:
        self._keep = keep  # what to do with a value that is no plain data
        self._cap = cap
        self._total = 0
        self._tuple_keys = 0
        self._columns = 0
        self.is_plain = True  # whether nothing names an object that only one process knows
        self.layouts: list[_Layout] = []
        self.buffers: list[memoryview] = []

    def pack(self, value: Any, depth: int = 0) -> Any:
        """The node that stands for `value`. Raises `ProtocolError` if it cannot be carried."""
        if depth > MAX_DEPTH:
            raise ProtocolError(f"the value is nested more than {MAX_DEPTH} deep")
        kind = type(value)
        if value is None or kind is bool or kind is float or kind is str:
            return value
        if kind is int:
            if not -(2**63) <= value < 2**63:
                raise ProtocolError("the value holds an integer of more than 64 bits")
            return value
        if isinstance(value, torch.Tensor):
            return _Tensor(self._add_tensor(value))
        if kind is np.str_:
            return str(value)
        if kind is np.ndarray or isinstance(value, np.generic):
            return self._array(np.asarray(value))
        if isinstance(value, list):
            return _List([self.pack(item, depth + 1) for item in value])
        if isinstance(value, tuple):  # named tuples too
            return _Tuple([self.pack(item, depth + 1) for item in value])
        if isinstance(value, dict):  # ordered and default ones too
            return _Dict([(self._key(k), self.pack(v, depth + 1)) for k, v in value.items()])
        if kind is set or kind is frozenset:
            return _Set([self._key(item) for item in sorted(value, key=repr)])
        if kind is complex:
            return _Complex(value.real, value.imag)
        if frames.is_frame(value):
            return self._frame(value, depth)
        if kind is Opaque:
            self.is_plain = False
            return value
        if kind is Shared:
            return Mapped(value.name)
        if self._keep is None:
            raise ProtocolError(f"a {kind.__name__} cannot be sent")
        self.is_plain = False
        return self._keep(value)

    def _key(self, key: Any) -> Any:
        if isinstance(key, np.generic):
            key = key.item()
        if type(key) is tuple:
            self._tuple_keys += 1
            if self._tuple_keys > TUPLE_KEYS:
                raise ProtocolError(f"dictionaries and sets with more than {TUPLE_KEYS} tuples in them cannot be sent")
            if all(type(item) in KEY_TYPES or isinstance(item, np.generic) for item in key):
                return _Tuple([self._key(item) for item in key])
        if type(key) not in KEY_TYPES:
            raise ProtocolError(f"a dictionary or set with a {type(key).__name__} as a key cannot be sent")
        return self.pack(key)

    def _array(self, array: np.ndarray) -> Any:
        if array.dtype.kind not in "UO" and not isinstance(array.dtype, np.dtypes.StringDType):
            return _Array(self._add_array(array))
        _check_shape(list(array.shape))
        items = array.reshape(-1).tolist()
        if not all(type(item) in KEY_TYPES for item in items):
            raise ProtocolError("a numpy array that holds other objects than texts and numbers cannot be sent")
        return _Texts("O" if array.dtype.kind == "O" else "U", list(array.shape), [self.pack(item) for item in items])

    def _frame(self, value: Any, depth: int) -> Any:
        try:
            kind, columns, index = frames.taken_apart(value)
        except (ValueError, TypeError, OverflowError) as error:
            raise ProtocolError(str(error)) from error
        self._columns += len(columns) + len(index)
        if self._columns > frames.MOST_COLUMNS:
            raise ProtocolError(f"frames with more than {frames.MOST_COLUMNS} columns together cannot be sent")
        return _Frame(
            kind,
            *(
                [_Column(self.pack(label), dtype, self.pack(values, depth + 1)) for label, dtype, values in part]
                for part in (columns, index)
            ),
        )

    def _add_tensor(self, tensor: torch.Tensor) -> int:
        if tensor.layout is not torch.strided or tensor.is_quantized or tensor.device.type == "meta":
            which = "quantized" if tensor.is_quantized else str(tensor.layout).removeprefix("torch.")
            which = "meta" if tensor.device.type == "meta" else which
            raise ProtocolError(f"a {which} tensor cannot be sent; an ordinary, dense one is asked for")
        code = _CODE_OF.get(tensor.dtype)
        if code is None:
            raise ProtocolError(f"a tensor of dtype {tensor.dtype} cannot be sent")
        self._reserve(tensor.numel() * tensor.element_size())  # before an expanded tensor is written out
        plain = tensor.detach()
        if tensor.device.type != "cpu" or tensor.is_conj() or tensor.is_neg() or not tensor.is_contiguous():
            plain = plain.cpu().resolve_conj().resolve_neg().contiguous()
        if plain.dtype is torch.bfloat16:
            plain = plain.view(torch.int16)
        return self._add(code, list(plain.shape), plain.numpy())

    def _add_array(self, array: np.ndarray) -> int:
        if not array.dtype.isnative:
            array = array.astype(array.dtype.newbyteorder("="))
        code = _NUMPY_CODE_OF.get(array.dtype)
        if code is None:
            raise ProtocolError(f"a numpy array of dtype {array.dtype} cannot be sent")
        self._reserve(array.nbytes)
        return self._add(code, list(array.shape), np.ascontiguousarray(array))

    def _reserve(self, size: int) -> None:
        self._total += size + -size % ALIGNMENT
        if self._cap is not None and self._total > self._cap:
            raise ProtocolError(f"the value holds more than {self._cap / 2**20:g} MB of tensors")

    def _add(self, code: int, shape: list[int], array: np.ndarray) -> int:
        if len(self.layouts) == MAX_TENSORS:
            raise ProtocolError(f"the value holds more than {MAX_TENSORS} tensors")
        _check_shape(shape)
        self.layouts.append(_Layout(code, shape))
        self.buffers.append(array.reshape(-1).view(np.uint8).data if array.size else memoryview(b""))
        return len(self.layouts) - 1


def encode(body: Body, packer: Packer | None = None) -> bytes:
    """A frame, in one piece: to send it in several costs a switch of processes for each."""
    packer = packer or Packer()
    envelope = _ENCODER.encode(_Envelope(body, packer.layouts))
    if len(envelope) > (REQUEST_CAP if isinstance(body, Load) else REPLY_CAP):
        raise ProtocolError("the value is too large to be sent: it holds too many numbers outside tensors")
    parts: list[bytes | memoryview] = []
    total = 0
    for buffer in packer.buffers:
        padding = -buffer.nbytes % ALIGNMENT
        parts += [buffer, bytes(padding)] if padding else [buffer]
        total += buffer.nbytes + padding
    return b"".join([HEADER.pack(MAGIC, len(envelope), total), envelope, *parts])


def sizes(header: bytes, tensor_cap: int) -> tuple[int, int]:
    """Bytes of envelope and of tensors that follow the header of a reply."""
    magic, envelope, tensors = HEADER.unpack(header)
    if magic != MAGIC:
        raise ProtocolError("a frame does not begin with the protocol's mark")
    if envelope > REPLY_CAP or tensors > tensor_cap:
        raise ProtocolError(f"a frame of {envelope} + {tensors} bytes is larger than allowed")
    return envelope, tensors


def parse(frame: bytes) -> Frame:
    """A frame that this process made itself, as the other side would see it."""
    _, envelope, _ = HEADER.unpack(frame[: HEADER.size])
    body = frame[HEADER.size :]
    return Frame(body[:envelope], bytearray(body[envelope:]))


class Frame:
    """A decoded frame: its body, and the values of its nodes."""

    def __init__(
        self, envelope: bytes | bytearray, tensors: bytearray, mapped: Mapping[str, torch.Tensor] | None = None
    ) -> None:
        try:
            decoded = _DECODER.decode(envelope)
        except (msgspec.MsgspecError, RecursionError, ValueError, MemoryError) as error:
            raise ProtocolError(f"an envelope does not decode: {error}") from None
        self.body: Any = decoded.body  # who awaits one of the `Body`s checks which it is
        self._places = _places(decoded.tensors, len(tensors))
        self._bytes = tensors
        # Bytes of memory that its values take, at most, when they are looked at: as float64, whatever was sent.
        self.size = max(len(tensors), 8 * sum(count for *_, count in self._places)) + GROWTH * len(envelope)
        self._mapped = mapped or {}  # what `Mapped` stands for; nothing on the judge's side
        self._tuple_keys = 0
        self._text_bytes = 0
        self._columns = 0
        # A hostile envelope may name one tensor a hundred thousand times.
        self._arrays: dict[int, np.ndarray] = {}
        self._tensors: dict[int, torch.Tensor] = {}

    def value(self, node: Any, depth: int = 0) -> Any:
        """Plain data: tensors (sharing this frame's memory), numpy arrays, `Opaque`s and Python's own types."""
        if depth > MAX_DEPTH:
            raise ProtocolError(f"a value is nested more than {MAX_DEPTH} deep")
        kind = type(node)  # a chain of comparisons: to match patterns takes three times as long
        if kind is _Tensor:
            return self._tensor(node.index)
        if kind is _Tuple:
            return tuple([self.value(item, depth + 1) for item in node.items])
        if kind is _List:
            return [self.value(item, depth + 1) for item in node.items]
        if kind is _Dict:
            return self._dict(node.items, depth)
        if kind is _Array:
            return self._array(node.index)
        if kind is _Set:
            return set(map(self._key, node.items))
        if kind is _Complex:
            return complex(node.real, node.imag)
        if kind is _Texts:
            return self._texts(node)
        if kind is _Frame:
            return self._frame(node, depth)
        if kind is Mapped:
            if node.name not in self._mapped:
                raise ProtocolError("a value names data that is not there")
            return self._mapped[node.name]
        if kind is Opaque and len(node.type_name) > TYPE_NAME_CAP:
            raise ProtocolError("an object's type has too long a name")
        if kind is int and not -(2**63) <= node < 2**63:  # it could not be sent back
            raise ProtocolError("a value is an integer of more than 64 bits")
        return node

    def _dict(self, items: list[tuple[Any, Any]], depth: int) -> dict[Any, Any]:
        return {self._key(key): self.value(item, depth + 1) for key, item in items}

    def _key(self, node: Any) -> Any:
        if type(node) is _Tuple and all(type(item) in KEY_TYPES for item in node.items):
            self._tuple_keys += 1
            if self._tuple_keys > TUPLE_KEYS:
                raise ProtocolError("dictionaries and sets hold too many tuples")
            return self.value(node)
        if type(node) not in KEY_TYPES:
            raise ProtocolError("a dictionary or set has a key that is no plain value")
        return node

    def _texts(self, node: _Texts) -> np.ndarray:
        _check_shape(node.shape)
        if math.prod(node.shape) != len(node.items) or node.dtype not in ("U", "O"):
            raise ProtocolError("an array of texts has not as many as its shape says")
        if node.dtype == "O":
            made = np.empty(len(node.items), object)
            made[:] = [self.value(item) for item in node.items]
            return made.reshape(node.shape)
        if not all(type(item) is str for item in node.items):
            raise ProtocolError("an array of texts holds something else")
        self._text_bytes += 4 * len(node.items) * max((len(str(item)) for item in node.items), default=0)
        if self._text_bytes > TEXT_ARRAYS_CAP:
            raise ProtocolError(f"its arrays of texts take more than {TEXT_ARRAYS_CAP >> 20} MB")
        return np.array(node.items, dtype=str).reshape(node.shape)

    def _frame(self, node: _Frame, depth: int) -> Any:
        self._columns += len(node.columns) + len(node.index)
        if self._columns > frames.MOST_COLUMNS:
            raise ProtocolError(f"its frames have more than {frames.MOST_COLUMNS} columns")
        parts = (
            [frames.Column(self._label(one.label), one.dtype, self.value(one.values, depth + 1)) for one in columns]
            for columns in (node.columns, node.index)
        )
        try:
            return frames.put_together(frames.Parts(node.kind, *parts))
        except Exception as error:  # pandas raises many kinds, and a hostile frame may find more
            raise ProtocolError(f"a frame cannot be put together: {error}") from error

    def _label(self, node: Any) -> Any:
        return tuple(map(self._key, node.items)) if type(node) is _Tuple else self._key(node)

    def _array(self, index: int) -> np.ndarray:
        if index not in self._arrays:
            self._arrays[index] = self._view(index)
        return self._arrays[index]

    def _view(self, index: int) -> np.ndarray:
        if not 0 <= index < len(self._places):
            raise ProtocolError("a value names a tensor that is not there")
        code, shape, start, count = self._places[index]
        dtype, name = DTYPES[code]
        if dtype is torch.bool and count and np.frombuffer(self._bytes, np.uint8, count, start).max() > 1:
            raise ProtocolError("a boolean is neither 0 nor 1")
        return np.frombuffer(self._bytes, name, count, start).reshape(shape) if count else np.empty(shape, name)

    def _tensor(self, index: int) -> torch.Tensor:
        if index not in self._tensors:
            tensor = torch.from_numpy(self._array(index))
            brain = DTYPES[self._places[index][0]][0] is torch.bfloat16
            self._tensors[index] = tensor.view(torch.bfloat16) if brain else tensor
        return self._tensors[index]


def _places(layouts: list[_Layout], available: int) -> list[tuple[int, list[int], int, int]]:
    """(dtype code, shape, offset, elements) of each tensor; together they must fill the bytes exactly."""
    if len(layouts) > MAX_TENSORS:
        raise ProtocolError(f"a frame holds {len(layouts)} tensors; {MAX_TENSORS} are allowed")
    places = []
    offset = 0
    for layout in layouts:
        if not 0 <= layout.dtype < len(DTYPES):
            raise ProtocolError("a tensor has an unknown dtype")
        _check_shape(layout.shape)
        count = math.prod(layout.shape)
        size = count * _SIZES[layout.dtype]
        places.append((layout.dtype, layout.shape, offset, count))
        offset += size + -size % ALIGNMENT
        if offset > available:
            raise ProtocolError("a frame holds fewer bytes than its tensors need")
    if offset != available:
        raise ProtocolError("a frame holds more bytes than its tensors need")
    return places


def _check_shape(shape: list[int]) -> None:
    if len(shape) > MAX_RANK:
        raise ProtocolError(f"a tensor has {len(shape)} dimensions; {MAX_RANK} are allowed")
    # numpy refuses a large product even beside a zero
    if min(shape, default=0) < 0 or math.prod([n or 1 for n in shape]) >= 2**40:
        raise ProtocolError("a tensor has an impossible shape")
