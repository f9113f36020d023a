"""Requests that are refused before they reach a route.

In: a problem and the request as ASGI has it. Out: the answer, sent. Nothing can fail here.

A refused request may have a body that nobody will read. The connection is then closed, as it
could not be used again, but not at once: a client that still sends would be told of a reset
connection and never see the answer. So a little more is read and thrown away first ("lingering
close", RFC 9112, section 9.6).
"""

from __future__ import annotations

import asyncio
import contextlib

from starlette.datastructures import Headers
from starlette.types import Message, Receive, Scope, Send

from qa.api.problems import ProblemError, response

_LINGER_S = 1.0
_LINGER_BYTES = 4 * 1024 * 1024


async def refuse(problem: ProblemError, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with ``problem`` a request whose body nobody has read to its end."""
    answer = response(problem, scope["path"])
    if has_body(scope):
        answer.headers["connection"] = "close"
        send = lingering(receive, send)
    await answer(scope, receive, send)


def has_body(scope: Scope) -> bool:
    """Whether the request announces a body (RFC 9112, section 6.3)."""
    headers = Headers(scope=scope)
    return "transfer-encoding" in headers or headers.get("content-length", "0") != "0"


def lingering(receive: Receive, send: Send) -> Send:
    """``send`` that throws away some of the rest of a body before it ends the answer."""

    async def late(message: Message) -> None:
        if message["type"] != "http.response.body" or message.get("more_body", False):
            await send(message)
            return
        await send({**message, "more_body": True})
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LINGER_S):
                await _drain(receive)
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    return late


async def _drain(receive: Receive) -> None:
    seen = 0
    while seen < _LINGER_BYTES:
        message = await receive()
        if message["type"] == "http.disconnect" or not message.get("more_body", False):
            return
        seen += len(message.get("body", b""))
