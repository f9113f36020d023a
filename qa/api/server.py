"""The HTTP server itself.

In: an application and a listening socket. Out: it returns when SIGINT or SIGTERM came and running
answers were finished or their time was up. What can fail: what the application raises at its start.
"""

from __future__ import annotations

import signal
import socket

import uvicorn
from starlette.types import ASGIApp

from models.settings import Settings
from qa.api.connection import server_options


class Server:
    """uvicorn, set up for ``settings``."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._server = uvicorn.Server(
            uvicorn.Config(
                app,
                lifespan="on",
                timeout_graceful_shutdown=settings.shutdown_seconds,
                **server_options(settings),
            )
        )

    def run(self, place: socket.socket) -> None:
        """Serve on ``place`` until a signal."""
        # uvicorn raises a signal again once it has stopped for it, and the process would die of it
        # with its work done; it gives back the handler that it found.
        before = signal.signal(signal.SIGTERM, self._stop)
        try:
            self._server.run(sockets=[place])
        finally:
            signal.signal(signal.SIGTERM, before)

    def _stop(self, *_: object) -> None:
        self._server.should_exit = True
