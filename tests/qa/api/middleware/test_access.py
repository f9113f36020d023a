from __future__ import annotations

import sqlite3

import pytest
from guarded import Guarded

from qa.api.storage.keys import Key

DOCUMENT = "/v1/documents/a-12345678"


def test_on_loopback_without_keys_everything_is_allowed(server: Guarded) -> None:
    answer = server.client().post("/v1/ask", json={"question": "Wer?"})
    assert answer.json()["caller"] == "local"
    assert server.client().delete(DOCUMENT).status_code == 204


def test_whatever_key_a_client_insists_on_sending_is_fine_there(server: Guarded) -> None:
    """The openai client cannot do without one."""
    assert server.client("none").get(DOCUMENT).status_code == 200


@pytest.mark.parametrize("name", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"])
def test_a_proxy_in_front_does_not_open_the_server(server: Guarded, name: str) -> None:
    assert server.client(**{name: "198.51.100.7"}).get(DOCUMENT).status_code == 401


def test_the_first_key_closes_a_running_server(server: Guarded) -> None:
    client = server.client()
    assert client.get(DOCUMENT).status_code == 200
    key = server.key("reader")
    assert client.get(DOCUMENT).status_code == 401
    assert server.client(key).get(DOCUMENT).status_code == 200


@pytest.mark.parametrize(
    "sent",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "Bearer wrong",
        "Bearer belegt_" + "A" * 43,
        "Basic {key}",
        "{key}",
        "Bearer {key} x",
        "Bearer {key}A",
    ],
)
def test_a_missing_or_wrong_key(server: Guarded, sent: str | None) -> None:
    key = server.key("admin")
    headers = {} if sent is None else {"Authorization": sent.format(key=key)}
    answer = server.client().get(DOCUMENT, headers=headers)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == 'Bearer realm="belegt"'
    assert answer.headers["content-type"] == "application/problem+json"
    assert key not in answer.text


def test_two_keys_at_once_are_none(server: Guarded) -> None:
    sent = [("Authorization", f"Bearer {server.key('admin')}"), ("Authorization", "Bearer x")]
    assert server.client().get(DOCUMENT, headers=sent).status_code == 401


def test_a_key_is_taken_whatever_the_case_of_its_scheme(server: Guarded) -> None:
    sent = {"Authorization": f"bearer {server.key('reader')}"}
    assert server.client().get(DOCUMENT, headers=sent).status_code == 200


def test_a_revoked_key_is_refused_at_once_and_as_an_unknown_one_is(server: Guarded) -> None:
    key = server.key("admin")
    client = server.client(key)
    assert client.get(DOCUMENT).status_code == 200
    (stored,) = server.access.keys.list()
    server.access.keys.revoke(stored.id)
    revoked, unknown = client.get(DOCUMENT), server.client("belegt_x").get(DOCUMENT)
    assert revoked.status_code == 401
    assert revoked.text == unknown.text


def test_the_token_of_a_run_is_an_admins(server: Guarded) -> None:
    server.key("reader")
    assert server.client(server.access.token).get("/v1/pinned").json() == {"admin": True}


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        ("reader", [200, 403, 403, 403]),
        ("editor", [200, 204, 403, 403]),
        ("admin", [200, 204, 200, 200]),
        ("metrics", [403, 403, 403, 200]),
    ],
)
def test_roles(server: Guarded, role: str, allowed: list[int]) -> None:
    client = server.client(server.key(role))  # type: ignore[arg-type]
    got = [
        client.get(DOCUMENT).status_code,
        client.delete(DOCUMENT).status_code,
        client.get("/v1/keys").status_code,
        client.get("/metrics").status_code,
    ]
    assert got == allowed


def test_a_role_that_does_not_suffice_is_told_what_would(server: Guarded) -> None:
    answer = server.client(server.key("reader")).delete(DOCUMENT)
    assert answer.json()["detail"] == "This needs a key of the role editor; yours is reader."


@pytest.mark.parametrize("path", ["/healthz", "/", "/static/app.js"])
def test_what_needs_no_key(server: Guarded, path: str) -> None:
    server.key("admin")
    assert server.client().get(path).status_code == 200


@pytest.mark.parametrize(
    "path",
    ["/static", "/staticx", "/healthz/", "/openapi.json", "/v1/nothing", "/metrics", "//healthz"],
)
def test_what_looks_public_and_is_not(server: Guarded, path: str) -> None:
    server.key("admin")
    assert server.client().get(f"http://127.0.0.1{path}").status_code == 401


def test_public_paths_are_public_for_reading_only(server: Guarded) -> None:
    server.key("admin")
    assert server.client().post("/healthz").status_code == 401


def test_the_use_of_a_key_is_noted(server: Guarded) -> None:
    server.client(server.key("reader")).get(DOCUMENT)
    assert server.access.keys.list()[0].last_used is not None


def test_a_use_that_cannot_be_noted_is_no_reason_to_refuse(
    server: Guarded, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def locked(_: Key) -> None:
        raise sqlite3.OperationalError("database is locked")

    monkeypatch.setattr(server.access, "used", locked)
    assert server.client(server.key("reader")).get(DOCUMENT).status_code == 200
    assert "could not be noted: database is locked" in caplog.text


def test_web_sockets_are_turned_away(server: Guarded) -> None:
    from starlette.websockets import WebSocketDisconnect

    with pytest.raises(WebSocketDisconnect), server.client().websocket_connect("/v1/ask"):
        pass


def test_keys_over_http(server: Guarded) -> None:
    client = server.client(server.access.token)
    made = client.post("/v1/keys", json={"name": "anna", "role": "reader"})
    assert made.status_code == 201
    secret = made.json()["key"]
    assert server.client(secret).get(DOCUMENT).status_code == 200
    assert client.post("/v1/keys", json={"name": "anna", "role": "reader"}).status_code == 409
    (listed,) = client.get("/v1/keys").json()["items"]
    assert secret not in str(listed)
    assert client.delete(f"/v1/keys/{listed['id']}").status_code == 204
    assert server.client(secret).get(DOCUMENT).status_code == 401
    assert client.delete("/v1/keys/none").status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {"name": "", "role": "reader"},
        {"name": "a\nb", "role": "reader"},
        {"name": "a", "role": "x"},
    ],
)
def test_keys_over_http_that_are_not_acceptable(server: Guarded, body: dict[str, str]) -> None:
    assert server.client(server.access.token).post("/v1/keys", json=body).status_code == 422
