"""Requests that a browser sends on behalf of another web site.

In: a request's Host, Origin and Sec-Fetch-Site. Out: the request handed on, an answer to a
preflight, or 403. What can fail: at the start, an allowed origin that is none (UsageError).

- DNS rebinding: a site may let its own name point to this machine, and its scripts then read what
  a server on loopback says. Such requests carry that name as Host; only known names are served.
- Cross-site requests: an unsafe method with the Origin of another site is refused, and so is one
  that the browser itself calls cross-site (Fetch Metadata, W3C, section 2.1).
- CORS: without allowed origins no such header is ever sent and preflights are refused; with them,
  exactly these origins are named, never ``*``, and credentials of the browser are not asked for.
"""

from __future__ import annotations

import ipaddress
import re

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from base.errors import UsageError
from base.settings import Settings
from qa.api.middleware.refusal import refuse
from qa.api.problems import ProblemError

_SAFE = ("GET", "HEAD", "OPTIONS")
_ORIGIN = re.compile(r"https?://[a-z0-9.\-]+(:[0-9]{1,5})?|https?://\[[0-9a-f:]+\](:[0-9]{1,5})?")
_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9.\-_]+)(:[0-9]{1,5})?")
_PREFLIGHT = {
    "access-control-allow-methods": "GET, POST, DELETE",
    "access-control-max-age": "600",
}
_HEADERS = (
    "authorization",
    "content-type",
    "idempotency-key",
    "if-match",
    "if-none-match",
    "x-request-id",
    "x-api-key",
    "anthropic-version",
    "anthropic-beta",
    "anthropic-dangerous-direct-browser-access",
    "openai-organization",
    "openai-project",
    "openai-beta",
)
"""What scripts of allowed sites may send: what belegt reads, and what the official clients of the
APIs that it speaks add, which it does not read."""
_CLIENT_HEADER = re.compile(r"x-stainless-[a-z0-9\-]{1,40}")
_MOST_HEADERS = 64
_EXPOSED = "ETag, Location, Retry-After, X-Request-Id"


class Origins:
    """Middleware: serves only names and sites that it knows."""

    def __init__(self, app: ASGIApp, settings: Settings, *, loopback: bool) -> None:
        """Raises UsageError for a setting that is no list of names or origins."""
        self._app = app
        self._hosts = _parse_list(
            settings.allowed_hosts, _HOST, "BELEGT_ALLOWED_HOSTS", "a host name"
        )
        self._origins = _parse_list(
            settings.allowed_origins, _ORIGIN, "BELEGT_ALLOWED_ORIGINS", "an origin"
        )
        self._any_host = not loopback and not self._hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        problem = self._problem(scope["method"], headers)
        if problem is not None:
            await refuse(problem, scope, receive, send)
            return
        origin = headers.get("origin")
        if origin is None or origin.lower() not in self._origins:
            await self._app(scope, receive, send)
            return
        send = _sharing(origin, send)
        if _is_preflight(scope["method"], headers):
            await _grant(headers, send)
            return
        await self._app(scope, receive, send)

    def _problem(self, method: str, headers: Headers) -> ProblemError | None:
        hosts = headers.getlist("host")
        if len(hosts) != 1 or not self._knows(hosts[0].lower()):
            return ProblemError(
                403,
                "The server does not go by the name in the Host header; "
                "BELEGT_ALLOWED_HOSTS says which names it has.",
            )
        origin = headers.get("origin")
        if origin is not None and origin.lower() in self._origins:
            return None
        foreign = headers.get("sec-fetch-site") == "cross-site" or (
            origin is not None and not _same_site(origin.lower(), hosts[0].lower())
        )
        if foreign and (method not in _SAFE or _is_preflight(method, headers)):
            return ProblemError(
                403,
                "Scripts of other web sites may not use this server; "
                "BELEGT_ALLOWED_ORIGINS says which may.",
            )
        return None

    def _knows(self, host: str) -> bool:
        if _HOST.fullmatch(host) is None:
            return False
        name = _without_port(host)
        return self._any_host or name in self._hosts or is_loopback(name)


def is_loopback(name: str) -> bool:
    """Whether a host name or address (an IPv6 one in brackets or not) means this machine."""
    if name.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(name.strip("[]")).is_loopback
    except ValueError:
        return False


def _without_port(host: str) -> str:
    return re.sub(r":[0-9]+$", "", host)


def _same_site(origin: str, host: str) -> bool:
    """Whether a script of ``origin`` was served under ``host``.

    The scheme is left out: behind a proxy that ends TLS the server does not know it.
    """
    return origin.partition("://")[2] == host


def _is_preflight(method: str, headers: Headers) -> bool:
    return (
        method == "OPTIONS" and "origin" in headers and "access-control-request-method" in headers
    )


def _sharing(origin: str, send: Send) -> Send:
    async def share(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers["access-control-allow-origin"] = origin
            headers["access-control-expose-headers"] = _EXPOSED
            headers.add_vary_header("Origin")
        await send(message)

    return share


async def _grant(asked: Headers, send: Send) -> None:
    granted = {**_PREFLIGHT, "access-control-allow-headers": ", ".join(_allowed(asked))}
    headers = [(name.encode(), value.encode()) for name, value in granted.items()]
    await send({"type": "http.response.start", "status": 204, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


def _allowed(asked: Headers) -> list[str]:
    """The headers that a script may send: those that are known, and its client's own."""
    names = asked.get("access-control-request-headers", "").lower().split(",")[:_MOST_HEADERS]
    wanted = (name.strip() for name in names)
    clients = {name for name in wanted if _CLIENT_HEADER.fullmatch(name)}
    return [*_HEADERS, *sorted(clients)]


def _parse_list(text: str, form: re.Pattern[str], setting: str, kind: str) -> frozenset[str]:
    found = frozenset(one.strip().lower() for one in text.split(",") if one.strip())
    for one in sorted(found):
        if form.fullmatch(one) is None:
            raise UsageError(f"Setting {setting} has the value '{text}': '{one}' is not {kind}.")
    return found
