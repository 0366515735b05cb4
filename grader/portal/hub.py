"""Event streams: one reader of the database for all browsers, so that a stream holds no thread and no connection."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool

from grader.portal import line, people
from grader.portal.book import Book

LOOK_SECONDS = 0.1
BEAT_SECONDS = 15.0  # a comment keeps proxies from hanging up
STREAMS, OF_ONE = 1_000, 8  # at once: in all, and of one account
PLACE = "place"
AGAIN_MS = 2_000  # after which a browser reconnects


@dataclass(eq=False)
class _Stream:
    hand_in: int
    user: int
    session: str
    messages: asyncio.Queue[tuple[int, str, str] | None] = field(default_factory=asyncio.Queue)
    place: int = -1


class Full(Exception):
    """There are too many streams already."""


class Hub:
    """Who watches what. Everything here runs in the event loop."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._streams: set[_Stream] = set()
        self._last = 0
        self._is_closed = False
        self._loop: asyncio.AbstractEventLoop | None = None

    async def run(self) -> None:
        """Read what is new, and hand it to the streams that it is for."""
        self._loop = asyncio.get_running_loop()
        while True:
            try:
                events, places, self._last = await run_in_threadpool(self._read, self._last if self._streams else None)
            except (SQLAlchemyError, OSError):  # what is busy or full now is not later
                await asyncio.sleep(LOOK_SECONDS * 10)
                continue
            for stream in self._streams:
                for number, hand_in, kind, content in events:
                    if hand_in == stream.hand_in:
                        stream.messages.put_nowait((number, kind, content))
                place = places.get(stream.hand_in, 0)
                if place != stream.place and place:
                    stream.messages.put_nowait((0, PLACE, str(place)))
                stream.place = place
            await asyncio.sleep(LOOK_SECONDS)

    def _read(self, last: int | None) -> tuple[list[tuple[int, int, str, str]], dict[int, int], int]:
        """What was said since, where in the line everybody is, and the number of what was said last."""
        with self._book.reading() as connection:
            if last is None:
                return [], {}, line.last_event(connection)
            rows = line.events_after(connection, last)
            waits = line.waiting(connection)
        places = {one: at for numbers in waits.values() for at, one in enumerate(numbers, 1)}
        events = [(row.id, row.hand_in_id, row.kind, row.content) for row in rows]
        return events, places, rows[-1].id if rows else last

    def open(self, hand_in: int, user: int, session: str) -> _Stream:
        """Begin to watch a hand-in. Raises `Full`."""
        of_one = Counter(stream.user for stream in self._streams)
        if self._is_closed or len(self._streams) >= STREAMS or of_one[user] >= OF_ONE:
            raise Full
        stream = _Stream(hand_in, user, session)
        self._streams.add(stream)
        return stream

    async def messages(self, stream: _Stream, last: int) -> AsyncIterator[tuple[int, str, str]]:
        """What is said of a hand-in, from what was said before on: number, kind and content. "" is a heartbeat."""
        try:
            before = await run_in_threadpool(self._before, stream.hand_in, last)
            for number, kind, content in before:
                last = number
                yield number, kind, content
            while True:
                try:
                    message = await asyncio.wait_for(stream.messages.get(), BEAT_SECONDS)
                except TimeoutError:
                    if not await run_in_threadpool(self._holds, stream.session):
                        return
                    yield 0, "", ""
                    continue
                if message is None:
                    return
                number, kind, content = message
                if number and number <= last:
                    continue  # it was read before
                last = max(last, number)
                yield number, kind, content
        finally:
            self._streams.discard(stream)

    def _before(self, hand_in: int, last: int) -> list[tuple[int, str, str]]:
        with self._book.reading() as connection:
            return [(row.id, row.kind, row.content) for row in line.events_after(connection, last, hand_in)]

    def _holds(self, session: str) -> bool:
        with self._book.reading() as connection:
            return people.of_digest(connection, session) is not None

    def drop(self, session: str) -> None:
        """End the streams of a session, which may no longer see them. Any thread may call it."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._drop, session)

    def drop_account(self, user: int) -> None:
        """End all streams of an account. Any thread may call it."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._drop, user)

    def _drop(self, whose: str | int) -> None:
        for stream in self._streams:
            if whose in (stream.session, stream.user):
                stream.messages.put_nowait(None)

    def close(self) -> None:
        """End all streams."""
        self._is_closed = True
        for stream in self._streams:
            stream.messages.put_nowait(None)

    @property
    def count(self) -> int:
        """How many streams are open."""
        return len(self._streams)
