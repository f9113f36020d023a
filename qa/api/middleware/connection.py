"""Connections that would be held for nothing.

In: the settings of a server. Out: what uvicorn is to be run with (:func:`server_options`). What can
fail: a request that is no HTTP, or whose head is too large (431) or too slow (408), is answered and
hung up on; so is one connection too many (429), and, without an answer, a client that does not
read.

uvicorn bounds the size of a head (``h11_max_incomplete_event_size``) and the idle time between two
requests (``timeout_keep_alive``), but not the time that a head takes, nor how long a client may not
read; hence the subclass of its protocol. Bodies are bounded in :mod:`qa.api.middleware.bodies`.
"""

from __future__ import annotations

import asyncio
import socket
import struct
import sys
from http import HTTPStatus
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from base.settings import Settings
from qa.api.middleware.headers import SECURITY_HEADERS
from qa.api.problems import RETRY_S

_IDLE_S = 5
_LINGER_S = 2.0
_NO_LINGERING = struct.pack("ii", 1, 0)


def server_options(settings: Settings) -> dict[str, Any]:
    """Keyword arguments for ``uvicorn.Config``.

    No web sockets, and no log of its own: paths and queries do not belong there. Which headers of
    proxies are believed is settled in :mod:`qa.api.middleware.secured`.
    """
    return {
        "http": _protocol(settings),
        "ws": "none",
        "h11_max_incomplete_event_size": settings.header_bytes,
        "timeout_keep_alive": _IDLE_S,
        "access_log": False,
        "log_config": None,
        "server_header": False,
        "proxy_headers": False,
    }


def _protocol(settings: Settings) -> type[H11Protocol]:
    class Bounded(GuardedProtocol):
        bounds = settings

    return Bounded


class GuardedProtocol(H11Protocol):
    """One connection, with a limit to each way of wasting it."""

    bounds: Settings
    _head_timer: asyncio.TimerHandle | None = None
    _stall_timer: asyncio.TimerHandle | None = None
    _is_surplus = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request."""
        super().connection_made(transport)
        # As many again are heard out and refused, so that a crowd is told to come back.
        if len(self.connections) > 2 * self.bounds.connections:
            transport.abort()
            return
        self._is_surplus = len(self.connections) > self.bounds.connections
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget everything."""
        _cancel(self._head_timer)
        _cancel(self._stall_timer)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on; a head, or the rest of a body nobody wants, has its time from here on."""
        if self._is_surplus:
            self._turn_away()
            return
        super().data_received(data)
        if self.transport.is_closing() or not self._is_between():
            _cancel(self._head_timer)
            self._head_timer = None
        elif self._head_timer is None:
            self._await_head()

    def pause_writing(self) -> None:
        """The client has not read for so long that nothing more can be buffered."""
        super().pause_writing()
        self._stall_timer = self.loop.call_later(self.bounds.stalled_seconds, self._reset)

    def resume_writing(self) -> None:
        """The client reads again."""
        _cancel(self._stall_timer)
        super().resume_writing()

    def timeout_keep_alive_handler(self) -> None:
        """Hang up on an idle client, even one that has not read all it got."""
        super().timeout_keep_alive_handler()
        self._stall_timer = self.loop.call_later(self.bounds.stalled_seconds, self._reset)

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP, with h11's opinion on the status."""
        error = sys.exc_info()[1]
        hint = error.error_status_hint if isinstance(error, h11.RemoteProtocolError) else 400
        self._hang_up(HTTPStatus(hint), msg)

    def _reset(self) -> None:
        """Hang up without an answer; what was not read is thrown away by the kernel as well."""
        connection = self.transport.get_extra_info("socket")
        if connection is not None:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGERING)
        self.transport.abort()

    def _turn_away(self) -> None:
        """Answer without reading; the rest is thrown away, or the client would see a reset."""
        _cancel(self._head_timer)
        if self.conn.our_state is h11.IDLE and not self.transport.is_closing():
            self._answer(
                HTTPStatus.TOO_MANY_REQUESTS,
                "The server has all the connections that it takes; try again in a moment.",
                {"retry-after": str(RETRY_S)},
            )
            self.transport.write_eof()
            self._stall_timer = self.loop.call_later(_LINGER_S, self.transport.close)

    def _is_between(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _await_head(self) -> None:
        self._head_timer = self.loop.call_later(self.bounds.header_seconds, self._too_slow)

    def _too_slow(self) -> None:
        self._head_timer = None
        if self._is_between():
            self._hang_up(
                HTTPStatus.REQUEST_TIMEOUT, "The head of the request took too long to arrive."
            )

    def _hang_up(self, status: HTTPStatus, text: str) -> None:
        """Say why, unless an answer is on its way already, and close."""
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE) and not self.transport.is_closing():
            self._answer(status, text, {})
        self.transport.close()

    def _answer(self, status: HTTPStatus, text: str, more: dict[str, str]) -> None:
        headers = {
            **SECURITY_HEADERS,
            "content-type": "text/plain; charset=utf-8",
            "content-length": str(len(text)),
            "connection": "close",
            **more,
        }
        reason = status.phrase.encode()
        for event in (
            h11.Response(status_code=status, headers=list(headers.items()), reason=reason),
            h11.Data(data=text.encode()),
            h11.EndOfMessage(),
        ):
            self.transport.write(self.conn.send(event) or b"")


def _cancel(timer: asyncio.TimerHandle | None) -> None:
    if timer is not None:
        timer.cancel()
