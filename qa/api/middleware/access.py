"""Who is asking, and whether they may.

In: a request. Out: its :class:`~qa.api.storage.keys.Caller` in ``scope["state"]["caller"]``, for
routes to read (:func:`caller_of`) and to demand a role of (:func:`require`). What can fail: 401 for
a key that is missing, unknown or revoked, 403 for a role that does not suffice.

Without a key only what holds nothing of the corpus is served: the page's own files and whether
the server is well. A missing, a wrong and a revoked key get one and the same answer.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from qa.api.middleware.refusal import refuse
from qa.api.problems import ProblemError
from qa.api.storage.keys import LOCAL, Access, Caller, Key, KeyRole

_PUBLIC = ("/", "/healthz", "/readyz", "/favicon.ico")
# What comes by a ticket needs no key beside it (eval/api.py).
_PUBLIC_FOLDERS = ("/static/", "/reports/")
_FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")
_SCHEME = HTTPBearer(auto_error=False, description="A key made by 'belegt keys create'.")
_logger = logging.getLogger("belegt.access")


class Authentication:
    """Middleware: finds out who asks, or refuses."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app = app
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "http" and not _is_public(scope):
            caller = await self._caller(Headers(scope=scope))
            if caller is None:
                await refuse(_unknown(), scope, receive, send)
                return
            scope.setdefault("state", {})["caller"] = caller
        await self._app(scope, receive, send)

    async def _caller(self, headers: Headers) -> Caller | None:
        secret = _secret(headers)
        found = None if secret is None else self._access.authenticate(secret)
        if found is not None:
            caller, key = found
            if key is not None and self._access.is_news(key):
                await asyncio.to_thread(self._note, key)
            return caller
        # Behind a proxy on this machine everybody would seem to sit here.
        if self._access.open and not any(name in headers for name in _FORWARDED):
            return Caller(LOCAL, "admin")
        return None

    def _note(self, key: Key) -> None:
        try:
            self._access.used(key)
        except sqlite3.OperationalError as error:
            _logger.warning("the use of key %s could not be noted: %s", key.id, error)


def caller_of(request: Request) -> Caller:
    """Whoever sent ``request``; ProblemError (401) on a public path, where nobody was asked."""
    caller: Caller | None = request.scope.get("state", {}).get("caller")
    if caller is None:
        raise _unknown()
    return caller


def require(role: KeyRole) -> Callable[..., Awaitable[Caller]]:
    """A dependency for routes that ``role`` or more may use: ``Depends(require("editor"))``."""

    async def require_caller(
        request: Request,
        _: Annotated[HTTPAuthorizationCredentials | None, Security(_SCHEME)],
    ) -> Caller:
        caller = caller_of(request)
        if not caller.may(role):
            raise ProblemError(403, f"This needs a key of the role {role}; yours is {caller.role}.")
        return caller

    return require_caller


def _is_public(scope: Scope) -> bool:
    path = scope["path"]
    return scope["method"] in ("GET", "HEAD") and (
        path in _PUBLIC or path.startswith(_PUBLIC_FOLDERS)
    )


def _secret(headers: Headers) -> str | None:
    """What follows ``Bearer`` (RFC 6750, section 2.1); None unless there is exactly one.

    Clients of Anthropic's API send it bare in ``x-api-key`` instead.
    """
    bearers, bare = headers.getlist("authorization"), headers.getlist("x-api-key")
    if len(bearers) + len(bare) != 1:
        return None
    if bare:
        return bare[0].strip()
    scheme, _, secret = bearers[0].partition(" ")
    return secret.strip() if scheme.lower() == "bearer" else None


def _unknown() -> ProblemError:
    return ProblemError(
        401,
        "A valid key is needed, as 'Authorization: Bearer KEY'; 'belegt keys create' makes one.",
        headers={"WWW-Authenticate": 'Bearer realm="belegt"'},
    )
