from __future__ import annotations

import pytest
from guarded import Guarded, connected, everything, running
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from qa.api.middleware.headers import SECURITY_HEADERS


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "/", {}, 200),
        ("GET", "/healthz", {}, 200),
        ("GET", "/static/app.js", {}, 200),
        ("GET", "/nowhere", {}, 404),
        ("PUT", "/v1/ask", {}, 405),
        ("POST", "/v1/ask", {}, 422),
        ("GET", "/v1/boom", {}, 500),
        ("GET", "/", {"Host": "attacker.example"}, 403),
        ("GET", "/", {"X-Large": "x" * 20_000}, 431),
        ("GET", "/v1/documents/x", {"Via": "1.1 proxy"}, 401),
        ("POST", "/v1/ask", {"Content-Length": "99999999"}, 413),
    ],
)
def test_nothing_leaves_without_them(
    server: Guarded, method: str, path: str, headers: dict[str, str], status: int
) -> None:
    answer = server.client().request(method, path, headers=headers)
    assert answer.status_code == status
    for name, value in SECURITY_HEADERS.items():
        assert answer.headers[name] == value
    assert answer.headers["x-request-id"]


def test_no_inline_script_and_nothing_from_elsewhere(server: Guarded) -> None:
    policy = server.client().get("/").headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "*" not in policy
    assert "http" not in policy


def test_an_answer_may_set_its_own(server: Guarded) -> None:
    answer = server.client().get("/v1/documents/a-12345678")
    assert answer.headers.get_list("cache-control") == ["private"]


def test_a_document_is_text_and_stays_it(server: Guarded) -> None:
    answer = server.client().get("/v1/documents/a-12345678")
    assert answer.text == "<script>alert(1)</script>"
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_request_id_is_kept(server: Guarded) -> None:
    sent = "4bf92f35-77b3.4da6_a3ce"
    assert server.client().get("/", headers={"X-Request-Id": sent}).headers["x-request-id"] == sent


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.binary(max_size=80).filter(lambda sent: not sent.isalnum()))
def test_anything_else_is_replaced(server: Guarded, sent: bytes) -> None:
    headers = [(b"X-Request-Id", sent)]
    got = server.client().get("/", headers=headers).headers.get_list("x-request-id")  # type: ignore[arg-type]
    assert len(got) == 1
    assert 1 <= len(got[0]) <= 64
    assert all(char.isascii() and (char.isalnum() or char in "._-") for char in got[0])


def test_two_requests_have_two_ids(server: Guarded) -> None:
    got = {server.client().get("/").headers["x-request-id"] for _ in range(20)}
    assert len(got) == 20


@pytest.mark.parametrize("breaks", ["\r\n", "\n", "\r", "\0"])
def test_a_header_with_a_line_break_is_never_sent(server: Guarded, breaks: str) -> None:
    """A route that repeats what it was told in a header: a fault, not a hole."""
    sent = {"value": f"x{breaks}Set-Cookie: stolen=1"}
    answer = server.client().get("/v1/broken-header", params=sent)
    assert answer.status_code == 500
    assert "set-cookie" not in answer.headers
    assert "x-value" not in answer.headers


def test_line_breaks_in_a_path_or_an_id_start_no_header(server: Guarded) -> None:
    with running(server) as port:
        for head in (
            b"GET /nowhere%0d%0aSet-Cookie:%20a=1 HTTP/1.1\r\nHost: localhost\r\n",
            b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Request-Id: a%0d%0aSet-Cookie: a=1\r\n",
            b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Request-Id: a\rSet-Cookie: a=1\r\n",
            b"GET / HTTP/1.1\r\nHost: localhost\r\nOrigin: a\0b\r\n",
        ):
            with connected(port) as connection:
                connection.sendall(head + b"Connection: close\r\n\r\n")
                answer = everything(connection)
            assert answer.startswith(b"HTTP/1.1 ")
            assert b"\nset-cookie" not in answer.partition(b"\r\n\r\n")[0].lower()
