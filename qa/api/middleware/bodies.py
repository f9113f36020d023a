"""How large, how slow and how deep a request's body may be.

In: a request with its body. Out: the request handed on; a body that is no upload is whole and
checked by then, an upload is counted as it streams. What can fail: 400 for JSON that is nested too
deep, 408 for a body that takes too long, 413 for one that is too large, 415 for a compressed one.

A body that announces its length is refused before a byte of it is read; one that does not, as
soon as it has gone too far. Nothing is ever decompressed, so nothing can be a bomb here.
"""

from __future__ import annotations

import asyncio
import time

import numpy as np
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from base.settings import Settings
from qa.api.middleware.refusal import has_body, lingering, refuse
from qa.api.problems import ProblemError, response

DEEPEST = 64
"""Levels of lists and objects in JSON; the deepest request of the API has six."""

_SLOWEST = 64 * 1024
"""Bytes that buy another second (as MinRate does in Apache's mod_reqtimeout)."""

_STEPS = bytes.maketrans(b"[{]}", b"\x01\x01\xff\xff")
_NO_BRACKETS = bytes(byte for byte in range(256) if byte not in b"[]{}")


class Bodies:
    """Middleware: bounds the body of each request."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        upload = headers.get("content-type", "").lower().startswith("multipart/")
        most = self._settings.upload_bytes if upload else self._settings.body_bytes
        try:
            _check_head(headers, most)
        except ProblemError as problem:
            await refuse(problem, scope, receive, send)
            return
        body = _LimitedBody(receive, most, self._settings.body_seconds)
        await (self._stream if upload else self._buffer)(body, scope, receive, send)

    async def _buffer(self, body: _LimitedBody, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            whole = await body.whole()
        except ProblemError as problem:
            await refuse(problem, scope, receive, send)
            return
        if whole is None:
            return
        unfit = _unfit(whole)
        if unfit is not None:
            await response(unfit, scope["path"])(scope, receive, send)
            return
        await self._app(scope, _replay(whole, receive), send)

    async def _stream(self, body: _LimitedBody, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand an upload on; what the application makes of a refused body is not sent."""
        answer = _Answer(body, scope, receive, send)
        try:
            await self._app(scope, body, answer)
        except ProblemError as problem:
            if problem is not body.refused:
                raise
        if body.refused is not None and not answer.started:
            await refuse(body.refused, scope, receive, send)


class _LimitedBody:
    """``receive`` with a limit in bytes and in time."""

    def __init__(self, receive: Receive, most: int, seconds: float) -> None:
        self._receive = receive
        self._most = most
        self._seconds = seconds
        self._began: float | None = None
        self._received = 0
        self.ended = False
        self.refused: ProblemError | None = None

    async def __call__(self) -> Message:
        """The next message; raises a ProblemError once the body has gone beyond a limit."""
        if self.ended:
            return await self._receive()
        if self.refused is not None:
            raise self.refused
        try:
            async with asyncio.timeout(self._seconds_left()):
                message = await self._receive()
        except TimeoutError:
            self.refused = ProblemError(408, "The body of the request took too long to arrive.")
            raise self.refused from None
        self._received += len(message.get("body", b""))
        if self._received > self._most:
            self.refused = _too_large(self._most)
            raise self.refused
        self.ended = message["type"] == "http.disconnect" or not message.get("more_body", False)
        return message

    async def whole(self) -> bytes | None:
        """All of it; None where the client went away before the end."""
        parts: list[bytes] = []
        while not self.ended:
            message = await self()
            if message["type"] == "http.disconnect":
                return None
            parts.append(message.get("body", b""))
        return b"".join(parts)

    def _seconds_left(self) -> float:
        now = time.monotonic()
        if self._began is None:
            self._began = now
        return self._began + self._seconds + self._received / _SLOWEST - now


class _Answer:
    """``send`` that knows whether the body it answers was refused or left unread."""

    def __init__(self, body: _LimitedBody, scope: Scope, receive: Receive, send: Send) -> None:
        self._body = body
        self._scope = scope
        self._receive = receive
        self._send = send
        self.started = False

    async def __call__(self, message: Message) -> None:
        """Send on, unless the request is being refused."""
        if not self.started:
            if self._body.refused is not None:
                return
            self.started = True
            if not self._body.ended and has_body(self._scope):
                message = {**message, "headers": [*message["headers"], (b"connection", b"close")]}
                self._send = lingering(self._receive, self._send)
        await self._send(message)


def _check_head(headers: Headers, most: int) -> None:
    if headers.get("content-encoding", "identity").lower() != "identity":
        raise ProblemError(415, "Compressed bodies are not accepted; send the body as it is.")
    if int(headers.get("content-length", "0")) > most:
        raise _too_large(most)


def _too_large(most: int) -> ProblemError:
    return ProblemError(
        413, f"The body of the request is larger than the {most} bytes allowed here."
    )


def _unfit(body: bytes) -> ProblemError | None:
    """What could exhaust a parser, whatever type the body says to be of."""
    if b"\0" in body:
        # Python's parser would take UTF-16 and UTF-32 as well, in which quotes look different.
        return ProblemError(400, "The body is not UTF-8 text.")
    if nests_deeper(body, DEEPEST):
        return ProblemError(400, f"The body is nested deeper than {DEEPEST} levels.")
    return None


def nests_deeper(body: bytes, levels: int) -> bool:
    """Whether JSON ``body`` has lists and objects within each other more than ``levels`` deep.

    It is not parsed, so it may as well be no JSON: up to its first fault the depth is what a
    parser meets, and there a parser stops. Time is linear: strings are cut out, then the brackets
    that remain are summed up, +1 and -1 (a mebibyte of them takes some ten milliseconds).
    """
    if body.count(b"[") + body.count(b"{") <= levels:
        return False
    plain = body.replace(b"\\\\", b"").replace(b'\\"', b"")
    brackets = b"".join(plain.split(b'"')[::2]).translate(_STEPS, _NO_BRACKETS)
    depths = np.cumsum(np.frombuffer(brackets, dtype=np.int8), dtype=np.int32)
    return bool(depths.max(initial=0) > levels)


def _replay(body: bytes, receive: Receive) -> Receive:
    waiting = [body]

    async def replay() -> Message:
        if waiting:
            return {"type": "http.request", "body": waiting.pop(), "more_body": False}
        return await receive()

    return replay
