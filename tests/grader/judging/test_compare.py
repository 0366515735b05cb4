"""Agreement: what passes, what the student reads where it does not, and that no expected value is given away."""

from __future__ import annotations

import math
from dataclasses import dataclass
from types import SimpleNamespace
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.judging.compare import TOLERANCE, Disagreement, compare, kind

FLOATS = list(TOLERANCE)
finite = st.floats(-1e6, 1e6, allow_subnormal=False)


def tensors(dtype: torch.dtype = torch.float64, minimum: int = 0):
    return st.lists(finite, min_size=minimum, max_size=24).map(lambda values: torch.tensor(values, dtype=dtype))


def message(answer, expected, **options) -> str:
    wrong = compare(answer, expected, **options)
    assert isinstance(wrong, Disagreement)
    return wrong.message


@pytest.mark.parametrize("dtype", [*FLOATS, torch.int64, torch.uint8, torch.bool], ids=str)
@pytest.mark.parametrize("shape", [(), (0,), (4,), (2, 3), (2, 1, 3, 2)])
def test_equal_tensors_agree(dtype, shape):
    expected = (torch.rand(shape) * 3).to(dtype)
    assert compare(expected.clone(), expected) is None


@given(tensors())
def test_every_tensor_agrees_with_itself(expected):
    assert compare(expected.clone(), expected) is None


@given(tensors(minimum=1), st.data())
def test_an_error_beyond_tolerance_is_seen_and_one_within_is_not(expected, data):
    place = data.draw(st.integers(0, len(expected) - 1))
    scale = float(expected.abs().max()) or 1.0
    within, beyond = expected.clone(), expected.clone()
    within[place] += 0.5e-9 * scale
    beyond[place] += 2e-9 * scale
    assert compare(within, expected) is None
    wrong = compare(beyond, expected)
    assert wrong is not None
    assert wrong.evidence.largest_error_at == (place,)
    assert wrong.evidence.wrong_share == pytest.approx(1 / len(expected))
    assert wrong.evidence.error_over_tolerance == pytest.approx(2, rel=1e-3)


@pytest.mark.parametrize("dtype", FLOATS, ids=str)
def test_tolerance_fits_the_dtype(dtype):
    expected = torch.linspace(1, 2, 20).to(dtype)
    assert compare((expected * (1 + TOLERANCE[dtype] / 4)).to(dtype), expected) is None
    assert compare((expected * (1 + TOLERANCE[dtype] * 8)).to(dtype), expected) is not None


def test_tolerance_is_relative_to_the_largest_element():
    expected = torch.tensor([1e6, 0.0], dtype=torch.float64)
    assert compare(expected + torch.tensor([0, 1e-4]), expected) is None
    assert compare(expected + torch.tensor([0, 1e-2]), expected) is not None


def test_tolerance_can_be_stated():
    expected = torch.ones(3)
    assert compare(expected * 1.05, expected, tolerance=0.1) is None
    assert compare(expected, expected.clone(), tolerance=0) is None
    assert compare(expected + 2**-23, expected, tolerance=0) is not None
    assert compare(1.05, 1.0, tolerance=0.1) is None
    assert compare(1.0 + 1e-12, 1.0, tolerance=0) is not None


@given(tensors(minimum=1), st.sampled_from([math.nan, math.inf, -math.inf]), st.data())
def test_what_is_not_finite_never_agrees_by_itself(expected, odd, data):
    answer = expected.clone()
    answer[data.draw(st.integers(0, len(expected) - 1))] = odd
    assert "holds NaN or infinity" in message(answer, expected)


def test_infinity_agrees_with_infinity():
    expected = torch.tensor([math.inf, 1.0, -math.inf])
    assert compare(expected.clone(), expected) is None
    assert compare(-expected, expected) is not None
    assert compare(torch.ones(3), expected) is not None


