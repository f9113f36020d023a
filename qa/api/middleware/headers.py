"""What every answer carries: headers that bind the browser, and the id of its request.

In: a request and the answer of whatever is inside. Out: the same answer with security headers
(where the answer has not set its own) and ``X-Request-Id``. What can fail: a header with a line
break or a zero byte, which is never sent (ValueError, hence a 500).

The id is the client's where it sent a well-formed one, so that its log and this one can be laid
side by side; anything else is replaced, never repeated.
"""

from __future__ import annotations

import re
import secrets

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from qa.api.logs import request_id

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; font-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
SECURITY_HEADERS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), display-capture=(), geolocation=(), microphone=(), "
    "payment=(), usb=()",
    "cache-control": "no-store",
}
"""Set where an answer does not set them itself (OWASP, HTTP Headers Cheat Sheet)."""

_ID = re.compile(r"[A-Za-z0-9._\-]{1,64}")
_BREAKS = re.compile(rb"[\r\n\0]")


class AnswerHeaders:
    """Middleware: the outermost one, so that no answer leaves without these headers."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; a web socket is turned away, as there is none in this API."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        number = _request_id(Headers(scope=scope))
        scope.setdefault("state", {})["request_id"] = number
        token = request_id.set(number)
        try:
            await self._app(scope, receive, _completing(number, send))
        finally:
            request_id.reset(token)


def _completing(number: str, send: Send) -> Send:
    async def complete(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": list(message.get("headers", []))}
            for name, value in message["headers"]:
                if _BREAKS.search(name) or _BREAKS.search(value):
                    raise ValueError(f"the header {name!r} of an answer holds a line break")
            headers = MutableHeaders(scope=message)
            for header, text in SECURITY_HEADERS.items():
                headers.setdefault(header, text)
            headers["x-request-id"] = number
        await send(message)

    return complete


def _request_id(headers: Headers) -> str:
    given = headers.getlist("x-request-id")
    if len(given) == 1 and _ID.fullmatch(given[0]):
        return given[0]
    return secrets.token_hex(8)
