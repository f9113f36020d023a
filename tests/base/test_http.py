"""What the environment says about proxies, certificates and passwords, against real servers."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import httpx
import pytest
from local_server import free_port, listening, make_certificate

from base.errors import UsageError
from base.http import cause, client_for

Asked = list[tuple[str, str | None]]
"""Path and Authorization of each request."""


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    return []


def handler_of(asked: Asked) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append((self.path, self.headers["Authorization"]))
            self.send_response(302 if self.path == "/old" else 200)
            self.send_header("Location", "/new")
            self.end_headers()

    return Handler


@pytest.fixture
def address(asked: Asked) -> Iterator[str]:
    with listening(handler_of(asked)) as found:
        yield found


def get(address: str) -> int:
    with client_for(address) as client:
        return client.get(address).status_code


def test_redirections_are_followed(address: str, asked: Asked) -> None:
    assert get(f"{address}/old") == 200
    assert asked == [("/old", None), ("/new", None)]


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
@pytest.mark.parametrize("scheme", ["http://", ""])
def test_a_proxy(
    address: str, asked: Asked, monkeypatch: pytest.MonkeyPatch, name: str, scheme: str
) -> None:
    monkeypatch.setenv(name, address.replace("http://", scheme))
    assert get("http://elsewhere.invalid/x") == 200
    assert asked == [("http://elsewhere.invalid/x", None)]


@pytest.mark.parametrize("names", ["127.0.0.1", "[::1],10.0.0.0/8,127.0.0.1", "*"])
def test_no_proxy(address: str, monkeypatch: pytest.MonkeyPatch, names: str) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{free_port()}")
    with pytest.raises(httpx.ConnectError) as failed:
        get(address)
    assert cause(failed.value) == "Connection refused"
    monkeypatch.setenv("NO_PROXY", names)
    assert get(address) == 200


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:1", "odd://127.0.0.1:1"])
def test_a_proxy_that_cannot_be_used(
    address: str, monkeypatch: pytest.MonkeyPatch, proxy: str
) -> None:
    monkeypatch.setenv("ALL_PROXY", proxy)
    with pytest.raises(UsageError, match=r"No request.*HTTPS_PROXY") as failed:
        get(address)
    assert proxy not in str(failed.value)


def test_an_address_that_is_none() -> None:
    with pytest.raises(UsageError, match="No request can be made"):
        client_for("http://[x")


@pytest.fixture
def netrc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    return tmp_path / "netrc"


@pytest.mark.parametrize(
    ("said", "sent"),
    [
        ("machine 127.0.0.1 login anna password s3cret", "Basic YW5uYTpzM2NyZXQ="),
        ("machine elsewhere.invalid login anna password s3cret", None),
        ("oops", None),
    ],
)
def test_a_password(address: str, asked: Asked, netrc: Path, said: str, sent: str | None) -> None:
    netrc.write_text(said)
    get(address)
    assert asked == [("/", sent)]


def test_certificates(asked: Asked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    certificate = make_certificate(tmp_path)
    with listening(handler_of(asked), certificate) as address:
        with pytest.raises(httpx.ConnectError, match="verify failed"):
            get(address)
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
        assert get(address) == 200