@given(st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1, max_size=9), st.integers(0, 8))
def test_integers_are_exact(values, place):
    expected = torch.tensor(values)
    place %= len(values)
    answer = expected.clone()
    answer[place] ^= 1
    assert compare(expected.clone(), expected) is None
    evidence = compare(answer, expected).evidence
    assert evidence.largest_error_at == (place,)
    assert evidence.largest_error == 1 or abs(values[place]) >= 2**53  # beyond, an error is told as a float


def test_integer_error_is_the_difference():
    assert compare(torch.tensor([50]), torch.tensor([5])).evidence.largest_error == 45


FORM = {
    "none": (None, "the result is None; a torch.Tensor is asked for"),
    "list": ([1.0, 2.0], "the result is a list of 2; a torch.Tensor is asked for"),
    "tuple": ((torch.ones(2),), "the result is a tuple of 1; a torch.Tensor is asked for"),
    "dict": ({}, "the result is a dict of 0; a torch.Tensor is asked for"),
    "array": (np.ones(2), "the result is a numpy array; a torch.Tensor is asked for"),
    "numpy number": (np.float64(2), "the result is a numpy number; a torch.Tensor is asked for"),
    "int": (3, "the result is an int; a torch.Tensor is asked for"),
    "handle": (SimpleNamespace(_type_name="Conv2d"), "the result is a Conv2d; a torch.Tensor is asked for"),
    "shape": (torch.ones(3), "the result has shape (3,); (2,) is asked for"),
    "broadcastable": (torch.ones(1), "the result has shape (1,); (2,) is asked for"),
    "scalar": (torch.ones(()), "the result has shape (); (2,) is asked for"),
    "dtype": (torch.ones(2, dtype=torch.float64), "the result has dtype float64; float32 is asked for"),
    "shape before dtype": (torch.ones(3, dtype=torch.int8), "the result has shape (3,); (2,) is asked for"),
    "not finite": (torch.tensor([math.nan, 9]), "the result holds NaN or infinity in 50% of its elements"),
    "wrong": (torch.zeros(2), "the result is wrong in all of its elements"),
}


@pytest.mark.parametrize(("answer", "text"), FORM.values(), ids=FORM)
def test_first_message_is_the_most_useful_one(answer, text):
    assert message(answer, torch.ones(2)) == text


def test_an_output_has_a_name():
    assert message(torch.zeros(2), torch.ones(2), output="dx") == "`dx` is wrong in all of its elements"
    assert compare(torch.zeros(2), torch.ones(2), output="dx").evidence.output == "dx"


@pytest.mark.parametrize(
    ("wrong", "share"), [(1, "under 0.01%"), (40, "0.20%"), (2000, "10%"), (19_999, "over 99%"), (20_000, "all")]
)
def test_share(wrong, share):
    answer = torch.ones(20_000)
    answer[:wrong] = 5
    assert message(answer, torch.ones(20_000)) == f"the result is wrong in {share} of its elements"


@settings(deadline=None)
@given(st.lists(st.integers(1, 40), max_size=4), st.integers(0, 10**6))
def test_error_map_is_small_and_holds_levels_only(shape, seed):
    generator = torch.Generator().manual_seed(seed)
    expected = torch.rand(shape, generator=generator, dtype=torch.float64)
    answer = expected + torch.rand(shape, generator=generator, dtype=torch.float64)
    rows = compare(answer, expected).evidence.error_map
    assert 1 <= len(rows) <= 28
    assert 1 <= len(rows[0]) <= 28
    assert {type(cell) for row in rows for cell in row} == {int}
    assert {cell for row in rows for cell in row} <= set(range(10))


def test_error_map_shows_where():
    expected = torch.ones(2, 3, 4, 4, dtype=torch.float64)
    answer = expected.clone()
    answer[1, 2, 3, 0] = 1 + 5e-9
    answer[0, 0, 0, 3] = math.inf
    rows = compare(answer, expected).evidence.error_map
    assert rows[0] == (0, 0, 0, 9)
    assert rows[1] == rows[2] == (0, 0, 0, 0)
    assert rows[3] == (1, 0, 0, 0)


