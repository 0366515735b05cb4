"""The wire: any plain value comes back as it was, and any bytes at all give a value or a `ProtocolError`."""

from __future__ import annotations

import collections
import math
import struct
import time
import tracemalloc

import msgspec
import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.guest import codec
from grader.guest.codec import DTYPES, HEADER, MAGIC, Frame, Packer, ProtocolError, encode, sizes

CAP = 1 << 20


def sent(value, **options):
    packer = Packer(**options)
    return encode(codec.Answer(packer.pack(value)), packer)


def decode(data: bytes, cap: int = CAP) -> Frame:
    """As the judge reads a frame."""
    envelope, tensors = sizes(data[: HEADER.size], cap)
    body = bytearray(data[HEADER.size :])
    if len(body) != envelope + tensors:
        raise ProtocolError("the stream ends")
    return Frame(body[:envelope], body[envelope:])


def received(data: bytes, cap: int = CAP):
    frame = decode(data, cap)
    return frame.value(frame.body.value)


def content(tensor: torch.Tensor) -> bytes:
    return bytes(torch.empty_like(tensor, memory_format=torch.contiguous_format).copy_(tensor).untyped_storage())


def same(one, other) -> bool:
    if isinstance(one, torch.Tensor):
        form = type(other) is torch.Tensor and one.dtype == other.dtype and one.shape == other.shape
        return form and content(one) == content(other)
    if isinstance(one, np.ndarray):
        return (
            type(other) is np.ndarray
            and one.dtype == other.dtype
            and one.shape == other.shape
            and (one.tobytes() == other.tobytes())
        )
    if isinstance(one, list | tuple):
        return type(one) is type(other) and len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return type(other) is dict and list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    if isinstance(one, float):
        return type(other) is float and struct.pack("d", one) == struct.pack("d", other)
    return type(one) is type(other) and one == other


shapes = st.lists(st.integers(0, 3), max_size=4)
tensors = st.builds(
    lambda dtype, shape, seed: torch.randint(
        0, 2, shape, dtype=torch.uint8, generator=torch.Generator().manual_seed(seed)
    ).to(dtype),
    st.sampled_from([dtype for dtype, _ in DTYPES]),
    shapes,
    st.integers(0, 99),
)
arrays = st.builds(
    lambda name, shape: np.arange(math.prod(shape)).reshape(shape).astype(name),
    st.sampled_from([name for dtype, name in DTYPES if dtype is not torch.bfloat16]),
    shapes,
)
scalars = st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats() | st.text()
keys = st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | st.text()
plain = st.recursive(
    scalars | tensors | arrays,
    lambda inner: (
        st.lists(inner, max_size=4) | st.lists(inner, max_size=4).map(tuple) | st.dictionaries(keys, inner, max_size=4)
    ),
    max_leaves=12,
)
sets = st.sets(keys | st.tuples(keys, keys), max_size=4)
texts = st.lists(st.text(), max_size=4).map(lambda items: np.array(items, dtype=str))
quietly = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@quietly
@given(
    plain | sets | st.complex_numbers(allow_nan=False) | texts | st.dictionaries(st.tuples(keys), scalars, max_size=4)
)
def test_plain_values_come_back(value):
    assert same(value, received(sent(value)))


@pytest.mark.parametrize("dtype", [dtype for dtype, _ in DTYPES], ids=str)
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 0, 3), (1, 2, 3, 1, 1, 1, 1, 2)])
def test_every_dtype_and_rank(dtype, shape):
    tensor = torch.ones(shape, dtype=dtype)
    assert same(tensor, received(sent(tensor)))


def _column(label, values, dtype="object"):
    return codec._Column(label, dtype, codec._List(values))


FRAMES = {
    "columns": pd.DataFrame(
        {"a": [1, 2], "b": ["x", None], "c": [0.5, math.nan], "d": [True, False]}, index=["r", "s"]
    ),
    "times": pd.DataFrame({"t": pd.to_datetime(["2020-01-01", None])}),
    "categories": pd.DataFrame({"k": pd.Categorical(["u", "v", "u"])}),
    "several levels": pd.DataFrame({"g": [1, 1, 2], "v": [1.0, 2.0, 3.0]}).groupby("g").agg(["mean", "max"]),
    "empty": pd.DataFrame(),
    "series": pd.Series([1.0, 2.0], index=pd.MultiIndex.from_tuples([(1, "a"), (2, "b")]), name="v"),
    "index": pd.Index([3, 4], name="n"),
}


