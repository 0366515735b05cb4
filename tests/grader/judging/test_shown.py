"""Values as a person reads them, as Python writes them, and as JSON."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
import torch

from grader.guest.values import differs
from grader.judging.shown import as_json, from_json, is_small, literal, number, numbers, shown

VALUES = [
    3,
    -0.25,
    math.inf,
    True,
    None,
    "mean",
    [1, 2.5],
    (1,),
    (),
    {"w": torch.ones(2), "b": (1, 2)},
    torch.tensor(2.5, dtype=torch.float64),
    torch.tensor([[1.0, -2.0], [0.1, math.inf]]),
    torch.tensor([True, False]),
    torch.tensor([1, 2]),
    torch.zeros(2, 0, 3),
    torch.full((9, 9), 2.0, dtype=torch.float64),
    (torch.arange(100) * 7 % 10 - 4).double().reshape(4, 25),
    torch.arange(70).float() ** 2,
]


def same(one, other):
    return not differs(one, other) and str(getattr(one, "dtype", "")) == str(getattr(other, "dtype", ""))


@pytest.mark.parametrize("value", VALUES, ids=str)
def test_python_gives_the_value_again(value):
    assert same(eval(literal(value), {"torch": torch}), value)


@pytest.mark.parametrize("value", VALUES, ids=str)
def test_a_file_gives_the_value_again(value):
    packed = json.loads(as_json("f", (value,), {"k": value}, value, ""))
    assert same(from_json(packed["args"])[0], value)
    assert same(from_json(packed["kwargs"]["k"]), value)
    assert same(from_json(packed["expected"]), value)


@pytest.mark.parametrize("packed", [{"x": 1}, {"tensor": [1], "dtype": "load", "shape": [1]}])
def test_what_is_no_value_is_refused(packed):
    with pytest.raises(ValueError, match="no "):
        from_json(packed)


def test_large_tensors_of_a_rule_are_short():
    assert literal(torch.ones(32, 32)) == "torch.full((32, 32), 1.0)"
    assert "torch.arange(100) * 7 % 10 - 4" in literal(VALUES[-2])


def test_a_tensor_is_shown_in_planes():
    one = shown("x", torch.arange(8.0).reshape(2, 1, 2, 2))
    assert one.form == "float32[2×1×2×2]"
    assert one.planes == ((("0", "1"), ("2", "3")), (("4", "5"), ("6", "7")))
    assert shown("x", torch.ones(99)).planes == ()
    assert shown("x", np.ones(2)).planes == ((("1", "1"),),)


def test_numbers_in_few_characters():
    assert [number(value) for value in (3.0, -0.25, 1 / 3, 1e12, True)] == ["3", "-0.25", "0.3333", "1e+12", "True"]


def test_which_numbers_there_are():
    assert list(numbers({"a": (1, True, "x"), "b": [torch.tensor([2.0, 3.0])]})) == [1, 2, 3]
    assert [is_small(value) for value in (7, -99, 100, 0.5, math.nan)] == [True, True, False, False, False]
