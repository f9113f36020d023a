from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
from guarded import QUESTION, Guarded, connected, everything, running

from base.settings import Settings
from qa.api.logs import JsonLines, TextLines, configure_logging, request_id

SECRETS = ("geheime Frage", QUESTION, "a-12345678", "secret=1")


@pytest.fixture(autouse=True)
def loggers_restored() -> Iterator[None]:
    names = (None, "belegt", "uvicorn")
    before = [(logging.getLogger(name), logging.getLogger(name).level) for name in names]
    handlers = list(logging.getLogger().handlers)
    yield
    logging.getLogger().handlers = handlers
    for logger, level in before:
        logger.setLevel(level)


@pytest.fixture(params=["text", "json"])
def log(request: pytest.FixtureRequest) -> io.StringIO:
    stream = io.StringIO()
    configure_logging(Settings(log_format=request.param), stream)
    return stream


def test_a_request_is_one_line_with_all_that_is_known(server: Guarded) -> None:
    stream = io.StringIO()
    configure_logging(Settings(log_format="json"), stream)
    key = server.key("reader", "anna")
    server.client(key).get("/v1/documents/x", headers={"X-Request-Id": "id-1"})
    (line,) = (json.loads(line) for line in stream.getvalue().splitlines() if "belegt" in line)
    assert line.pop("duration_ms") >= 0
    assert line.pop("time").startswith("20")
    assert line == {
        "level": "INFO",
        "request_id": "id-1",
        "logger": "belegt.request",
        "message": "request",
        "method": "GET",
        "route": "/v1/documents/{name}",
        "status": 404,
        "caller": "anna",
    }


def test_probes_are_not_logged_while_all_is_well(server: Guarded, log: io.StringIO) -> None:
    server.client().get("/healthz")
    assert "belegt.request" not in log.getvalue()


def test_no_secret_reaches_the_log(server: Guarded, log: io.StringIO) -> None:
    key = server.key("reader")
    client = server.client(key)
    client.post("/v1/ask", json={"question": "geheime Frage"})
    client.post("/v1/ask", content=b"geheime Frage")
    client.get("/v1/documents/a-12345678?secret=1")
    client.get(f"/v1/nothing/{key}?key={key}")
    client.get("/v1/boom")
    server.client("belegt_" + "x" * 43).get("/v1/documents/a-12345678")
    client.post("/v1/keys", json={"name": "x", "role": "admin"})
    said = log.getvalue()
    assert "belegt.request" in said
    assert "RuntimeError" in said
    for secret in (*SECRETS, key, server.access.token, "x" * 43):
        assert secret not in said


def test_no_secret_reaches_the_log_of_a_real_server(server: Guarded, log: io.StringIO) -> None:
    key = server.key("admin")
    authorization = f"Host: localhost\r\nAuthorization: Bearer {key}\r\nConnection: close\r\n\r\n"
    with running(server) as port:
        for head in ("GET /v1/boom", f"GET /v1/documents/{key}?secret=1", "GET /\x01"):
            with connected(port) as connection:
                connection.sendall(f"{head} HTTP/1.1\r\n{authorization}".encode())
                everything(connection)
    said = log.getvalue()
    assert "RuntimeError" in said
    assert "Invalid HTTP request" in said
    for secret in (*SECRETS, key):
        assert secret not in said


def test_a_failure_names_its_place(server: Guarded, log: io.StringIO) -> None:
    answer = server.client().get("/v1/boom", headers={"X-Request-Id": "id-7"})
    assert answer.status_code == 500
    assert QUESTION not in answer.text
    failures = [line for line in log.getvalue().splitlines() if "RuntimeError" in line]
    assert failures
    for line in failures:
        assert "id-7" in line
        assert "guarded.py" in line
        assert "boom" in line


@pytest.mark.parametrize("formatter", [TextLines(), JsonLines()])
def test_one_record_is_one_line_whatever_is_in_it(formatter: logging.Formatter) -> None:
    record = logging.LogRecord("belegt", 20, "f", 1, "a\n%s\x1b[2J\u2028", ("b\r\nc",), None)
    record.fields = {"caller": "d\ne"}
    line = formatter.format(record)
    assert len(line.splitlines()) == 1
    assert "\x1b" not in line


def test_what_an_exception_came_from_is_named() -> None:
    error = ValueError("auch geheim")
    error.__cause__ = KeyError("geheim")
    info = (ValueError, error, None)
    record = logging.LogRecord("belegt", 40, "f", 1, "failed", (), info)
    said = json.loads(JsonLines().format(record))["exception"]
    assert said.startswith("ValueError at ")
    assert "; from KeyError at " in said
    assert "geheim" not in said


def test_outside_a_request_there_is_no_id() -> None:
    assert request_id.get() == "-"