@pytest.mark.parametrize("frame", FRAMES.values(), ids=FRAMES)
def test_frames_come_back(frame):
    came = received(sent(frame))
    assert type(came).__name__ == type(frame).__name__ or isinstance(frame, pd.Index)
    assert came.equals(frame)


HOSTILE_FRAMES = {
    "columns of different length": codec._Frame("DataFrame", [_column("a", [1, 2])], [_column(None, [1])]),
    "no index": codec._Frame("DataFrame", [_column("a", [1])], []),
    "another kind": codec._Frame("Series", [], [_column(None, [1])]),
    "lists in a column": codec._Frame("DataFrame", [_column("a", [codec._List([])])], [_column(None, [1])]),
    "an unknown dtype": codec._Frame("DataFrame", [_column("a", [1], "interval")], [_column(None, [1])]),
    "a handle as a label": codec._Frame("Series", [_column(codec.Opaque(0, "x"), [1])], [_column(None, [1])]),
    "numbers that are none": codec._Frame("Series", [codec._Column("a", "int64", "xyz")], [_column(None, [1, 2, 3])]),
    "times that are none": codec._Frame("Index", [], [codec._Column("a", "datetime64[ns]", codec._List([1]))]),
    "very many columns": codec._Frame("DataFrame", [_column("a", [])] * 9000, [_column(None, [])]),
    "a text as long as all": codec._Texts("U", [20_000], ["x" * 9_000, *[""] * 19_999]),
    "texts of another shape": codec._Texts("U", [3], ["x"]),
    "numbers among texts": codec._Texts("U", [1], [1]),
    "a list in a set": codec._Set([codec._List([])]),
    "tuples that collide": codec._Set([codec._Tuple([i, i]) for i in range(3000)]),
}


@pytest.mark.parametrize("node", HOSTILE_FRAMES.values(), ids=HOSTILE_FRAMES)
def test_a_hostile_node_is_refused(node):
    with pytest.raises(ProtocolError):
        received(encode(codec.Answer(node)))


def test_numbers_of_numpy_are_keys_of_pythons_own():
    assert received(sent({np.int64(3): 1, (np.int64(1), 2): 2})) == {3: 1, (1, 2): 2}
    assert received(sent(np.str_("x"))) == "x"
    assert received(sent(np.zeros(2, ">f8"))).dtype == np.float64


def test_special_floats():
    values = torch.tensor([math.nan, math.inf, -math.inf, -0.0, 5e-324], dtype=torch.float64)
    assert same(values, received(sent(values)))


@pytest.mark.parametrize(
    "view",
    [
        torch.arange(12.0).reshape(3, 4).T,
        torch.arange(12.0)[::3],
        torch.tensor(1.0).expand(3, 4),
        torch.ones(3, requires_grad=True),
        torch.nn.Parameter(torch.ones(3)),
        torch.tensor([1 + 2j]).conj(),
        torch.tensor([1 + 2j]).conj().imag,
        torch.as_strided(torch.arange(4.0), (3, 2), (1, 1)),
    ],
    ids=["transposed", "stepped", "expanded", "graph", "parameter", "conjugate", "negative", "overlapping"],
)
def test_views_travel_as_dense_tensors(view):
    answer = received(sent(view))
    assert same(view.detach().resolve_conj().resolve_neg().contiguous(), answer)
    assert answer.is_contiguous()
    assert not answer.requires_grad


def test_kinds_of_containers():
    point = collections.namedtuple("point", "x y")(1, 2)  # noqa: PYI024
    value = [point, collections.OrderedDict(a=1), collections.defaultdict(list, b=[2]), torch.Size([3])]
    assert received(sent(value)) == [(1, 2), {"a": 1}, {"b": [2]}, (3,)]


def test_numpy_scalars_travel_as_arrays():
    answer = received(sent(np.float32(2.5)))
    assert isinstance(answer, np.ndarray)
    assert (answer.shape, answer.dtype, answer.item()) == ((), np.float32, 2.5)


def test_received_tensors_are_writable_and_apart():
    one, other = received(sent((torch.zeros(2), torch.zeros(2))))
    one.add_(1)
    assert other.tolist() == [0, 0]


