"""The bucket of tokens, by its properties."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from grader.portal.bucket import Tokens, tokens

START = datetime(2027, 3, 1, tzinfo=UTC)
capacities = st.integers(1, 8)
periods = st.integers(1, 500).map(lambda minutes: timedelta(minutes=minutes))
moments = st.lists(st.integers(0, 3_000).map(lambda minutes: START + timedelta(minutes=minutes)), max_size=12)
steps = st.lists(st.integers(-400, 400).map(lambda minutes: timedelta(minutes=minutes)), max_size=40)
HOUR = timedelta(hours=1)


def test_an_evening():
    assert tokens(3, 12 * HOUR, [], START) == Tokens(3, None)
    assert tokens(3, 12 * HOUR, [START, START + HOUR], START + 2 * HOUR) == Tokens(1, START + 12 * HOUR)
    assert tokens(3, 12 * HOUR, [START, START + HOUR], START + 12 * HOUR) == Tokens(2, START + 24 * HOUR)
    assert tokens(3, 12 * HOUR, [START] * 4, START) == Tokens(0, START + 12 * HOUR)


@given(capacities, periods, moments, moments.filter(bool))
def test_it_holds_between_nothing_and_its_capacity_and_the_next_token_comes_when_it_is_said(
    capacity, period, taken, later
):
    now = later[0]
    found = tokens(capacity, period, taken, now)
    assert 0 <= found.left <= capacity
    assert (found.next is None) == (found.left == capacity)
    if found.next is not None:
        begun = max([*taken, now])
        assert begun < found.next <= begun + period
        assert tokens(capacity, period, taken, found.next).left == found.left + 1
        assert tokens(capacity, period, taken, found.next - timedelta(microseconds=1)).left == found.left


@given(capacities, periods, steps)
def test_whatever_the_clock_does_nobody_takes_more_than_its_furthest_moment_allows(capacity, period, steps):
    """A greedy student takes one whenever there is one."""
    now, taken = START, []
    furthest = START
    for step in (timedelta(), *steps):
        now += step
        furthest = max(furthest, now)
        if tokens(capacity, period, taken, now).left:
            taken.append(now)
        assert len(taken) <= capacity + (furthest - START) // period


@given(capacities, periods, moments.filter(bool), steps.filter(bool))
def test_a_clock_that_goes_back_brings_none(capacity, period, taken, steps):
    now = max(taken)
    before = tokens(capacity, period, taken, now)
    assert tokens(capacity, period, taken, now - abs(steps[0])).left <= before.left
    # one that is taken at the earlier moment is missing at the later one
    after = tokens(capacity, period, [*taken, now - abs(steps[0])], now)
    assert after.left == max(before.left - 1, 0)


@given(capacities, periods, moments.filter(bool), st.data())
def test_a_token_that_is_given_back_takes_none_away(capacity, period, taken, data):
    one = data.draw(st.integers(0, len(taken) - 1))
    now = max(taken) + data.draw(periods)
    kept = taken[:one] + taken[one + 1 :]
    assert tokens(capacity, period, taken, now).left <= tokens(capacity, period, kept, now).left
    before, after = (tokens(capacity, period, sorted(some), now).left for some in (taken, kept))
    assert before <= after <= before + 1


@given(capacities, periods, st.integers(0, 20))
def test_with_a_clock_that_runs_forward_it_is_a_bucket_that_drips(capacity, period, taken):
    """Against a bucket that is played minute by minute."""
    minute = timedelta(minutes=1)
    level, times = capacity * (period // minute), []  # in minutes
    for at in range(taken * 10):
        now = START + at * minute
        found = tokens(capacity, period, times, now)
        assert found.left == level // (period // minute)
        if at % 10 == 0 and found.left:
            times.append(now)
            level -= period // minute
        level = min(level + 1, capacity * (period // minute))
