"""The trusted models: remembered answers, copied arguments, what was changed in place."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from grader.judging.answers import Model, reference_of, reply_of
from grader.judging.draws import Memory, Recent
from tests.grader.toy import homework

SOURCE = """
import torch
CALLS = []

def count(*args, **kwargs):
    CALLS.append(1)
    return len(CALLS)

def fill(x, y=None):
    x.fill_(7)
    if y is not None:
        y.add_(1)
    return x

def put(xs):
    xs["b"][0].fill_(7)

def grow(x):
    x.resize_(9)

def spoil(xs):
    xs[0].zero_()
    xs.append(3)

def refuse(x):
    raise ValueError("never")
"""


@pytest.fixture
def model():
    return Model("judge_model", SOURCE, "judge_model.py")


def test_equal_arguments_are_computed_once(model):
    a = torch.arange(3.0)
    assert model.count(a, k=1) == model.count(a.clone(), k=1) == 1
    others = [(a.double(),), (a.reshape(3, 1),), (a + 1,), ([a],), ((a,),), (a, a), (a.numpy(),), (1,), (1.0,), (True,)]
    assert [model.count(*args) for args in others] == list(range(2, 12))
    assert model.count(a, k=2) == 12


def test_arguments_are_copies(model):
    x = torch.zeros(2)
    xs = [x]
    assert model.fill(x).tolist() == [7, 7]
    model.spoil(xs)
    assert (x.tolist(), len(xs)) == ([0, 0], 1)


def test_what_is_changed_in_place_is_told(model):
    x, y = torch.zeros(2), torch.zeros(2)
    assert model._reply("fill", (x,), {"y": y}).changed == ("argument 1", "`y`")
    assert model._reply("fill", (torch.full((2,), 7.0),), {}).changed == ()
    assert model._reply("grow", (x,), {}).changed == ("argument 1",)


def test_changes_inside_containers_are_told(model):
    def changed(xs):
        return model._reply("put", (xs,), {}).changed

    assert changed({"a": torch.zeros(2), "b": [torch.zeros(2)]}) == ("argument 1",)
    assert changed({"a": torch.zeros(2), "b": [torch.full((2,), 7.0)]}) == ()
    assert changed({"a": 3, "b": (torch.full((2,), 7.0), torch.zeros(2))}) == ()
    assert model._reply("spoil", ([torch.zeros(2)],), {}).changed == ("argument 1",)


@pytest.mark.parametrize("dtype", [torch.float32, torch.int64, torch.bool, torch.complex128], ids=str)
def test_changes_are_seen_in_every_dtype(model, dtype):
    assert model._reply("fill", (torch.zeros(2, dtype=dtype),), {}).changed == ("argument 1",)
    assert model._reply("count", (torch.zeros(2, dtype=dtype),), {}).changed == ()


def test_nan_that_stays_is_no_change(model):
    assert model._reply("count", (torch.tensor([float("nan"), 1.0]),), {}).changed == ()


def test_exceptions_are_remembered_and_raised(model):
    for _ in range(2):
        with pytest.raises(ValueError, match="never"):
            model.refuse(1)


def test_absent_function(model):
    with pytest.raises(AttributeError):
        model.absent(1)
    with pytest.raises(AttributeError):
        model._private  # noqa: B018


def test_what_the_wire_does_not_carry_is_computed_each_time(model):
    assert [model.count(object()) for _ in range(2)] == [1, 2]


def test_reference_of(tmp_path):
    assert reference_of(homework(tmp_path)).double(4) == 8


def test_numpy_arrays_are_copied_and_looked_at_too():
    array = np.array([1.0, np.nan])
    reply = reply_of(lambda xs: xs["a"].fill(7), ({"a": array},), {})
    assert reply.changed == ("argument 1",)
    assert array[0] == 1
    assert reply_of(lambda xs: None, ({"a": array},), {}).changed == ()


@pytest.mark.parametrize("other", [3, None, [], torch.ones(2)], ids=str)
def test_an_argument_of_another_form_is_a_changed_one(other):
    for sent in ([1, 2], {"a": 1}, np.ones(2)):
        xs = [sent]
        assert reply_of(lambda xs: xs.__setitem__(0, other), (xs,), {}).changed == ("argument 1",)


def test_answers_to_arguments_without_end_are_forgotten_again():
    memory = Memory()
    memory.recent = Recent(cap=8 << 20)
    model, other = (Model("judge_model", SOURCE, "judge_model.py", memory) for _ in range(2))
    first = torch.arange(1 << 17, dtype=torch.float64)  # a megabyte
    assert model.fill(first) is model.fill(first.clone()) is not other.fill(first)
    for number in range(10):
        model.fill(first + 1 + number)
    assert sum(size for _, size in memory.recent._kept.values()) <= 8 << 20
    assert len(model._memory) == 0


SIZED = """
import torch
MADE = []

def make(count):
    MADE.append(count)
    return torch.zeros(count)

def short_of_memory():
    MADE.append(0)
    if len(MADE) == 1:
        raise MemoryError
    return len(MADE)
"""


def test_a_large_answer_is_kept_only_while_there_is_room():
    drawn = Memory()
    drawn.recent = Recent(1 << 20)
    model = Model("sized", SIZED, "sized.py", drawn, forgets_above=1 << 10)
    made = model._function("make").__globals__["MADE"]
    for count in (10, 10, 100_000, 100_000):
        model.make(count)
    assert made == [10, 100_000]
    for count in (200_000, 100_000, 10):  # there is room for one of them
        model.make(count)
    assert made == [10, 100_000, 200_000, 100_000]


def test_an_answer_for_which_there_was_no_room_is_asked_for_again():
    model = Model("short", SIZED, "sized.py")
    with pytest.raises(MemoryError):
        model.short_of_memory()
    assert model.short_of_memory() == 2
    assert model.short_of_memory() == 2


def test_what_it_warns_of_is_nobodys_to_read():
    reply = reply_of(lambda: torch.nn.Linear(3, 0), (), {})
    assert reply.error is None  # in tests a warning is an error
    assert reply.value.out_features == 0