SECRET = 7.123456


@given(st.one_of(st.integers(-1000, 1000).map(float), st.just(math.nan)))
def test_no_expected_value_is_given_away(value):
    expected = torch.full((3, 3), SECRET, dtype=torch.float64)
    wrong = compare(torch.full((3, 3), value, dtype=torch.float64), expected)
    assert "7.1" not in wrong.message
    assert "7.1" not in message(value, SECRET)
    assert "7" not in message(8, 7)
    assert "secret" not in message("other", "secret")


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        *((2, 2), (2.0, 2.0), (2, 2.0), (True, True), ("a", "a"), (None, None), (0.1 + 0.2, 0.3), (math.inf, math.inf)),
        *((np.float64(2.0), 2.0), (np.array(2.0), 2.0)),  # numpy's float of 64 bits is Python's
    ],
)
def test_scalars_agree(answer, expected):
    assert compare(answer, expected) is None


@pytest.mark.parametrize(
    ("answer", "expected", "text"),
    [
        (3, 2, "the result is 3, which is wrong"),
        (2.5, 2.0, "the result is 2.5, which is wrong"),
        (2.0, 2, "the result is a float; an int is asked for"),
        (True, 1, "the result is a bool; an int is asked for"),
        (True, 1.0, "the result is a bool; a float is asked for"),
        (1, True, "the result is an int; a bool is asked for"),
        (math.nan, 1.0, "the result is nan"),
        (math.inf, 1.0, "the result is inf"),
        (1.0, math.inf, "the result is 1, which is wrong"),
        (-math.inf, math.inf, "the result is -inf"),
        (None, 1.0, "the result is None; a float is asked for"),
        (0, None, "the result is an int; None is asked for"),
        ("x" * 200, "y", "the result is '" + "x" * 78 + "…, which is wrong"),
        (np.float64(2.5), 2.0, "the result is 2.5, which is wrong"),
        (np.float32(2.5), 2.0, "the result is 2.5, which is wrong"),
        (np.int64(3), 2.0, "the result is 3, which is wrong"),
        (np.array(2.5), 2, "the result is a numpy number; an int is asked for"),
        (np.True_, 1, "the result is a bool; an int is asked for"),
        (torch.tensor(2.0), 2.0, "the result is a tensor of shape (); a float is asked for"),
    ],
)
def test_scalars_that_do_not(answer, expected, text):
    assert message(answer, expected) == text


def test_sequences():
    expected = (torch.ones(2), 3)
    assert compare([torch.ones(2), 3], expected) is None
    assert compare((torch.ones(2), 3), list(expected)) is None
    assert message((torch.ones(2),), expected) == "the result has 1 entries; 2 are asked for"
    assert message(torch.ones(2), expected) == "the result is a tensor of shape (2,); a tuple of 2 is asked for"
    assert message((torch.ones(2), 4), expected) == "`result[1]` is 4, which is wrong"
    assert message(((1, 2), 3), ((1, 3), 3), output="sizes") == "`sizes[0][1]` is 2, which is wrong"


def test_expected_may_be_part_of_a_graph():
    expected = torch.ones(2, requires_grad=True) * 2
    assert compare(torch.full((2,), 2.0), expected) is None
    assert compare(torch.ones(2), expected) is not None


def test_kind_reads_well():
    assert [kind(value) for value in (1, 1.5, "a", [], np.zeros(2))] == [
        "an int", "a float", "a str", "a list of 0", "a numpy array",
    ]  # fmt: skip


class Point(NamedTuple):
    x: float
    name: str


@dataclass
class Result:
    mean: float
    counts: dict


