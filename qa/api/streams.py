"""Answers that grow, from the threads that make them to the connections that wait.

In: a function that makes events, and the request they are for. Out: the events, asynchronously, or
the last of them. What can fail: what the function raises; no free place (429).

Each answer has a thread of its own while it is made, out of a bounded number: as many as the engine
takes and lets wait, so nothing piles up behind it. A client that goes away cancels the work at
once, at whatever point it is.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from fastapi import Request

from qa.engine.cancellation import Cancellation, RequestCancelledError
from qa.engine.request import EngineBusyError, EngineClosedError

Item = TypeVar("Item")
Make = Callable[[Cancellation], Iterator[Item]]
HEARTBEAT_S = 15.0
"""Silence after which a comment is sent, so that proxies keep the connection."""


class Lanes:
    """Threads for answers in the making; ``places`` of them."""

    def __init__(self, places: int) -> None:
        self._free = threading.Semaphore(places)
        self._pool = ThreadPoolExecutor(places, thread_name_prefix="belegt-answer")
        self._lock = threading.Lock()
        self._running: set[Cancellation] = set()
        self._ending = False

    @property
    def running(self) -> int:
        """Answers in the making."""
        with self._lock:
            return len(self._running)

    async def events(self, make: Make[Item]) -> AsyncGenerator[Item, None]:
        """What ``make`` yields, as it does; closing the iterator cancels the work."""
        if not self._free.acquire(blocking=False):
            raise EngineBusyError("The server is at its limit; try again in a moment.")
        loop = asyncio.get_running_loop()
        queue: asyncio.Queue[Item | BaseException | None] = asyncio.Queue()
        cancellation = Cancellation()

        def put(item: Item | BaseException | None) -> None:
            # The loop is gone where the server was stopped the hard way; so is whoever listened.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(queue.put_nowait, item)

        def work() -> None:
            try:
                cancellation.check()
                with contextlib.closing(_generator(make(cancellation))) as items:
                    for item in items:
                        put(item)
                put(None)
            except BaseException as error:  # noqa: BLE001 - raised where the events are awaited
                put(error)
            finally:
                with self._lock:
                    self._running.discard(cancellation)
                self._free.release()

        with self._lock:
            self._running.add(cancellation)
            if self._ending:
                cancellation.cancel()
        self._pool.submit(work)
        try:
            while (item := await queue.get()) is not None:
                if isinstance(item, RequestCancelledError) and self._ending:
                    raise EngineClosedError("The server is shutting down; ask again in a moment.")
                if isinstance(item, BaseException):
                    raise item
                yield item
        finally:
            cancellation.cancel()

    async def last(self, make: Make[Item], request: Request) -> Item:
        """The last event; the work is cancelled when the client of ``request`` goes away."""

        async def collect() -> Item:
            found: Item | None = None
            async with contextlib.aclosing(self.events(make)) as items:
                async for item in items:
                    found = item
            assert found is not None, "an answer has at least one event"
            return found

        working = asyncio.ensure_future(collect())
        leaving = asyncio.ensure_future(_wait_until_left(request))
        try:
            await asyncio.wait({working, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if not working.done():
                raise RequestCancelledError
            return working.result()
        finally:
            leaving.cancel()
            working.cancel()
            await asyncio.wait({working, leaving})

    def cut(self) -> None:
        """Cancel what is in the making, and what is still begun, as of a server that ends."""
        with self._lock:
            self._ending = True
            running = list(self._running)
        for cancellation in running:
            cancellation.cancel()

    def close(self) -> None:
        """Cancel what is in the making and wait for its threads."""
        self.cut()
        self._pool.shutdown(wait=True)


def _generator(items: Iterator[Item]) -> Generator[Item, None, None]:
    """``items``, with a ``close`` for whatever they are."""
    yield from items


async def _wait_until_left(request: Request) -> None:
    """Return when the client has gone; the body must have been read."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def with_heartbeat(lines: AsyncGenerator[bytes, None]) -> AsyncIterator[bytes]:
    """``lines``, with a comment of server-sent events in long silences."""
    waiting = asyncio.ensure_future(anext(lines, None))
    try:
        while True:
            done, _ = await asyncio.wait({waiting}, timeout=HEARTBEAT_S)
            if not done:
                yield b": still at work\n\n"
                continue
            line = waiting.result()
            if line is None:
                return
            yield line
            waiting = asyncio.ensure_future(anext(lines, None))
    finally:
        waiting.cancel()
        await asyncio.wait({waiting})
        await lines.aclose()
