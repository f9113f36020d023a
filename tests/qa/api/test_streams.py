from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator

import pytest

from qa.api.streams import Lanes
from qa.engine.cancellation import Cancellation, RequestCancelledError
from qa.engine.request import EngineBusyError, EngineClosedError


def counting(count: int) -> Iterator[int]:
    yield from range(count)


def until_cancelled(cancellation: Cancellation) -> Iterator[int]:
    """One event, and then work that only a cancellation ends."""
    yield 0
    ended = threading.Event()
    with cancellation.calling(ended.set):
        assert ended.wait(20)
    raise RequestCancelledError


def wait_until_idle(lanes: Lanes) -> None:
    until = time.monotonic() + 10
    while lanes.running and time.monotonic() < until:
        time.sleep(0.01)
    assert lanes.running == 0


def test_events_come_in_their_order() -> None:
    lanes = Lanes(2)

    async def collect() -> list[int]:
        return [item async for item in lanes.events(lambda _: counting(100))]

    assert asyncio.run(collect()) == list(range(100))
    lanes.close()


def test_what_the_work_raises_reaches_whoever_awaits_it() -> None:
    lanes = Lanes(1)

    def fails(_: Cancellation) -> Iterator[int]:
        yield 1
        raise ValueError("broken")

    async def collect() -> list[int]:
        return [item async for item in lanes.events(fails)]

    with pytest.raises(ValueError, match="broken"):
        asyncio.run(collect())
    wait_until_idle(lanes)
    lanes.close()


def test_closing_the_events_cancels_the_work() -> None:
    lanes = Lanes(1)

    async def begin() -> None:
        events = lanes.events(until_cancelled)
        assert await anext(events) == 0
        await events.aclose()

    asyncio.run(begin())
    wait_until_idle(lanes)
    lanes.close()


def test_beyond_the_places_is_refused_and_a_free_one_is_used_again() -> None:
    lanes = Lanes(2)

    async def crowd() -> None:
        first, second = lanes.events(until_cancelled), lanes.events(until_cancelled)
        await anext(first)
        await anext(second)
        with pytest.raises(EngineBusyError, match="try again"):
            await anext(lanes.events(until_cancelled))
        await first.aclose()
        while True:
            try:
                third = lanes.events(until_cancelled)
                await anext(third)
                break
            except EngineBusyError:
                await asyncio.sleep(0.01)
        await second.aclose()
        await third.aclose()

    asyncio.run(crowd())
    wait_until_idle(lanes)
    lanes.close()


def test_closing_the_lanes_ends_what_is_in_the_making() -> None:
    lanes = Lanes(1)

    async def begin() -> None:
        events = lanes.events(until_cancelled)
        await anext(events)
        await asyncio.to_thread(lanes.close)
        with pytest.raises(EngineClosedError):
            await anext(events)

    asyncio.run(begin())
    assert lanes.running == 0
