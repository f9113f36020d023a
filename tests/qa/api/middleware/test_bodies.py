from __future__ import annotations

import contextlib
import json
import select
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from guarded import Guarded, connected, everything, guarded, running, still_serves, trickle
from hypothesis import given
from hypothesis import strategies as st

from qa.api.middleware.bodies import DEEPEST, nests_deeper

GIB = 1024**3
CHUNK = 1024 * 1024
JSON = {"Content-Type": "application/json"}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Guarded]:
    limits = {"body_bytes": 4096, "upload_bytes": 65_536, "body_seconds": 1.0}
    with guarded(tmp_path, **limits) as made:
        yield made


def head(path: str, *lines: str) -> bytes:
    return "\r\n".join([f"POST {path} HTTP/1.1", "Host: localhost", *lines, "", ""]).encode()


def pour(connection: socket.socket, most: int) -> int:
    """Send chunks of nothing until an answer comes or ``most`` bytes have gone; how many went."""
    chunk = f"{CHUNK:x}\r\n".encode() + b"\0" * CHUNK + b"\r\n"
    sent = 0
    with contextlib.suppress(ConnectionError):
        while sent < most and not select.select([connection], [], [], 0)[0]:
            connection.sendall(chunk)
            sent += CHUNK
    return sent


# --- size -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "kind"),
    [("/v1/ask", "application/json"), ("/v1/documents", "multipart/form-data; boundary=x")],
)
def test_an_endless_body_is_stopped_early(port: int, path: str, kind: str) -> None:
    """1 GiB in chunks, made as it is sent: no Content-Length warns of it."""
    with connected(port) as connection:
        connection.sendall(head(path, f"Content-Type: {kind}", "Transfer-Encoding: chunked"))
        if kind.startswith("multipart"):
            start = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a"\r\n\r\n'
            connection.sendall(f"{len(start):x}\r\n".encode() + start + b"\r\n")
        sent = pour(connection, GIB)
        answer = everything(connection)
    assert answer.startswith(b"HTTP/1.1 413")
    assert sent < GIB / 8
    assert still_serves(port)


def test_a_client_that_never_stops_is_hung_up_on(port: int) -> None:
    """It does not look at the answer; the connection ends under it all the same."""
    chunk = f"{CHUNK:x}\r\n".encode() + b"\0" * CHUNK + b"\r\n"
    with connected(port) as connection:
        connection.sendall(head("/v1/ask", "Transfer-Encoding: chunked"))
        with pytest.raises(ConnectionError):
            for _ in range(GIB // CHUNK):
                connection.sendall(chunk)
    assert still_serves(port)


def test_a_body_that_announces_too_much_is_not_read(port: int) -> None:
    with connected(port) as connection:
        connection.sendall(head("/v1/ask", f"Content-Length: {GIB}", "Expect: 100-continue"))
        answer = everything(connection)
    assert answer.startswith(b"HTTP/1.1 413")
    assert b"100 Continue" not in answer
    assert b"connection: close" in answer.lower()


@pytest.mark.parametrize(("size", "status"), [(4096, 200), (4097, 413)])
def test_the_limit_is_exact(server: Guarded, size: int, status: int) -> None:
    body = json.dumps({"question": ""}).encode()
    body = body[:-2] + b"x" * (size - len(body)) + body[-2:]
    answer = server.client().post("/v1/ask", content=body, headers=JSON)
    assert answer.status_code == status


def test_uploads_have_a_limit_of_their_own(server: Guarded) -> None:
    client = server.client()
    assert client.post("/v1/documents", files={"files": b"x" * 60_000}).json() == [60_000]
    assert client.post("/v1/documents", files={"files": b"x" * 70_000}).status_code == 413


def test_an_upload_nobody_reads_ends_with_its_answer(port: int) -> None:
    with connected(port) as connection:
        kind = "Content-Type: multipart/form-data; boundary=x"
        connection.sendall(head("/v1/unread", kind, "Transfer-Encoding: chunked"))
        sent = pour(connection, GIB)
        answer = everything(connection)
    assert answer.startswith(b"HTTP/1.1 200")
    assert b"connection: close" in answer.lower()
    assert sent < GIB / 8


def test_who_may_not_is_not_listened_to(server: Guarded) -> None:
    server.key("admin")
    with running(server) as port, connected(port) as connection:
        connection.sendall(head("/v1/ask", "Transfer-Encoding: chunked"))
        sent = pour(connection, GIB)
        answer = everything(connection)
    assert answer.startswith(b"HTTP/1.1 401")
    assert sent < GIB / 8


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "identity, gzip"])
def test_nothing_is_decompressed(server: Guarded, coding: str) -> None:
    headers = JSON | {"Content-Encoding": coding}
    assert server.client().post("/v1/ask", content=b"{}", headers=headers).status_code == 415


