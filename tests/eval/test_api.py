from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes import HashingEncoder, ScriptedEngine
from fastapi import FastAPI
from fastapi.testclient import TestClient
from made_runs import run_info, scored_question

from base.settings import Settings
from eval import api
from eval.run_folder import RunFolder, append
from qa.api.app_state import Service
from qa.api.middleware.secured import secure
from qa.api.problems import install
from qa.api.storage.keys import Access


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    """Three runs: one with an answer, one without, one whose description is broken."""
    for name in ("first", "second"):
        RunFolder(tmp_path / "runs" / name).begin(run_info(questions=1))
    with RunFolder(tmp_path / "runs" / "first").appending() as stream:
        append(stream, scored_question("q").record)
    (tmp_path / "runs" / "torn").mkdir()
    (tmp_path / "runs" / "torn" / "run.json").write_text("{")
    return tmp_path / "runs"


@pytest.fixture
def access(tmp_path: Path) -> Iterator[Access]:
    (tmp_path / "corpus").mkdir()
    made = Access(tmp_path / "corpus", loopback=True)
    yield made
    made.close()


@pytest.fixture
def client(tmp_path: Path, runs: Path, access: Access) -> TestClient:
    settings = Settings(cache=tmp_path / "cache", corpus=tmp_path / "corpus", runs=runs)
    service = Service(settings, lambda _: (HashingEncoder(), ScriptedEngine()))
    app = FastAPI()
    install(app)
    app.include_router(api.router(service))
    return TestClient(secure(app, access, settings), base_url="http://127.0.0.1")


def test_runs_are_listed_and_a_broken_one_is_left_out(client: TestClient) -> None:
    items = client.get("/v1/evaluations").json()["items"]
    assert {(one["name"], one["answered"]) for one in items} == {("first", 1), ("second", 0)}


def test_a_report_is_one_sandboxed_page(client: TestClient) -> None:
    reply = client.get("/v1/evaluations/first/report")
    assert reply.status_code == 200
    assert reply.headers["content-type"].startswith("text/html")
    assert reply.headers["content-security-policy"].startswith("sandbox allow-scripts")
    assert "<title>" in reply.text


def test_a_ticket_opens_a_report_once_and_without_a_key(client: TestClient, access: Access) -> None:
    _, secret = access.keys.create("anna", "reader")
    key = {"Authorization": f"Bearer {secret}"}
    assert client.get("/v1/evaluations/first/report").status_code == 401
    assert client.post("/v1/evaluations/first/ticket").status_code == 401
    url = client.post("/v1/evaluations/first/ticket", headers=key).json()["url"]
    assert client.get(url).status_code == 200
    assert client.get(url).status_code == 404
    assert client.get(f"/reports/{'x' * 43}").status_code == 404


@pytest.mark.parametrize(
    ("name", "status"),
    [("second", 409), ("none", 404), ("..", 404), ("%2e%2e%2fetc", 400), ("a" * 300, 422)],
)
def test_what_is_no_report_is_one_sentence(client: TestClient, name: str, status: int) -> None:
    reply = client.get(f"/v1/evaluations/{name}/report")
    assert reply.status_code == status
    assert reply.json()["detail"]


def test_without_a_folder_of_runs_there_is_none(
    client: TestClient, runs: Path, tmp_path: Path
) -> None:
    runs.rename(tmp_path / "elsewhere")
    assert client.get("/v1/evaluations").json() == {"items": []}
    assert client.get("/v1/evaluations/first/report").status_code == 404
