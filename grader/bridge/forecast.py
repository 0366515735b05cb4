"""Asking ahead: the calls of one hidden suite are the same for every submission, so the next ones can be on their way.

While the judge looks at one answer, the fork works on the next: neither waits for the other, and neither is woken up a
hundred times per submission (which costs more than the calls). A forecast only ever saves time: an answer counts when
and because a check has asked the very bytes that it answers, and what was asked ahead in vain is read and forgotten.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

COUNT = 64  # requests on their way: enough for a fork to work on while the reports before it are written
SIZE = 1 << 20  # bytes of them
VAIN_SECONDS = 1.0  # for what was asked in vain to be answered, before its fork is given up


@dataclass
class Forecast:
    """The requests of a run's first submission, in order; None for one that is never asked ahead."""

    requests: Sequence[bytes | None] = ()
    _places: dict[bytes, int] = field(default_factory=dict)

    def learn(self, requests: Sequence[bytes | None]) -> None:
        """Expect these requests of every submission to come."""
        self.requests = requests
        self._places = {request: place for place, request in enumerate(requests) if request is not None}

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
    _sent: deque[bytes] = field(default_factory=deque)

    def take(self, request: bytes) -> int | None:
        """After how many answers that nobody wants the one to `request` comes; None where it is not on its way."""
        vain = next((i for i, sent in enumerate(self._sent) if sent == request), None)
        place = self.forecast.place(request, self._next) if vain is None else self._next + vain
        if place is None:  # checks that go ways of their own go several in a row, each time for nothing asked ahead
            self._window = 0
        else:
            self._next = place + 1
            self._window = min(2 * self._window + 1, COUNT)
        if vain is not None:
            for _ in range(vain + 1):
                self._sent.popleft()
        return vain

    @property
    def on_their_way(self) -> int | None:
        """How many answers are still to come, once all that is foreseen has been sent; None before."""
        is_all = 0 < len(self.forecast.requests) <= self._next + len(self._sent)
        return len(self._sent) if is_all else None

    def in_vain(self) -> int:
        """How many answers will come to requests that nobody has made; they are forgotten here."""
        count = len(self._sent)
        self._sent.clear()
        return count

    def more(self) -> list[bytes]:
        """What to send now, so that the fork does not run out of work; nothing after a call that no forecast knows."""
        chosen: list[bytes] = []
        size = sum(map(len, self._sent))
        for request in self.forecast.requests[self._next + len(self._sent) : self._next + self._window]:
            if request is None or size + len(request) > SIZE:
                break
            size += len(request)
            chosen.append(request)
        self._sent.extend(chosen)
        return chosen
