"""Requests that no honest client makes.

In: the head of a request. Out: the request handed on, or 400, or 431 for a head that is too large.
Nothing else can fail.

No route of belegt opens a file that a request names. Paths that could only be meant for one that
does are refused all the same, once decoded: dot segments, backslashes, control characters.
"""

from __future__ import annotations

import re

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from base.settings import Settings
from qa.api.middleware.refusal import refuse
from qa.api.problems import ProblemError

MOST_HEADERS = 100
_LENGTH = re.compile(r"[0-9]{1,18}")
_UNFIT = re.compile(r"[\x00-\x1f\x7f\\]|(^|/)\.{1,2}(/|$)")


class Malformed:
    """Middleware: refuses what is not worth looking at."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._most = settings.header_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        problem = self._problem(scope) if scope["type"] == "http" else None
        if problem is not None:
            await refuse(problem, scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _problem(self, scope: Scope) -> ProblemError | None:
        given = scope["headers"]
        size = sum(len(name) + len(value) for name, value in given)
        size += len(scope.get("raw_path") or b"") + len(scope["query_string"])
        if size > self._most or len(given) > MOST_HEADERS:
            return ProblemError(
                431,
                f"The head of a request may have {self._most} bytes and {MOST_HEADERS} headers.",
            )
        headers = Headers(scope=scope)
        lengths = headers.getlist("content-length")
        # Two servers in a row could disagree where such a body ends (RFC 9112, section 11.2).
        if len(lengths) > 1 or (lengths and "transfer-encoding" in headers):
            return ProblemError(400, "The request states the length of its body in two ways.")
        if lengths and _LENGTH.fullmatch(lengths[0]) is None:
            return ProblemError(400, "The header Content-Length is not a number.")
        if _UNFIT.search(scope["path"]):
            return ProblemError(
                400, "The path holds characters or segments that no address here has."
            )
        return None