FRAME = pd.DataFrame({"a": [1.0, math.nan], "b": ["x", None], "n": [1, 2]}, index=["r", "s"])
ALIKE = {
    "floats of a dictionary": ({"mean": 0.1 + 0.2, "n": 3}, {"mean": 0.3, "n": 3}),
    "keys in another order": ({"b": 1, "a": 2}, {"a": 2, "b": 1}),
    "deep": ({"a": [({"b": 0.1 + 0.2},)]}, {"a": [({"b": 0.3},)]}),
    "tensors of a dictionary": ({"w": torch.ones(2) * (1 + 1e-7)}, {"w": torch.ones(2)}),
    "a named tuple": ((0.1 + 0.2, "p"), Point(0.3, "p")),
    "a dataclass": (Result(0.1 + 0.2, {"k": 1}), Result(0.3, {"k": 1})),
    "an array": (np.array([0.1 + 0.2]), np.array([0.3])),
    "integers of another size": (np.arange(3), np.arange(3)),
    "texts": (np.array(["a", "b"]), np.array(["a", "b"], dtype=object)),
    "numbers of numpy": (np.float64(0.1 + 0.2), 0.3),
    "of numpy expected": (0.1 + 0.2, np.float64(0.3)),
    "what argmax gives": (np.array(3), 3),
    "a truth of numpy": (np.array(True), True),
    "single precision": (np.float32(0.1), 0.1),
    "complex": (1 + (0.1 + 0.2) * 1j, 1 + 0.3j),
    "a set": ({1, 2}, frozenset({2, 1})),
    "a frame": (FRAME * 1, FRAME),
    "a frame of rounding": (FRAME.assign(a=[1.0 + 1e-12, math.nan]), FRAME),
    "a series of another name": (FRAME["a"].rename("q"), FRAME["a"]),
    "smaller integers": (FRAME.astype({"n": "int32"}), FRAME),
}
DIFFERENT = {
    "a key": (
        {"mean": 1.0},
        {"mean": 1.0, "sd": 2.0},
        "the result has 1 keys; 2 are asked for, and one is missing: 'sd'",
    ),
    "another key": ({"a": 1, "b": 2}, {"a": 1}, "the result has a key that is not asked for: 'b'"),
    "a value": ({"mean": 1.5}, {"mean": 1.0}, "`result['mean']` is 1.5, which is wrong"),
    "deep": ({"a": [1.0, 2.5]}, {"a": [1.0, 2.0]}, "`result['a'][1]` is 2.5, which is wrong"),
    "no dictionary": ([1], {"a": 1}, "the result is a list of 1; a dictionary is asked for"),
    "a field": ((1.5, "p"), Point(1.0, "p"), "`result.x` is 1.5, which is wrong"),
    "no named tuple": (None, Point(1.0, "p"), "the result is None; a tuple (x, name) is asked for"),
    "a record's field": (Result(1.5, {}), Result(1.0, {}), "`result.mean` is 1.5, which is wrong"),
    "no record": (
        {"mean": 1.0},
        Result(1.0, {}),
        "the result is a dict of 1; an object with mean, counts is asked for",
    ),
    "an array": (np.array([1.0, 2.5]), np.array([1.0, 2.0]), "the result is wrong in 50% of its elements"),
    "an array's shape": (np.ones(3), np.ones(2), "the result has shape (3,); (2,) is asked for"),
    "an array's dtype": (np.ones(2, int), np.ones(2), "the result has dtype int64; float64 is asked for"),
    "no array": ([1.0], np.ones(1), "the result is a list of 1; a numpy array is asked for"),
    "a tensor": (torch.ones(1), np.ones(1), "the result is a tensor of shape (1,); a numpy array is asked for"),
    "a text": (np.array(["a", "c"]), np.array(["a", "b"]), "the result is wrong in 50% of its elements"),
    "texts for numbers": (np.array(["a"]), np.ones(1), "the result has dtype <U1; float64 is asked for"),
    "complex": (1 + 2j, 1 + 3j, "the result is 1+2j, which is wrong"),
    "a set's size": ({1}, {1, 2}, "the result has 1 elements; 2 are asked for"),
    "a set": ({1, 3}, {1, 2}, "the result is {1, 3}, which is wrong"),
    "no set": ([1], {1}, "the result is a list of 1; a set is asked for"),
    "a column": (FRAME[["a", "b"]], FRAME, "the result has no column 'n'; it has 'a', 'b'"),
    "columns' order": (
        FRAME[["b", "a", "n"]],
        FRAME,
        "the result has the columns 'b', 'a', 'n'; fewer, or another order, are asked for",
    ),
    "rows": (FRAME.iloc[:1], FRAME, "the result has 1 rows; 2 are asked for"),
    "the index": (FRAME.reset_index(drop=True), FRAME, "the index of the result holds integers; texts are asked for"),
    "labels": (FRAME.rename(index={"r": "q"}), FRAME, "the index of the result is wrong in 50% of its rows"),
    "floats": (FRAME.assign(a=[2.0, math.nan]), FRAME, "column 'a' of the result is wrong in 50% of its rows"),
    "a missing value": (FRAME.assign(a=[1.0, 1.0]), FRAME, "column 'a' of the result is wrong in 50% of its rows"),
    "floats for integers": (
        FRAME.astype({"n": float}),
        FRAME,
        "column 'n' of the result holds floats; integers are asked for",
    ),
    "a series for a frame": (FRAME["a"], FRAME, "the result is a pandas Series of 2; a pandas DataFrame is asked for"),
    "no frame": (None, FRAME, "the result is None; a pandas DataFrame is asked for"),
}


