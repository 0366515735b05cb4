"""Asking ahead: the calls of one hidden suite are the same for every submission, so the next ones can be on their way.

While the judge compares one answer, the fork works on the next: neither waits for the other, and neither is woken up a
hundred times per submission (which costs more than the calls). A forecast only saves time: an answer counts only when a
check has asked exactly the bytes that it answers. An answer that no check needs is read and dropped.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import numpy as np
import torch
from torch import Tensor

from grader.judging.trees import parts

COUNT = 64  # requests on their way: enough for a fork to work on while the reports before it are written
SIZE = 1 << 20  # bytes of them
PRINTED = SIZE // 8  # elements of a tensor that may be in a request asked ahead
PARTS = 512  # of an answer that are looked at, …
PRINTS = 32  # … and about so many prints of it kept: a submission may answer with thousands of numbers
FEW = 4  # elements, of which a whole number is no answer by which anybody could be known
ALIKE = 1e-4  # relative: an answer is given again in another precision, or by another order of summation
Print = tuple[str, int, tuple[float, ...]]  # what of it, elements, moments
VAIN_SECONDS = 1.0  # for what was asked in vain to be answered, before its fork is given up


@dataclass
class Asked:
    """One request of a submission: what it held, and what came back, by prints of their numbers."""

    frame: bytes | None  # None: never to be asked ahead
    function: str = ""  # whose name it is asked by; "" for an object's
    given: list[Print] = field(default_factory=list)
    answered: list[Print] = field(default_factory=list)


def prints(value: Any) -> list[Print]:
    """A print of each number and tensor in plain data that tells anything, whatever the order of its elements.

    Two for a tensor of four elements or more: one of them stays what it is if all are scaled and shifted alike.
    """
    found = []
    for part in islice(parts(value), PARTS):
        if isinstance(part, float):
            part = torch.tensor(part, dtype=torch.float64)
        if isinstance(part, np.ndarray) and part.dtype.kind in "biufc":
            part = torch.as_tensor(part)
        if isinstance(part, torch.Tensor) and 0 < part.numel() <= PRINTED and not part.is_complex():
            found += _prints(part.detach().double().flatten())
        if len(found) >= PRINTS:
            break
    return list(dict.fromkeys(found))


def _prints(x: Tensor) -> list[Print]:
    is_whole = bool((x == x.round()).all())
    if not bool(torch.isfinite(x).all()) or (is_whole and (len(x) < FEW or bool((x == x[0]).all()))):
        return []  # a size, zeros, ones
    found = [_print(x, "as it is")]
    if len(x) >= FEW and (spread := float(x.std())) > 0:
        found.append(_print((x - x.mean()) / spread, "scaled"))
    return found


def _print(x: Tensor, kind: str) -> Print:
    moments = torch.stack((x.mean(), x.abs().mean(), (x**2).mean(), x.min(), x.max(), (x**3).mean()))
    return kind, len(x), tuple(moments.tolist())


def _allowed(one: Print) -> float:
    """By how much the moments of an equal print may differ."""
    return ALIKE * max(map(abs, one[2]))


def _is_among(one: Print, others: Sequence[Print]) -> bool:
    allowed = _allowed(one)
    return any(
        one[:2] == other[:2] and all(abs(a - b) <= allowed for a, b in zip(one[2], other[2], strict=True))
        for other in others
    )


def gives_away(asked: Sequence[Asked]) -> list[list[int]]:
    """For each request the places of the others to which it holds an answer, that they did not hold themselves."""
    answers: dict[Any, list[tuple[float, int, Print]]] = defaultdict(list)
    for place, one in enumerate(asked):
        for answer in one.answered:
            if not _is_among(answer, one.given):
                answers[answer[:2]].append((answer[2][0], place, answer))
    for alike in answers.values():
        alike.sort(key=lambda entry: entry[0])
    found = []
    for place, one in enumerate(asked):
        others: set[int] = set()
        for given in one.given:
            alike = answers.get(given[:2], [])
            allowed = _allowed(given)
            begin = bisect_left(alike, given[2][0] - allowed, key=lambda entry: entry[0])
            end = bisect_right(alike, given[2][0] + allowed, key=lambda entry: entry[0])
            others.update(
                other for _, other, answer in alike[begin:end] if other not in others and _is_among(given, [answer])
            )
        found.append(sorted(others - {place}))
    return found


@dataclass
class Forecast:
    """The requests of a run's first submission with full marks, in order; None for one that is never asked ahead.

    A later check may be given what an earlier one asks for, and a submission can look at what waits for it. So a
    request with an answer in it is sent when that has been given, and never before.
    """

    requests: Sequence[bytes | None] = ()
    after: Sequence[int] = ()  # for each, the place of the last request that has to be answered before; -1 for none
    _places: dict[bytes, int] = field(default_factory=dict)

    def learn(self, asked: Sequence[Asked]) -> None:
        """Expect these requests of every submission to come."""
        self.requests = [one.frame for one in asked]
        self.after = [max(others, default=-1) for others in gives_away(asked)]
        self._places = {request: place for place, request in enumerate(self.requests) if request is not None}

    def place(self, request: bytes, expected: int) -> int | None:
        """Where `request` stands, `expected` first of all; None where it stands nowhere."""
        if expected < len(self.requests) and self.requests[expected] == request:
            return expected
        return self._places.get(request)


@dataclass
class Lookahead:
    """What one fork has been asked ahead."""

    forecast: Forecast
    _next: int = 0  # place of the next request in the forecast
    _window: int = COUNT  # requests on their way: none after one that is not forecast, then twice as many each time
    sent: deque[bytes] = field(default_factory=deque)  # and not answered yet

    def take(self, request: bytes) -> int | None:
        """After how many answers that nobody wants the one to `request` comes; None where it is not on its way."""
        vain = next((i for i, sent in enumerate(self.sent) if sent == request), None)
        place = self.forecast.place(request, self._next) if vain is None else self._next + vain
        if place is None:  # checks that go ways of their own go several in a row, each time for nothing asked ahead
            self._window = 0
        else:
            self._next = place + 1
            self._window = min(2 * self._window + 1, COUNT)
        if vain is not None:
            for _ in range(vain + 1):
                self.sent.popleft()
        return vain

    def in_vain(self) -> int:
        """How many answers will come to requests that nobody has made; they are forgotten here."""
        count = len(self.sent)
        self.sent.clear()
        return count

    def more(self) -> list[bytes]:
        """What to send now, so that the fork does not run out of work; nothing after a call that no forecast knows."""
        chosen: list[bytes] = []
        size = sum(map(len, self.sent))
        begin = self._next + len(self.sent)
        for place in range(begin, min(self._next + self._window, len(self.forecast.requests))):
            request = self.forecast.requests[place]
            if request is None or size + len(request) > SIZE or self.forecast.after[place] >= self._next - 1:
                break  # the answer to the request before the next one is not there yet
            size += len(request)
            chosen.append(request)
        self.sent.extend(chosen)
        return chosen


def faults(asked: Sequence[Asked], forecast: Forecast) -> list[str]:
    """A sentence for each request whose answer a submission could read off another one before it gives it.

    Of those asked ahead it could while they wait, though the forecast is to see to that; of earlier ones it could,
    where a suite asks in such an order.
    """
    given_away = gives_away(asked)
    found = dict.fromkeys(
        f"a check gives `{asked[holder].function}` the answer that a later check asks of `{asked[place].function}`: "
        "a submission could remember it. Ask in the other order, or with other inputs"
        for holder, places in enumerate(given_away)
        for place in places
        if holder < place and asked[place].frame is not None
    )
    lookahead = Lookahead(forecast)
    for place, one in enumerate(asked):
        if lookahead.take(one.frame or b"") is None:
            lookahead.in_vain()
        lookahead.more()
        for sent in lookahead.sent:
            holder = forecast.place(sent, place)
            if holder is not None and any(place <= other < holder for other in given_away[holder]):
                found[f"`{asked[holder].function}` is asked ahead with the answer to an earlier call in it"] = None
    return list(found)