REFUSED = {
    "integer": (2**63, "more than 64 bits"),
    "depth": (None, "nested more than 32"),
    "tensors": ([torch.zeros(1)] * 4097, "more than 4096 tensors"),
    "rank": (torch.zeros([1] * 9), "9 dimensions; 8 are allowed"),
    "shape": (torch.zeros(0, 2**41), "impossible shape"),
    "numbers": (list(range(10**6)), "too many numbers outside tensors"),
    "dtype": (torch.zeros(2, dtype=torch.float8_e5m2), "dtype torch.float8_e5m2 cannot be sent"),
    "objects": (np.array([object()]), "other objects than texts and numbers"),
    "records": (np.zeros(2, "i4,f8"), "cannot be sent"),
    "sparse": (torch.zeros(2).to_sparse(), "a sparse_coo tensor"),
    "meta": (torch.zeros(2, device="meta"), "a meta tensor"),
    "tuple key": ({((1,),): 2}, "a tuple as a key"),
    "many tuple keys": ({(i,) for i in range(3000)}, "more than 2048 tuples"),
    "frame of objects": (pd.DataFrame({"a": [object()]}), "other objects than texts and numbers"),
    "frame of periods": (pd.DataFrame({"a": pd.period_range("2020", periods=2, freq="Y")}), "dtype period"),
    "object": (object(), "a object cannot be sent"),
    "bytes": (b"x", "a bytes cannot be sent"),
}


