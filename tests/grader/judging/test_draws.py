"""Random inputs: the same for every submission, drawn once, whatever way a submission goes."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from grader.judging import draws as module
from grader.judging.draws import Memory, Own, Recent
from grader.seed import Seed

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


@given(st.text(max_size=5), st.integers(-5, 5), st.integers(0, 9))
def test_a_students_value_is_told_by_seed_student_name_and_range_alone(name, low, width):
    memory, high = Memory(), low + width

    def value(seed: bytes, whose: str, check: int) -> int:
        return memory.draws(check, Own(Seed(seed), whose)).for_student.integer(name, low, high)

    assert low <= value(b"a", "ada", 1) <= high
    assert value(b"a", "ada", 1) == value(b"a", "ada", 2) == Own(Seed(b"a"), "ada").integer(name, low, high)


def test_students_and_seeds_differ_and_all_values_occur():
    values = [Own(Seed(b"a"), f"s{number}").integer("size", 3, 7) for number in range(200)]
    assert set(values) == {3, 4, 5, 6, 7}
    assert values != [Own(Seed(b"b"), f"s{number}").integer("size", 3, 7) for number in range(200)]


def test_what_is_made_of_a_students_value_is_not_remembered_for_another():
    memory = Memory()

    def made(whose: str):
        draws = memory.draws(7, Own(Seed(b"a"), whose))
        size = draws.for_student.integer("size", 1, 1000)
        return size, draws.remember(lambda: draws.normal(size)), draws.normal(2)

    (ada, x, then), (ben, y, after) = made("ada"), made("ben")
    assert (len(x), len(y)) == (ada, ben)
    assert ada != ben
    assert made("ada")[1] is x
    assert not torch.equal(then, after)  # for it comes after more or fewer numbers


@given(st.text(max_size=5), st.lists(st.one_of(st.text(max_size=3), st.integers(), st.floats(0, 1)), min_size=1))
def test_a_students_choice_is_one_of_the_options_and_the_same_in_each_check(name, options):
    memory = Memory()

    def value(whose: str, check: int):
        return memory.draws(check, Own(Seed(b"a"), whose)).for_student.choice(name, options)

    assert value("ada", 1) in options
    assert value("ada", 1) == value("ada", 2) == Own(Seed(b"a"), "ada").choice(name, options)


def test_all_options_occur_and_none_is_an_error():
    values = [Own(Seed(b"a"), f"s{number}").choice("padding", ("zeros", "reflect", 2)) for number in range(200)]
    assert set(values) == {"zeros", "reflect", 2}
    with pytest.raises(ValueError, match="nothing to choose 'padding' from"):
        Own(Seed(b"a"), "ada").choice("padding", ())


def test_one_name_has_one_range():
    own = Own(Seed(b"a"), "ada")
    own.integer("size", 1, 1)
    with pytest.raises(ValueError, match="'size' is asked for in two ranges"):
        own.integer("size", 2, 2)
