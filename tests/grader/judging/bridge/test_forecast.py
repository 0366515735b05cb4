"""What may be asked ahead: nothing in which a submission that looks at what waits for it could read an answer."""

from __future__ import annotations

import pytest
import torch

from grader.judging.bridge.forecast import COUNT, PARTS, PRINTS, Asked, Forecast, Lookahead, faults, gives_away, prints

X = torch.tensor([[0.3, -1.2, 2.5], [0.7, 4.1, -0.2]], dtype=torch.float64)


def asked(*calls) -> list[Asked]:
    """Requests by their arguments and answers, each named by its place."""
    return [Asked(bytes([i]), f"f{i}", prints(given), prints(answer)) for i, (given, answer) in enumerate(calls)]


def learnt(*calls) -> Forecast:
    forecast = Forecast()
    forecast.learn(asked(*calls))
    return forecast


def test_what_holds_no_answer_is_asked_at_once():
    lookahead = Lookahead(learnt(*[([X + i], [X * X + i]) for i in range(5)]))
    lookahead.take(b"\0")
    assert lookahead.more() == [bytes([i]) for i in range(1, 5)]


@pytest.mark.parametrize(
    "given",
    [X.exp(), X.exp().flatten(), X.exp().t(), X.exp().flip(0), X.exp().float(), 2 * X.exp() - 1, [1, {"a": X.exp()}]],
    ids=["itself", "flat", "transposed", "turned", "in another precision", "scaled and shifted", "inside"],
)
def test_a_request_with_an_answer_in_it_waits_for_that(given):
    lookahead = Lookahead(learnt(([X], X.exp()), ([X.sin()], X.cos()), ([X, given], X.tan()), ([X + 1], X + 2)))
    assert lookahead.forecast.after == [-1, -1, 0, -1]
    lookahead.take(b"\0")
    assert lookahead.more() == [b"\1"]
    lookahead.take(b"\1")  # so the one before is answered
    assert lookahead.more() == [b"\2", b"\3"]


@pytest.mark.parametrize("number", [2.718281828, torch.tensor(2.718281828), torch.tensor([2.718281828])])
def test_a_single_number_is_an_answer_too(number):
    assert gives_away(asked(([X], 2.718281828), ([number], X)))[1] == [0]


@pytest.mark.parametrize("common", [0, 1, 3, 1.0, torch.zeros(3, 4), torch.ones(9), torch.tensor([1, 2]), True, "a"])
def test_what_many_answers_are_is_none(common):
    assert gives_away(asked(([X], common), ([common], X.exp()))) == [[], []]


def test_an_input_that_comes_back_as_it_was_is_no_answer():
    assert gives_away(asked(([X], X.relu() + X.clamp(max=0)), ([X], X.exp()))) == [[], []]


def test_a_large_answer_is_looked_at_in_part():
    assert len(prints([0.5 + i for i in range(10 * PARTS)])) < PARTS
    assert prints([torch.ones(1 << 20) * 0.5, torch.full((2,), float("nan"))]) == []


def test_answers_of_many_numbers_are_compared_in_no_time():
    many = [[0.5 + i + 1e-9 * request for i in range(PARTS)] for request in range(200)]
    calls = asked(*[([X + request], answer) for request, answer in enumerate(many)])
    assert max(len(one.answered) for one in calls) <= PRINTS + 1
    assert gives_away(calls) == [[]] * 200


def test_a_check_that_gives_what_a_later_one_asks_for_is_a_fault_of_the_suite():
    calls = asked(([X, X.exp()], X.cos()), ([X], X.exp()))
    forecast = Forecast()
    forecast.learn(calls)
    (fault,) = faults(calls, forecast)
    assert fault.startswith("a check gives `f0` the answer that a later check asks of `f1`")


def test_a_forecast_that_gives_an_answer_away_is_a_fault():
    calls = asked(([X], X.exp()), ([X, X.exp()], X.tan()))
    forecast = Forecast()
    forecast.learn(calls)
    assert faults(calls, forecast) == []
    forecast.after = [-1, -1]
    assert faults(calls, forecast) == ["`f1` is asked ahead with the answer to an earlier call in it"]


def test_no_more_is_on_its_way_than_is_allowed():
    lookahead = Lookahead(learnt(*[([X + i], [X * X + i]) for i in range(COUNT + 20)]))
    lookahead.take(b"\0")
    assert len(lookahead.more()) == COUNT