@pytest.mark.parametrize(("value", "message"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_sent_is_refused_where_it_is_made(value, message):
    if "nested" in message:
        value = []
        for _ in range(40):
            value = [value]
    with pytest.raises(ProtocolError, match=message):
        sent(value)


@pytest.mark.long
def test_cap_counts_before_an_expanded_tensor_is_written_out():
    with pytest.raises(ProtocolError, match="more than 1 MB of tensors"):
        sent(torch.zeros(1).expand(1 << 40), cap=CAP)
    assert same(torch.zeros(CAP, dtype=torch.uint8), received(sent(torch.zeros(CAP, dtype=torch.uint8), cap=CAP)))


def test_what_is_no_plain_data_may_be_kept():
    kept = []

    def keep(value):
        kept.append(value)
        return codec.Opaque(7, type(value).__name__)

    module = torch.nn.ReLU()
    assert received(sent([module], keep=keep)) == [codec.Opaque(7, "ReLU")]
    assert kept == [module]


BASE = sent({"a": [1, 2.5, "text", None, (True,)], "b": torch.arange(6.0).reshape(2, 3), 3: np.arange(4)})


def survives(data: bytes) -> None:
    try:
        frame = decode(data)
        if isinstance(frame.body, codec.Answer):
            frame.value(frame.body.value)
    except ProtocolError:
        pass


@settings(quietly, max_examples=400)
@given(st.binary(max_size=300))
def test_arbitrary_bytes_give_only_protocol_errors(data):
    survives(HEADER.pack(MAGIC, len(data), 0) + data)
    if len(data) >= HEADER.size:
        survives(data)


@settings(quietly, max_examples=600)
@given(st.lists(st.tuples(st.integers(0, len(BASE) - 1), st.integers(0, 255)), min_size=1, max_size=6))
def test_mutated_bytes_give_only_protocol_errors(changes):
    data = bytearray(BASE)
    for place, byte in changes:
        data[place] = byte
    survives(bytes(data))


@given(st.integers(0, len(BASE) - 1))
def test_truncated_bytes_give_only_protocol_errors(length):
    with pytest.raises((ProtocolError, struct.error)):
        decode(BASE[:length])


envelopes = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats()
    | st.text(max_size=8)
    | st.binary(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.dictionaries(
            st.sampled_from(["type", "body", "tensors", "value"]) | st.text(max_size=3), inner, max_size=4
        )
        | st.tuples(st.sampled_from(["t", "n", "l", "u", "d", "h"]), inner).map(list)
    ),
    max_leaves=20,
)


@settings(quietly, max_examples=300)
@given(
    envelopes, st.lists(st.tuples(st.integers(-1, 20), st.lists(st.integers(-1, 2**64 - 1), max_size=10)), max_size=3)
)
def test_well_formed_but_senseless_envelopes_give_only_protocol_errors(value, layouts):
    envelope = {"body": {"type": "answer", "value": value}, "tensors": layouts}
    try:
        data = msgspec.msgpack.encode(envelope)
    except (OverflowError, UnicodeEncodeError):
        return
    survives(HEADER.pack(MAGIC, len(data), 0) + data)


def answer(value, layouts=(), tensors: bytes = b"") -> bytes:
    data = msgspec.msgpack.encode({"body": {"type": "answer", "value": value}, "tensors": list(layouts)})
    return HEADER.pack(MAGIC, len(data), len(tensors)) + data + tensors


HOSTILE = {
    "mark": (b"XXXX" + BASE[4:], "does not begin"),
    "huge envelope": (HEADER.pack(MAGIC, 2**32 - 1, 0), "larger than allowed"),
    "huge tensors": (HEADER.pack(MAGIC, 0, 2**64 - 1), "larger than allowed"),
    "empty envelope": (HEADER.pack(MAGIC, 0, 0), "does not decode"),
    "rank": (answer(["t", 0], [[0, [1] * 5000]], bytes(64)), "5000 dimensions"),
    "negative": (answer(["t", 0], [[0, [-1]]]), "impossible shape"),
    "huge beside zero": (answer(["t", 0], [[0, [0, 2**40]]]), "impossible shape"),
    "overflow": (answer(["t", 0], [[0, [2**39, 2**39]]]), "impossible shape"),
    "too few bytes": (answer(["t", 0], [[0, [1000]]], bytes(64)), "fewer bytes"),
    "too many bytes": (answer(["t", 0], [[0, [1]]], bytes(128)), "more bytes"),
    "dtype": (answer(["t", 0], [[len(DTYPES), [1]]], bytes(64)), "unknown dtype"),
    "bool of 255": (answer(["t", 0], [[9, [1]]], b"\xff" + bytes(63)), "neither 0 nor 1"),
    "absent": (answer(["t", 1], [[0, [1]]], bytes(64)), "not there"),
    "negative index": (answer(["t", -1], [[0, [1]]], bytes(64)), "not there"),
    "tensors": (answer(None, [[0, [0]]] * 5000), "5000 tensors"),
    "unhashable key": (answer(["d", [[["l", []], 1]]]), "no plain value"),
    "tensor key": (answer(["d", [[["t", 0], 1]]], [[0, [1]]], bytes(64)), "no plain value"),
    "opaque key": (answer(["d", [[["h", 1, "x"], 1]]]), "no plain value"),
    "integer": (answer([["u", [2**64 - 1]]][0]), "more than 64 bits"),
    "type's name": (answer(["h", 1, "x" * 101]), "too long a name"),
    "not UTF-8": (answer(b"").replace(b"answer", b"answ\xff\xff"), "does not decode"),
}


@pytest.mark.parametrize(("data", "message"), HOSTILE.values(), ids=HOSTILE)
def test_hostile_frames(data, message):
    with pytest.raises(ProtocolError, match=message):
        received(data)


@pytest.mark.parametrize("levels", [40, 1000, 300_000])
def test_deep_nesting(levels):
    envelope = b"\x82\xa4body\x82\xa4type\xa6answer\xa5value" + b"\x92\xa1l\x91" * levels + b"\xc0\xa7tensors\x90"
    with pytest.raises(ProtocolError):
        received(HEADER.pack(MAGIC, len(envelope), 0) + envelope, 1 << 40)


def test_allocation_is_bounded():
    nodes = answer(["l", [None] * 300_000])
    tensors = answer(["t", 0], [[0, [2**38]]])
    tracemalloc.start()
    for data in (nodes, tensors, HEADER.pack(MAGIC, 2**31, 2**50)):
        survives(data)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 64 << 20


def test_one_tensor_named_often_is_decoded_once():
    large = 1 << 20  # of booleans, each of which has to be looked at
    data = answer(["l", [["t", 0]] * 100_000], [[9, [large]]], bytes(large))
    started = time.process_time()
    assert len(received(data)) == 100_000
    assert time.process_time() - started < 15  # looking at it each time takes longer than a minute


def test_requests_may_hold_a_whole_submission():
    files = {"conv.py": bytes(8 << 20)}
    frame = encode(codec.Load(files, "conv"))
    _, envelope, tensors = HEADER.unpack(frame[: HEADER.size])
    assert Frame(frame[HEADER.size :], bytearray()).body == codec.Load(files, "conv")
    assert (envelope, tensors) == (len(frame) - HEADER.size, 0)
    with pytest.raises(ProtocolError, match="too large"):
        encode(codec.Load({"conv.py": bytes(17 << 20)}, "conv"))


def test_data_travels_as_its_name():
    tensor = torch.arange(6)
    packer = codec.Packer()
    frame = codec.encode(codec.Call("f", packer.pack((codec.Shared("images", tensor),)), packer.pack({})), packer)
    assert codec.HEADER.unpack(frame[: codec.HEADER.size])[2] == 0
    body = frame[codec.HEADER.size :]
    there = codec.Frame(body, bytearray(), {"images": tensor})
    assert there.value(there.body.args)[0] is tensor
    here = codec.Frame(body, bytearray())
    with pytest.raises(codec.ProtocolError, match="names data that is not there"):
        here.value(here.body.args)
