"""The HTTP server itself.

In: an application and a listening socket. Out: it returns when SIGINT or SIGTERM came and running
answers were finished or their time was up. What can fail: what the application raises at its start.
"""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Callable

import uvicorn
from starlette.types import ASGIApp

from base.settings import Settings
from qa.api.middleware.connection import server_options

_LAST_WORDS_S = 3
"""Time to tell clients that an answer was cut, before their connections are."""


class HttpServer:
    """uvicorn, set up for ``settings``.

    ``leave`` is called when the server begins to stop, ``cut`` when running answers had their time.
    """

    def __init__(
        self,
        app: ASGIApp,
        settings: Settings,
        leave: Callable[[], None],
        cut: Callable[[], None],
    ) -> None:
        config = uvicorn.Config(
            app,
            lifespan="on",
            timeout_graceful_shutdown=settings.shutdown_seconds + _LAST_WORDS_S,
            **server_options(settings),
        )
        self._server = _Stopping(config, settings.shutdown_seconds, leave, cut)

    def run(self, place: socket.socket) -> None:
        """Serve on ``place`` until a signal."""
        # uvicorn raises a signal again once it has stopped for it, and the process would die of it
        # with its work done; it gives back the handler that it found.
        before = signal.signal(signal.SIGTERM, self._stop)
        try:
            self._server.run(sockets=[place])
        finally:
            signal.signal(signal.SIGTERM, before)

    def stop(self) -> None:
        """Stop as on a signal; may be called from another thread."""
        self._stop()

    def _stop(self, *_: object) -> None:
        self._server.should_exit = True


class _Stopping(uvicorn.Server):
    """Cuts answers itself: uvicorn would cancel their tasks, and their clients learn nothing."""

    def __init__(
        self,
        config: uvicorn.Config,
        patience_s: int,
        leave: Callable[[], None],
        cut: Callable[[], None],
    ) -> None:
        super().__init__(config)
        self._patience_s = patience_s
        self._leave = leave
        self._cut = cut

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop listening, wait for answers, cut those that take too long."""
        self._leave()
        timer = asyncio.get_running_loop().call_later(self._patience_s, self._cut)
        try:
            await super().shutdown(sockets)
        finally:
            timer.cancel()
