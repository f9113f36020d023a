from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from guarded import Guarded, guarded

from base.errors import UsageError
from base.settings import Settings
from qa.api.middleware.origins import Origins, is_loopback

ASK = {"json": {"question": "Wer?"}}
FRIEND = "https://intranet.example"


@pytest.fixture
def sharing(tmp_path: Path) -> Iterator[Guarded]:
    with guarded(tmp_path, allowed_origins=f" {FRIEND} , http://[::1]:3000") as made:
        yield made


def cors(headers: object) -> list[str]:
    return [name for name in headers if name.startswith("access-control")]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "host",
    ["localhost", "LOCALHOST", "localhost:8765", "127.0.0.1", "127.0.0.1:1", "[::1]", "[::1]:9"],
)
def test_names_of_this_machine_are_served(server: Guarded, host: str) -> None:
    assert server.client(Host=host).post("/v1/ask", **ASK).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "attacker.example",
        "attacker.example:8765",
        "localhost.attacker.example",
        "127.0.0.1.attacker.example",
        "attacker.example@localhost",
        "localhost@attacker.example",
        "localhost/x",
        "192.168.0.1",
        "0.0.0.0",
        "",
        "localhost:x",
        "[::1",
    ],
)
@pytest.mark.parametrize("path", ["/v1/documents/a-12345678", "/", "/healthz"])
def test_a_rebound_name_is_served_nothing(server: Guarded, host: str, path: str) -> None:
    answer = server.client(Host=host).get(path)
    assert answer.status_code == 403
    assert "BELEGT_ALLOWED_HOSTS" in answer.json()["detail"]


def test_names_can_be_added(tmp_path: Path) -> None:
    with guarded(tmp_path, allowed_hosts="belegt.example, other.example") as server:
        got = [
            server.client(Host=host).get("/healthz").status_code
            for host in ("belegt.example:443", "Other.Example", "localhost", "third.example")
        ]
    assert got == [200, 200, 200, 403]


def test_beyond_loopback_any_name_is_served_unless_some_are_listed(tmp_path: Path) -> None:
    with guarded(tmp_path) as first:
        first.key("admin")
    with guarded(tmp_path, loopback=False) as server:
        assert server.client(Host="whatever.example").get("/healthz").status_code == 200
    with guarded(tmp_path, loopback=False, allowed_hosts="belegt.example") as server:
        assert server.client(Host="whatever.example").get("/healthz").status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://attacker.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:9999"},
        {"Origin": "http://127.0.0.1.attacker.example"},
        {"Origin": ""},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
@pytest.mark.parametrize("method", ["POST", "DELETE", "PUT", "PATCH"])
def test_another_site_changes_nothing(
    server: Guarded, method: str, headers: dict[str, str]
) -> None:
    answer = server.client().request(method, "/v1/documents/a-12345678", headers=headers)
    assert answer.status_code == 403
    assert cors(answer.headers) == []
    assert server.client().get("/v1/documents/a-12345678").status_code == 200


@pytest.mark.parametrize("origin", ["http://127.0.0.1", "https://127.0.0.1"])
def test_the_page_itself_may(server: Guarded, origin: str) -> None:
    headers = {"Origin": origin, "Sec-Fetch-Site": "same-origin"}
    assert server.client(**headers).post("/v1/ask", **ASK).status_code == 200


def test_without_allowed_origins_there_is_no_cors(server: Guarded) -> None:
    foreign = {"Origin": FRIEND}
    read = server.client().get("/v1/documents/a-12345678", headers=foreign)
    assert read.status_code == 200
    assert cors(read.headers) == []
    asking = foreign | {"Access-Control-Request-Method": "POST"}
    preflight = server.client().options("/v1/ask", headers=asking)
    assert preflight.status_code == 403
    assert cors(preflight.headers) == []


def test_an_allowed_origin_may_and_no_other(sharing: Guarded) -> None:
    asking = {"Access-Control-Request-Method": "POST"}
    granted = sharing.client().options("/v1/ask", headers=asking | {"Origin": FRIEND})
    assert granted.status_code == 204
    assert granted.headers["access-control-allow-origin"] == FRIEND
    assert "authorization" in granted.headers["access-control-allow-headers"]
    assert "access-control-allow-credentials" not in granted.headers
    asked = sharing.client(Origin=FRIEND).post("/v1/ask", **ASK)
    assert asked.status_code == 200
    assert asked.headers["access-control-allow-origin"] == FRIEND
    assert "Origin" in asked.headers["vary"]
    for other in ("https://intranet.example.attacker.example", "http://intranet.example", "null"):
        refused = sharing.client().options("/v1/ask", headers=asking | {"Origin": other})
        assert refused.status_code == 403
        assert cors(refused.headers) == []


def test_a_preflight_allows_what_the_official_clients_send(sharing: Guarded) -> None:
    wanted = (
        "authorization,content-type,x-stainless-os,x-stainless-lang,x-stainless-retry-count,"
        "x-stainless-timeout,X-Stainless-Helper-Method, x-api-key,anthropic-version"
    )
    asking = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": wanted}
    granted = sharing.client().options("/v1/ask", headers=asking | {"Origin": FRIEND})
    allowed = granted.headers["access-control-allow-headers"].split(", ")
    assert granted.status_code == 204
    assert {name.strip().lower() for name in wanted.split(",")} <= set(allowed)
    made_up = asking | {"Access-Control-Request-Headers": "x-forwarded-for,cookie,x-stainless-!"}
    others = sharing.client().options("/v1/ask", headers=made_up | {"Origin": FRIEND})
    assert "x-forwarded-for" not in others.headers["access-control-allow-headers"]
    refused = sharing.client().options("/v1/ask", headers=asking | {"Origin": "https://x.example"})
    assert refused.status_code == 403
    assert cors(refused.headers) == []


def test_an_allowed_origin_needs_a_key_like_everybody(sharing: Guarded) -> None:
    key = sharing.key("reader")
    refused = sharing.client(Origin=FRIEND).post("/v1/ask", **ASK)
    assert refused.status_code == 401
    assert refused.headers["access-control-allow-origin"] == FRIEND
    assert sharing.client(key, Origin=FRIEND).post("/v1/ask", **ASK).status_code == 200


@pytest.mark.parametrize("value", ["*", "intranet.example", "https://a.example/path", "null"])
def test_an_origin_that_is_none_is_named(value: str) -> None:
    with pytest.raises(UsageError, match="BELEGT_ALLOWED_ORIGINS has the value"):
        Origins(None, Settings(allowed_origins=value), loopback=True)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("localhost", True),
        ("127.8.8.8", True),
        ("[::1]", True),
        ("::1", True),
        ("10.0.0.1", False),
        ("localhost.x", False),
    ],
)
def test_what_is_this_machine(name: str, expected: bool) -> None:
    assert is_loopback(name) is expected