# --- time -------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["application/json", "multipart/form-data; boundary=x"])
def test_a_body_that_does_not_come(port: int, kind: str) -> None:
    with connected(port) as connection:
        connection.sendall(head("/v1/documents", f"Content-Type: {kind}", "Content-Length: 100"))
        connection.sendall(b"--x")
        assert everything(connection).startswith(b"HTTP/1.1 408")
    assert still_serves(port)


def test_a_body_that_trickles(port: int) -> None:
    """Each byte comes in time, all of them never would."""
    with connected(port) as connection:
        connection.sendall(head("/v1/ask", "Content-Length: 4000"))
        trickle(connection, b" " * 4000)
        assert everything(connection).startswith(b"HTTP/1.1 408")


# --- depth ------------------------------------------------------------------------------------


def nested(levels: int, opening: str = "[", closing: str = "]") -> str:
    return opening * levels + closing * levels


@pytest.mark.parametrize(
    "body",
    [
        nested(DEEPEST + 1),
        "[" * 4000,
        '{"a":' * 600,
        nested(100, '{"a":', "}"),
        '["\\\\",' + nested(70) + "]",
        '["\\"",' + nested(70) + "]",
        '{"question": ' + nested(65) + "}",
        nested(3) + "," + nested(65),
    ],
)
@pytest.mark.parametrize("kind", ["application/json", "text/plain", ""])
def test_deep_json_is_refused_before_it_is_parsed(server: Guarded, body: str, kind: str) -> None:
    answer = server.client().post("/v1/ask", content=body, headers={"Content-Type": kind})
    assert answer.status_code == 400
    assert f"deeper than {DEEPEST} levels" in answer.json()["detail"]


@pytest.mark.parametrize("coding", ["utf-16", "utf-16-le", "utf-32"])
def test_json_in_another_encoding_cannot_hide_its_depth(server: Guarded, coding: str) -> None:
    body = ('["\u2222",' + nested(2000 // 4) + "]").encode(coding)
    answer = server.client().post("/v1/ask", content=body[:4000], headers=JSON)
    assert answer.status_code == 400


def test_brackets_in_a_question_are_text(server: Guarded) -> None:
    question = '[{"' * 200 + "\\"
    answer = server.client().post("/v1/ask", json={"question": question})
    assert answer.json()["question"] == question


def test_a_body_that_is_no_json_is_refused(server: Guarded) -> None:
    for body in (b"", b"{", b"]" * 50, b'"', b"\xff\xfe"):
        answer = server.client().post("/v1/ask", content=body, headers=JSON)
        assert answer.status_code in (400, 422)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=40,
)


def depth(value: Any) -> int:
    if isinstance(value, dict):
        value = list(value.values())
    return 1 + max(map(depth, value), default=0) if isinstance(value, list) else 0


@given(JSON_VALUES, st.integers(1, 6), st.booleans())
def test_depth_is_what_a_parser_would_meet(value: Any, levels: int, plain: bool) -> None:
    body = json.dumps(value, ensure_ascii=plain).encode("utf-8", "surrogatepass")
    assert nests_deeper(body, levels) is (depth(value) > levels)


@given(st.text(alphabet='[]{}",:\\a ', max_size=80))
def test_what_follows_a_value_hides_nothing_of_it(text: str) -> None:
    """Of a text that is malformed further on, a parser has been through the beginning."""
    with contextlib.suppress(ValueError):
        value, _ = json.JSONDecoder().raw_decode(text)
        assert depth(value) <= 3 or nests_deeper(text.encode(), 3)
