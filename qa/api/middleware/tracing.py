"""OpenTelemetry traces of requests, where somebody wants them.

In: the standard ``OTEL_`` variables of the environment. Out: a :class:`Tracing` that makes a span
for each request, or None where no exporter is configured. What can fail, each as one sentence: an
exporter that is configured while the extra ``otel`` is not installed, or one that it has not.

A span carries what the log carries (OpenTelemetry, semantic conventions for HTTP servers): method,
template of the route, status; never path, query, question or key. A ``traceparent`` of the client
is continued.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from base.errors import UsageError

if TYPE_CHECKING:
    from opentelemetry.sdk.trace.export import SpanExporter
    from opentelemetry.trace import Span, Tracer

_ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
_PROTOCOLS = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
_PROTOCOL = "http/protobuf"
_SERVICE = "belegt"


class Tracing:
    """Makes spans. Use :func:`tracing` to get one."""

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer

    @contextlib.contextmanager
    def request(self, method: str, headers: Mapping[str, str]) -> Iterator[Span]:
        """A span around one request, under that of the client where it names one."""
        from opentelemetry.propagate import extract
        from opentelemetry.trace import SpanKind

        with self._tracer.start_as_current_span(
            method,
            extract(headers),
            SpanKind.SERVER,
            {"http.request.method": method},
            # The message of an exception may quote a question.
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            yield span

    @staticmethod
    def answered(span: Span, method: str, route: str, status: int) -> None:
        """Complete the span of a request that has been answered."""
        from opentelemetry.trace import StatusCode

        span.update_name(f"{method} {route}")
        span.set_attribute("http.route", route)
        span.set_attribute("http.response.status_code", status)
        if status >= 500:
            span.set_status(StatusCode.ERROR)


def tracing(environment: Mapping[str, str] = os.environ) -> Tracing | None:
    """Tracing as the environment asks for it; None where it does not."""
    kind = _exporter(environment)
    if kind is None:
        return None
    try:
        from opentelemetry.sdk.resources import SERVICE_NAME, Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ModuleNotFoundError as error:
        raise _not_installed() from error
    named = "OTEL_SERVICE_NAME" in environment or SERVICE_NAME in environment.get(
        "OTEL_RESOURCE_ATTRIBUTES", ""
    )
    provider = TracerProvider(resource=Resource.create({} if named else {SERVICE_NAME: _SERVICE}))
    provider.add_span_processor(BatchSpanProcessor(_span_exporter(kind)))
    return Tracing(provider.get_tracer(_SERVICE))


def _exporter(environment: Mapping[str, str]) -> str | None:
    """The exporter that is asked for; OTLP where only its endpoint is given."""
    if environment.get("OTEL_SDK_DISABLED", "").lower() == "true":
        return None
    endpoint = any(environment.get(name) for name in _ENDPOINTS)
    kind = environment.get("OTEL_TRACES_EXPORTER") or ("otlp" if endpoint else "none")
    if kind == "none":
        return None
    if kind not in ("otlp", "console"):
        raise UsageError(
            f"OTEL_TRACES_EXPORTER has the value '{kind}'; belegt has otlp, console and none."
        )
    protocol = next((environment[name] for name in _PROTOCOLS if environment.get(name)), _PROTOCOL)
    if protocol != _PROTOCOL:
        raise UsageError(
            f"OTEL_EXPORTER_OTLP_PROTOCOL has the value '{protocol}'; belegt speaks {_PROTOCOL}."
        )
    return kind


def _span_exporter(kind: str) -> SpanExporter:
    if kind == "console":
        from opentelemetry.sdk.trace.export import ConsoleSpanExporter

        return ConsoleSpanExporter()
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    except ModuleNotFoundError as error:
        raise _not_installed() from error
    return OTLPSpanExporter()


def _not_installed() -> UsageError:
    return UsageError(
        "Traces are asked for by the OTEL_ variables, but OpenTelemetry is not installed; "
        "run: pip install 'belegt[otel]'."
    )
