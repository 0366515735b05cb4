"""Streams: nothing is missed, nothing is said twice, and nobody sees on after they are out."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy.exc import OperationalError

from grader.portal import hub as hubs
from grader.portal import line, people


def tell(site, number: int, kind: str, content: str) -> None:
    with site.book.writing() as connection:
        line.tell(connection, number, kind, content)


async def heard(messages, most: int) -> list[tuple[str, str]]:
    found = []
    async for _, kind, content in messages:
        found.append((kind, content))
        if len(found) == most:
            break
    return found


def run(site, watch):
    """Run `watch` beside the hub."""

    async def both():
        reading = asyncio.create_task(site.portal.hub.run())
        await asyncio.sleep(0.05)
        try:
            return await asyncio.wait_for(watch(), 10)
        finally:
            reading.cancel()

    return asyncio.run(both())


def test_a_stream_says_what_was_said_and_what_is_said_of_its_hand_in_alone(site):
    first, second = site.hand_in("ada", "a = 1"), site.hand_in("ben", "a = 2")
    tell(site, first, line.CHECK, "one")

    async def watch():
        stream = site.portal.hub.open(first, 1, "s")
        messages = site.portal.hub.messages(stream, 0)
        before = await heard(messages, 2)  # what was said before, and the place in the line
        await asyncio.to_thread(tell, site, second, line.CHECK, "another's")
        await asyncio.to_thread(tell, site, first, line.CHECK, "two")
        return before, await heard(messages, 1)

    before, after = run(site, watch)
    assert before == [(line.CHECK, "one"), (hubs.PLACE, "1")]
    assert after == [(line.CHECK, "two")]


def test_a_browser_that_reconnects_misses_nothing_and_hears_nothing_twice(site):
    number = site.hand_in("ada")
    for word in ("one", "two", "three"):
        tell(site, number, line.CHECK, word)
    with site.book.reading() as connection:
        last = line.events_after(connection, 0, number)[0].id

    async def watch():
        return await heard(site.portal.hub.messages(site.portal.hub.open(number, 1, "s"), last), 2)

    assert run(site, watch) == [(line.CHECK, "two"), (line.CHECK, "three")]


@pytest.mark.parametrize("how", ["log-out", "who has left", "the end of the server"])
def test_a_stream_ends_with_its_session_and_with_the_server(site, how):
    number = site.hand_in("ada")

    async def watch():
        hub = site.portal.hub
        messages = hub.messages(hub.open(number, 1, "s"), 0)
        await heard(messages, 1)
        if how == "log-out":
            await asyncio.to_thread(hub.drop, "s")
        elif how == "who has left":
            await asyncio.to_thread(hub.drop_account, 1)
        else:
            hub.close()
        rest = await heard(messages, 9)
        return rest, hub.count

    assert run(site, watch) == ([], 0)


def test_a_stream_looks_at_each_heartbeat_whether_its_session_holds(site, monkeypatch):
    monkeypatch.setattr(hubs, "BEAT_SECONDS", 0.05)
    number, hub, ada = site.hand_in("ada"), site.portal.hub, site.user("ada")
    with site.book.writing() as connection:
        token = people.begin(connection, ada)

    async def watch():
        messages = hub.messages(hub.open(number, ada.id, people.digest(token)), 0)
        before = await heard(messages, 9)
        with site.book.writing() as connection:
            people.end(connection, token)
        await heard(messages, 99)
        return before, hub.count

    before, left = run(site, watch)
    assert {("", "")} < set(before)  # while it holds
    assert left == 0


def test_a_look_that_fails_ends_nothing(site, monkeypatch):
    number, hub, read, looks = site.hand_in("ada"), site.portal.hub, site.portal.hub._read, []

    def failing(last):
        looks.append(last)
        if len(looks) in (1, 3):
            raise OperationalError("SELECT", {}, OSError("disk I/O error"))
        return read(last)

    monkeypatch.setattr(hub, "_read", failing)
    monkeypatch.setattr(hubs, "LOOK_SECONDS", 0.01)

    async def watch():
        messages = hub.messages(hub.open(number, 1, "s"), 0)
        before = await heard(messages, 1)
        await asyncio.to_thread(tell, site, number, line.CHECK, "one")
        return before, await heard(messages, 1)

    assert run(site, watch) == ([(hubs.PLACE, "1")], [(line.CHECK, "one")])
    assert len(looks) > 3


def test_there_is_a_limit_for_each_account(site):
    hub = site.portal.hub
    for _ in range(hubs.OF_ONE):
        hub.open(1, 7, "s")
    with pytest.raises(hubs.Full):
        hub.open(1, 7, "s")
    hub.open(1, 8, "s")
