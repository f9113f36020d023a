"""Every request seen: counted, logged, traced.

In: a request and its answer. Out: counters (:mod:`qa.api.metrics`), a line in the log
(:mod:`qa.api.logs`), a span (:mod:`qa.api.middleware.tracing`) and the route ``/metrics``. What can
fail: what a route does not catch, which is logged and answered with 500.
"""

from __future__ import annotations

import contextlib
import logging
import time

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from qa.api.metrics import MEDIA_TYPE, Metrics
from qa.api.middleware.access import require
from qa.api.middleware.tracing import Tracing
from qa.api.problems import ProblemError, response

_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_PROBES = ("/healthz", "/readyz", "/metrics")
_CLIENT_LEFT = 499
_logger = logging.getLogger("belegt.request")


class Observe:
    """Middleware: sees each request from its first to its last byte."""

    def __init__(self, app: ASGIApp, metrics: Metrics, tracing: Tracing | None) -> None:
        self._app = app
        self._metrics = metrics
        self._tracing = tracing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope.setdefault("state", {})["metrics"] = self._metrics
        method = scope["method"] if scope["method"] in _METHODS else "OTHER"
        began = time.perf_counter()
        watch = _Watch(send)
        with self._metrics.in_flight.track_inprogress(), contextlib.ExitStack() as stack:
            span = None
            if self._tracing is not None:
                span = stack.enter_context(self._tracing.request(method, Headers(scope=scope)))
            try:
                await self._answer(scope, receive, watch)
            finally:
                route, status = template(scope), watch.status or _CLIENT_LEFT
                self._note(scope, method, route, status, time.perf_counter() - began)
                if self._tracing is not None and span is not None:
                    self._tracing.answered(span, method, route, status)

    async def _answer(self, scope: Scope, receive: Receive, watch: _Watch) -> None:
        try:
            await self._app(scope, receive, watch)
        except Exception as error:
            # Not raised again: the server would write the message, and with it what was asked.
            # Where the answer had begun, it sees an answer without an end and hangs up.
            _logger.exception("request failed", exc_info=error)
            if watch.status is None:
                problem = ProblemError(500, "The server's log says more, under the request's id.")
                await response(problem, scope["path"])(scope, receive, watch)

    def _note(self, scope: Scope, method: str, route: str, status: int, seconds: float) -> None:
        self._metrics.requests.labels(route, method, str(status)).inc()
        self._metrics.durations.labels(route).observe(seconds)
        caller = scope["state"].get("caller")
        fields = {
            "method": method,
            "route": route,
            "status": status,
            "duration_ms": round(seconds * 1000, 1),
            "caller": caller.name if caller else "-",
        }
        quiet = route in _PROBES and status < 400
        _logger.log(logging.DEBUG if quiet else logging.INFO, "request", extra={"fields": fields})


class _Watch:
    """``send`` that remembers the status."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.status: int | None = None

    async def __call__(self, message: Message) -> None:
        """Send on; a status counts once the message could be sent."""
        await self._send(message)
        if message["type"] == "http.response.start":
            self.status = int(message["status"])


def template(scope: Scope) -> str:
    """The route that served a request as it was declared, such as ``/v1/documents/{id}``.

    Of a mounted application its prefix, and "unknown" where no route fits: a path that somebody
    made up must not become a label.
    """
    context = scope.get("fastapi", {}).get("effective_route_context")
    path = getattr(context, "path", None) or getattr(scope.get("route"), "path", None)
    if path is not None:
        return str(path)
    return f"{scope['root_path']}/*" if "endpoint" in scope else "unknown"


def metrics_of(request: Request) -> Metrics:
    """The counters of the server that serves ``request``."""
    metrics: Metrics = request.scope["state"]["metrics"]
    return metrics


def router() -> APIRouter:
    """The route that Prometheus scrapes, with a key of the role metrics."""
    routes = APIRouter(tags=["Health"])

    @routes.get(
        "/metrics",
        summary="Counters for Prometheus",
        response_class=Response,
        responses={200: {"content": {"text/plain": {}}, "description": "Prometheus text format"}},
        dependencies=[Depends(require("metrics"))],
    )
    def read(request: Request) -> Response:
        return Response(metrics_of(request).text(), media_type=MEDIA_TYPE)

    return routes