@pytest.mark.parametrize(("answer", "expected"), ALIKE.values(), ids=ALIKE)
def test_structures_that_agree(answer, expected):
    assert compare(answer, expected) is None


@pytest.mark.parametrize(("answer", "expected", "text"), DIFFERENT.values(), ids=DIFFERENT)
def test_structures_that_do_not(answer, expected, text):
    assert message(answer, expected) == text


E64 = torch.tensor([[1.0, -2.0, 3.0, 4.0], [0.5, 6.0, -7.0, 8.0]], dtype=torch.float64)


@pytest.mark.parametrize(
    ("answer", "fact"),
    [
        (-E64, "every element has the wrong sign, and is right but for that"),
        (2 * E64, "every element is 2 times the expected one"),
        (E64 / 4, "every element is 1/4 of the expected one"),
        (E64 * 3 / 4, "every element is 3/4 of the expected one"),
        (E64 * 8 / 7, "every element is 8/7 of the expected one"),
        (E64 * 0.3141, "every element is the expected one times one and the same number"),
        (E64 + 0.7, "every element is off by one and the same number"),
        (
            E64 * (1 + 1e-7 * torch.arange(8.0, dtype=torch.float64).reshape(2, 4)),
            "it is right to the precision of float32, and no further",
        ),
        (E64.flip(0), ""),
        (E64 * float("nan"), ""),
        (torch.where(E64 > 7, 0.0, E64), ""),
    ],
)
def test_what_explains_all_elements_is_measured(answer, fact):
    wrong = compare(answer, E64)
    assert wrong is not None
    assert wrong.evidence is not None
    assert wrong.evidence.fact == fact


def test_of_equal_or_few_numbers_no_fact_is_told():
    for right in (torch.ones(8), torch.tensor([2.0, 3.0])):
        wrong = compare(2 * right, right)
        assert wrong is not None
        assert wrong.evidence is not None
        assert wrong.evidence.fact == ""


@pytest.mark.parametrize(
    ("share", "level"),
    [(1e-12, 0), (5e-9, 1), (5e-7, 2), (5e-6, 3), (5e-4, 4), (5e-3, 5), (0.05, 6), (0.5, 7), (5.0, 8), (50.0, 9)],
)
def test_a_map_tells_rounding_nearly_and_wrong_apart(share, level):
    answer = E64.clone()
    answer[0, 0] += share * 8
    wrong = compare(answer, E64)
    found = wrong.evidence.error_map[0][0] if wrong and wrong.evidence else 0
    assert found == level
