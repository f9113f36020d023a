from __future__ import annotations

import contextlib
import select
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from guarded import (
    Guarded,
    connected,
    everything,
    guarded,
    one_answer,
    running,
    still_serves,
    trickle,
)

from base.settings import Settings
from qa.api.middleware.connection import server_options
from qa.api.middleware.headers import SECURITY_HEADERS

GET = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Guarded]:
    bounds = {"header_seconds": 0.5, "stalled_seconds": 0.5, "connections": 20}
    with guarded(tmp_path, **bounds) as made:
        yield made


def test_a_slow_head_is_answered_and_hung_up_on(port: int) -> None:
    with connected(port) as connection:
        trickle(connection, GET + b"X-Slow: 1\r\n" * 100)
        answer = everything(connection)
    assert answer.startswith(b"HTTP/1.1 408")
    for name, value in SECURITY_HEADERS.items():
        assert f"{name}: {value}".encode() in answer
    assert still_serves(port)


def test_a_head_that_stops_half_way(port: int) -> None:
    with connected(port) as connection:
        connection.sendall(GET)
        assert everything(connection).startswith(b"HTTP/1.1 408")


def test_a_client_that_says_nothing(port: int) -> None:
    with connected(port) as connection:
        everything(connection)
    assert still_serves(port)


def test_a_slow_head_after_a_good_request(port: int) -> None:
    with connected(port) as connection:
        connection.sendall(GET + b"\r\n")
        assert one_answer(connection).startswith(b"HTTP/1.1 200")
        trickle(connection, GET + b"X-Slow: 1\r\n" * 100)
        assert b"HTTP/1.1 408" in everything(connection)


def test_many_slow_heads_keep_nobody_out(port: int) -> None:
    """More than there are places for: those who came too late are told so."""
    with contextlib.ExitStack() as stack:
        held = [stack.enter_context(connected(port)) for _ in range(30)]
        for connection in held:
            with contextlib.suppress(ConnectionError):
                connection.sendall(GET)
        answers = [everything(connection) for connection in held]
    assert {answer[:12] for answer in answers} == {b"HTTP/1.1 408", b"HTTP/1.1 429"}
    refused = [answer for answer in answers if b" 429 " in answer[:16]]
    assert all(b"\r\nretry-after: 2\r\n" in answer.lower() for answer in refused)
    assert still_serves(port)


def test_requests_on_one_connection(port: int) -> None:
    """One after the other, and two at once; the time of a head begins anew with each."""
    with connected(port) as connection:
        for _ in range(5):
            connection.sendall(GET + b"\r\n")
            assert one_answer(connection).startswith(b"HTTP/1.1 200")
            time.sleep(0.2)
        connection.sendall((GET + b"\r\n") * 2 + GET + b"Connection: close\r\n\r\n")
        assert everything(connection).count(b"HTTP/1.1 200") == 3


def test_an_answer_that_takes_long_is_not_cut_off(tmp_path: Path) -> None:
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(guarded(tmp_path, header_seconds=0.2))
        connection = stack.enter_context(connected(stack.enter_context(running(server))))
        connection.sendall(b"GET /v1/slow HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert one_answer(connection).startswith(b"HTTP/1.1 200")


def test_a_client_that_does_not_read(port: int) -> None:
    with connected(port) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.sendall(b"GET /v1/flood HTTP/1.1\r\nHost: localhost\r\n\r\n")
        # Readable without end as long as the server writes; a reset once it has given up.
        poller = select.poll()
        poller.register(connection, select.POLLHUP)
        assert poller.poll(30_000)
    assert still_serves(port)


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"nonsense\r\n\r\n", 400),
        (b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nHost: other\r\n\r\n", 400),
        (b"GET /healthz HTTP/1.1\r\n\r\n", 400),
        (GET + b"X-Large: " + b"x" * 20_000, 431),
        (GET + b"X-Large: " + b"x" * 20_000 + b"\r\nConnection: close\r\n\r\n", 431),
        (GET + b"Bad Name: x\r\n\r\n", 400),
        (GET + b"X: a\r\n b\r\n\0\r\n\r\n", 400),
        (b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400),
    ],
)
def test_what_is_no_http(port: int, sent: bytes, status: int) -> None:
    with connected(port) as connection:
        connection.sendall(sent)
        answer = everything(connection)
    assert answer.startswith(f"HTTP/1.1 {status}".encode())
    assert b"content-security-policy: " in answer.lower()
    assert b"server:" not in answer.lower()
    assert still_serves(port)


def test_nonsense_in_a_body_does_not_disturb_the_server(
    port: int, caplog: pytest.LogCaptureFixture
) -> None:
    for path in (b"/v1/ask", b"/nowhere"):
        with connected(port) as connection:
            connection.sendall(
                b"POST " + path + b" HTTP/1.1\r\nHost: localhost\r\n"
                b"Transfer-Encoding: chunked\r\n\r\nnonsense\r\n"
            )
            everything(connection)
    assert still_serves(port)
    assert "Fatal error" not in caplog.text


def test_no_log_and_no_trust_of_its_own() -> None:
    options = server_options(Settings())
    assert options["access_log"] is False
    assert options["proxy_headers"] is False
    assert options["server_header"] is False
    assert options["ws"] == "none"
