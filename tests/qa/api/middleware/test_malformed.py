from __future__ import annotations

import pytest
from guarded import LOOPBACK, SECRET_FILE, Guarded, connected, everything

UP = [
    "../secret.txt",
    "%2e%2e/secret.txt",
    "..%2fsecret.txt",
    "%2e%2e%2fsecret.txt",
    "..%5csecret.txt",
    "..\\secret.txt",
    "./../secret.txt",
    "x/../../secret.txt",
    "%2e%2e%2f%2e%2e%2f%2e%2e%2fetc%2fpasswd",
    "%252e%252e%252fsecret.txt",
    "....//secret.txt",
    "/secret.txt",
    "%2fetc%2fpasswd",
    "app.js%00.txt",
    "..%00/secret.txt",
    "%c0%ae%c0%ae/secret.txt",
    "file:///etc/passwd",
]


@pytest.mark.parametrize("folder", ["/static/", "/v1/documents/"])
def test_no_path_reaches_a_file(port: int, folder: str) -> None:
    """Written on a raw connection, as clients tidy paths up before they send them."""
    for path in UP:
        with connected(port) as connection:
            head = f"GET {folder}{path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
            connection.sendall(head.encode())
            answer = everything(connection)
        assert answer.startswith((b"HTTP/1.1 400", b"HTTP/1.1 404")), (path, answer)
        assert SECRET_FILE.encode() not in answer
        assert b"root:" not in answer


def test_dots_within_a_name_are_fine(server: Guarded) -> None:
    for name in ("..a", "a..", "a.b", "..."):
        assert server.client().get(f"/v1/documents/{name}").status_code == 404


def test_a_large_head_is_refused(server: Guarded) -> None:
    answer = server.client().get("/healthz", headers={"X-Large": "x" * 20_000})
    assert answer.status_code == 431
    assert server.client().get(f"/healthz?{'x' * 20_000}").status_code == 431


def test_many_headers_are_refused(server: Guarded) -> None:
    answer = server.client().get("/healthz", headers={f"X-{number}": "1" for number in range(101)})
    assert answer.status_code == 431


@pytest.mark.parametrize(
    "headers",
    [
        [("Content-Length", "2"), ("Content-Length", "3")],
        [("Content-Length", "2"), ("Transfer-Encoding", "chunked")],
        [("Content-Length", "-1")],
        [("Content-Length", "0x10")],
        [("Content-Length", "9" * 5000)],
    ],
)
def test_a_length_that_can_be_read_in_two_ways_is_refused(
    server: Guarded, headers: list[tuple[str, str]]
) -> None:
    request = server.client().build_request("POST", f"{LOOPBACK}/v1/ask", content=b"{}")
    request.headers = type(request.headers)([("Host", "127.0.0.1"), *headers])
    assert server.client().send(request).status_code == 400
