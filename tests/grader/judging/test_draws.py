"""Random inputs: the same for every submission, drawn once, whatever way a submission goes."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from grader.judging import draws as module
from grader.judging.draws import Memory, Recent

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("normal"), st.lists(st.integers(1, 3), max_size=3).map(tuple)),
        st.tuples(st.just("integer"), st.integers(1, 1000)),
        st.tuples(st.just("remember"), st.integers(1, 4)),
    ),
    max_size=6,
)


def go(draws, steps):
    """What a check draws that takes these steps."""
    found = []
    for kind, size in steps:
        if kind == "normal":
            found.append(draws.normal(*size))
        elif kind == "integer":
            found.append(draws.integer(0, size))
        else:
            found.append(draws.remember(lambda size=size: draws.normal(size) * draws.integer(1, 9)))
    return found


def same(one, other):
    return all(torch.equal(torch.as_tensor(a), torch.as_tensor(b)) for a, b in zip(one, other, strict=True))


@given(st.lists(STEPS, min_size=1, max_size=5))
def test_what_is_drawn_does_not_depend_on_who_came_before(ways):
    memory = Memory()
    for steps in ways:
        # of one kind at one place: what `remember` returns depends on its place alone
        steps = [(kind, 3 if kind == "remember" else size) for kind, size in steps]
        assert same(go(memory.draws(7), steps), go(Memory().draws(7), steps))


@given(STEPS)
def test_without_room_everything_is_drawn_anew_and_the_same(steps):
    memory = Memory()
    memory._places = module.PLACES
    assert same(go(memory.draws(7), steps), go(Memory().draws(7), steps))
    assert not memory._tensors


def test_the_next_submission_gets_the_same_objects():
    memory = Memory()
    steps = [("normal", (2, 3)), ("remember", 3), ("normal", (2,))]
    first, second = (go(memory.draws(7), steps) for _ in range(2))
    assert all(a is b for a, b in zip(first, second, strict=True))
    assert not torch.equal(first[0], memory.draws(8).normal(2, 3))


def test_other_shapes_and_dtypes_are_other_draws():
    memory = Memory()
    assert memory.draws(7).normal(2).dtype is torch.float64
    assert torch.equal(memory.draws(7).normal(2, dtype=torch.float32), memory.draws(7).normal(2).float())
    assert memory.draws(7).normal(3).shape == (3,)


def test_normal_is_standard_normal():
    drawn = Memory().draws(7).normal(100_000)
    assert abs(drawn.mean()) < 5 / math.sqrt(100_000)
    assert abs(drawn.var() - 1) < 5 * math.sqrt(2 / 100_000)


def test_integers_reach_both_ends():
    draws = Memory().draws(7)
    assert {draws.integer(3, 5) for _ in range(100)} == {3, 4, 5}


def test_what_raises_is_not_remembered():
    memory = Memory()
    with pytest.raises(ZeroDivisionError):
        memory.draws(7).remember(lambda: 1 / 0)
    draws = memory.draws(7)
    assert torch.equal(draws.remember(lambda: draws.normal(2)), Memory().draws(7).normal(2))


def test_names_tell_arguments_apart():
    memory = Memory()
    x, y = memory.draws(7).normal(2), memory.draws(8).normal(2)
    calls = [(x, 1), (x, True), (x, 1.0), (x, "1"), (x, None), (x, (1,)), (x, {1: 2}), (x, (1, 2)), (x, 0.0), (x, -0.0)]
    calls += [(y, 1), (x,), (x, 1, 1), (x, {"a": x}), (x, {"b": x}), (x, {"a": y}), (x, ("a", x))]
    names = [memory.name(*call) for call in calls]
    assert None not in names
    assert len(set(names)) == len(names)
    assert memory.name(x, 1) == memory.name(x, 1)
    assert memory.name(x, float("nan")) == memory.name(x, float("nan"))


@pytest.mark.parametrize("value", [torch.ones(2), [1], object(), (torch.ones(1),), {"a": [1]}, 1j])
def test_what_is_not_remembered_has_no_name(value):
    memory = Memory()
    assert memory.name(memory.draws(7).normal(2), value) is None


def test_a_view_of_what_is_remembered_has_no_name():
    memory = Memory()
    x = memory.draws(7).normal(2, 3)
    assert memory.name(x.T) is None
    assert memory.name(x) is not None


def test_what_was_not_asked_for_longest_goes_first():
    recent = Recent(cap=10)
    for key in "abc":
        recent.keep(key, key.upper(), 3)
    assert recent.get("a") == "A"
    recent.keep("d", "D", 3)
    assert [key for key in "abcd" if key in recent] == ["a", "c", "d"]
    recent.keep("e", "E", 11)
    assert [recent.get(key) for key in "abcde"] == [None] * 5
    recent.keep("a", "A", 10)
    assert recent.get("a") == "A"
