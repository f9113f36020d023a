from __future__ import annotations

import sys
from pathlib import Path

import pytest
from guarded import QUESTION, guarded

from base.errors import UsageError
from qa.api.middleware import secured as secured_module
from qa.api.middleware.tracing import Tracing, tracing

ENDPOINT = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"}


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"OTEL_TRACES_EXPORTER": "none"},
        {"OTEL_EXPORTER_OTLP_ENDPOINT": ""},
        ENDPOINT | {"OTEL_SDK_DISABLED": "true"},
        ENDPOINT | {"OTEL_TRACES_EXPORTER": "none"},
    ],
)
def test_nothing_is_traced_unless_it_is_asked_for(environment: dict[str, str]) -> None:
    assert tracing(environment) is None


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"OTEL_TRACES_EXPORTER": "zipkin"}, "OTEL_TRACES_EXPORTER has the value 'zipkin'"),
        (ENDPOINT | {"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, "has the value 'grpc'"),
    ],
)
def test_what_is_not_there_is_named(environment: dict[str, str], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        tracing(environment)


def test_without_the_extra_the_install_command_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    with pytest.raises(UsageError, match=r"run: pip install 'belegt\[otel\]'"):
        tracing(ENDPOINT)


def test_a_request_is_a_span_without_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trace = pytest.importorskip("opentelemetry.sdk.trace", reason="the extra otel is not installed")
    export = pytest.importorskip("opentelemetry.sdk.trace.export")
    memory = pytest.importorskip("opentelemetry.sdk.trace.export.in_memory_span_exporter")
    exporter = memory.InMemorySpanExporter()
    provider = trace.TracerProvider()
    provider.add_span_processor(export.SimpleSpanProcessor(exporter))
    monkeypatch.setattr(secured_module, "tracing", lambda: Tracing(provider.get_tracer("test")))
    parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    with guarded(tmp_path) as server:
        key = server.key("reader")
        client = server.client(key)
        client.get("/v1/documents/a-12345678?secret=1", headers={"traceparent": parent})
        client.get("/v1/boom")
    read, boom = exporter.get_finished_spans()
    assert read.name == "GET /v1/documents/{name}"
    assert dict(read.attributes) == {
        "http.request.method": "GET",
        "http.route": "/v1/documents/{name}",
        "http.response.status_code": 200,
    }
    assert f"{read.context.trace_id:032x}" == parent.split("-")[1]
    assert read.status.is_unset
    assert not boom.status.is_ok
    assert boom.events == ()
    for span in (read, boom):
        said = span.to_json()
        assert all(secret not in said for secret in (key, QUESTION, "a-12345678", "secret"))


def test_the_exporter_is_set_up_from_the_environment() -> None:
    pytest.importorskip("opentelemetry.sdk.trace", reason="the extra otel is not installed")
    assert tracing({"OTEL_TRACES_EXPORTER": "console"}) is not None
