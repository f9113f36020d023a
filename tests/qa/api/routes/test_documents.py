from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from kept import Api, events, finished, running_api, sent
from pytest import MonkeyPatch
from samples import DOCUMENTS
from starlette.testclient import TestClient

from qa.api.documents import etag_matches
from qa.api.routes import documents

TEXT = "Das Büro 🏢 liegt in Köln. Dort arbeiten zwölf Menschen.".encode()


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    with running_api(tmp_path) as found:
        yield found


@pytest.fixture
def editor(api: Api) -> TestClient:
    return api.person("edda", "editor")


@pytest.fixture
def reader(api: Api) -> TestClient:
    return api.person("rolf", "reader")


def ids(client: TestClient, query: str = "") -> list[str]:
    reply = client.get(f"/v1/documents{query}")
    assert reply.status_code == 200, reply.text
    return [one["id"] for one in reply.json()["items"]]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["anteil", "gruendung", "layoffs", "valuation"]),
        ("?q=GRÜNDUNG", ["gruendung"]),
        ("?q=.TXT", ["anteil", "gruendung", "layoffs", "valuation"]),
        ("?q=%25", []),
        ("?q=_", []),
        ("?source=Bloomberg", ["layoffs", "valuation"]),
        ("?language=de", ["anteil", "gruendung"]),
        ("?since=2025-07", ["layoffs"]),
        ("?until=2025-06-13", ["anteil", "valuation"]),
        ("?language=de&source=Reuters&q=anteil", ["anteil"]),
    ],
)
def test_documents_are_found(reader: TestClient, query: str, found: list[str]) -> None:
    assert ids(reader, query) == found
    assert reader.get(f"/v1/documents{query}").json()["total"] == len(found)


@pytest.mark.parametrize(
    "query", ["since=2025-02-31", "language=fr", "limit=0", "limit=101", "cursor=AAAA", "source="]
)
def test_filters_that_are_none_are_refused(reader: TestClient, query: str) -> None:
    reply = reader.get(f"/v1/documents?{query}")
    assert reply.status_code in (400, 422)
    assert reply.headers["content-type"] == "application/problem+json"


def test_pages_hold_each_document_once(reader: TestClient) -> None:
    first = reader.get("/v1/documents?limit=3").json()
    assert first["total"] == 4
    second = reader.get(f"/v1/documents?limit=3&cursor={first['next']}").json()
    assert second["next"] is None
    assert [one["id"] for one in first["items"] + second["items"]] == sorted(
        one.id for one in DOCUMENTS
    )


def test_a_document_is_read_once(reader: TestClient) -> None:
    reply = reader.get("/v1/documents/anteil")
    etag = reply.headers["etag"]
    body = reply.json()
    assert body["text"] == DOCUMENTS[0].text
    assert body["characters"] == len(DOCUMENTS[0].text)
    assert body["etag"] == etag
    for header in (etag, f"W/{etag}", f'"x", {etag}', "*"):
        again = reader.get("/v1/documents/anteil", headers={"If-None-Match": header})
        assert again.status_code == 304
        assert again.content == b""
        assert again.headers["etag"] == etag
    other = reader.get("/v1/documents/anteil", headers={"If-None-Match": '"x"'})
    assert other.status_code == 200
    assert reader.get("/v1/documents/nichts").status_code == 404


def test_tags_are_compared_as_the_standard_says() -> None:
    assert etag_matches('W/"a"', '"a"', weakly=True)
    assert not etag_matches('W/"a"', '"a"', weakly=False)
    assert etag_matches('"b" , "a"', '"a"', weakly=False)
    assert not etag_matches("a", '"a"', weakly=True)


def test_a_span_in_its_context(editor: TestClient) -> None:
    job = finished(editor, editor.post("/v1/documents", files=sent(("büro.txt", TEXT))))
    name = job["files"][0]["document_id"]
    text = TEXT.decode()
    start = text.index("🏢")
    path = f"/v1/documents/{name}/span"
    found = editor.get(f"{path}?start={start}&end={start + 1}&context=4").json()
    assert (found["before"], found["quote"], found["after"]) == ("üro ", "🏢", " lie")
    whole = editor.get(f"{path}?start=0&end={len(text)}").json()
    assert (whole["before"], whole["quote"], whole["after"]) == ("", text, "")
    for start, end in ((3, 3), (4, 3), (0, len(text) + 1), (99, 100)):
        reply = editor.get(f"{path}?start={start}&end={end}")
        assert reply.status_code == 422
        assert str(len(text)) in reply.json()["detail"]
    assert editor.get(f"{path}?start=-1&end=3").status_code == 422
    assert editor.get(f"{path}?start=0&end=1&context=999999").status_code == 422
    assert editor.get("/v1/documents/nichts/span?start=0&end=1").status_code == 404


def test_a_document_is_deleted_unless_it_changed(editor: TestClient) -> None:
    old = editor.get("/v1/documents/anteil").headers["etag"]
    stale = editor.delete("/v1/documents/anteil", headers={"If-Match": '"older"'})
    assert stale.status_code == 412
    weak = editor.delete("/v1/documents/anteil", headers={"If-Match": f"W/{old}"})
    assert weak.status_code == 412
    assert editor.delete("/v1/documents/anteil", headers={"If-Match": old}).status_code == 204
    assert editor.delete("/v1/documents/anteil").status_code == 404
    assert editor.delete("/v1/documents/layoffs").status_code == 204
    assert ids(editor) == ["gruendung", "valuation"]
    found = editor.post("/v1/search", json={"question": "Meta Scale AI Beteiligung"}).json()
    assert {one["document_id"] for one in found["passages"]} <= {"gruendung", "valuation"}


def test_an_upload_replaces_the_one_of_its_name(editor: TestClient) -> None:
    files = sent(("stand.txt", TEXT), ("notiz.md", b"# Titel\n\nEs gibt einen Hund."))
    first = finished(editor, editor.post("/v1/documents", files=files))
    assert [one["state"] for one in first["files"]] == ["added", "added"]
    assert first["passages"] == 2
    again = finished(editor, editor.post("/v1/documents", files=files))
    assert [one["state"] for one in again["files"]] == ["unchanged", "unchanged"]
    changed = sent(("../stand.txt", b"Nun liegt das Haus in Bonn und nirgendwo sonst."))
    job = finished(editor, editor.post("/v1/documents", files=changed))
    assert job["files"] == [
        {
            "name": "stand.txt",
            "state": "replaced",
            "document_id": first["files"][0]["document_id"],
            "reason": None,
        }
    ]
    document = editor.get(f"/v1/documents/{first['files'][0]['document_id']}").json()
    assert "Bonn" in document["text"]
    assert document["path"] == "upload/stand.txt"


def test_files_that_are_none_are_refused_one_by_one(editor: TestClient) -> None:
    files = sent(
        ("gut.txt", b"Ein guter Satz steht hier."),
        ("leer.txt", b""),
        ("archiv.txt", b"PK\x03\x04 ist ein Archiv."),
        ("binaer.md", b"abc\x00def"),
        ("bild.png", b"Ein Satz."),
        ("kopf.md", b"---\nlanguage: xx\n---\nEin Satz steht hier."),
        ("..", b"Ein Satz."),
    )
    job = finished(editor, editor.post("/v1/documents", files=files))
    assert job["state"] == "done"
    states = [one["state"] for one in job["files"]]
    # What is odd in front matter is told; the note is added.
    # Its content says what a file is, not its name: "bild.png" holds a sentence.
    assert states == ["added", *["refused"] * 3, "added", "added", "refused"]
    for one in job["files"][1:]:
        if one["reason"] is None:
            continue
        assert one["reason"].endswith(".")
        assert "/" not in one["reason"]
    assert "archive" in job["files"][2]["reason"]
    assert "'kopf.md'" in job["files"][5]["reason"]
    lost = finished(editor, editor.post("/v1/documents", files=sent(("x.txt", b""))))
    assert lost["state"] == "failed"


def test_limits_of_an_upload(tmp_path: Path) -> None:
    with running_api(tmp_path, upload_files=2, upload_bytes=2048) as api:
        editor = api.person("edda", "editor")
        three = sent(*((f"{name}.txt", b"Ein Satz.") for name in "abc"))
        assert editor.post("/v1/documents", files=three).status_code == 413
        large = editor.post("/v1/documents", files=sent(("gross.txt", b"Ein Satz. " * 999)))
        assert large.status_code == 413
        assert editor.post("/v1/documents").status_code == 422
        text = editor.post("/v1/documents", data={"files": "x"})
        assert text.status_code == 422
        assert ids(editor) == ids(editor, "?q=.txt")


def test_an_upload_that_is_sent_again_is_one_job(editor: TestClient, api: Api) -> None:
    key = {"Idempotency-Key": '"8e03978e-40d5-43dd-bc93-6894a57f9324"'}
    files = sent(("a.txt", TEXT))
    first = editor.post("/v1/documents", files=files, headers=key)
    again = editor.post("/v1/documents", files=files, headers=key)
    assert (first.status_code, again.status_code) == (202, 202)
    assert again.headers["location"] == first.headers["location"]
    other = editor.post("/v1/documents", files=sent(("b.txt", TEXT)), headers=key)
    assert other.status_code == 422
    assert "Idempotency-Key" in other.json()["detail"]
    else_ = api.person("emil", "editor").post("/v1/documents", files=files, headers=key)
    assert else_.json()["id"] != first.json()["id"]
    long = {"Idempotency-Key": "x" * 201}
    assert editor.post("/v1/documents", files=files, headers=long).status_code == 422


def test_readers_change_nothing(reader: TestClient) -> None:
    for method, path in (
        ("POST", "/v1/documents"),
        ("POST", "/v1/documents/reindex"),
        ("POST", "/v1/documents/anteil/reindex"),
        ("DELETE", "/v1/documents/anteil"),
    ):
        assert reader.request(method, path).status_code == 403
    assert len(ids(reader)) == 4


def test_documents_are_indexed_again(editor: TestClient) -> None:
    before = editor.get("/v1/documents/anteil")
    one = finished(editor, editor.post("/v1/documents/anteil/reindex"))
    assert (one["kind"], one["document_id"], one["state"]) == ("reindex", "anteil", "done")
    assert one["passages"] >= 1
    every = finished(editor, editor.post("/v1/documents/reindex"))
    assert every["document_id"] is None
    assert every["passages"] >= 4
    after = editor.get("/v1/documents/anteil")
    assert after.json() == before.json()
    assert after.headers["etag"] == before.headers["etag"]
    assert editor.post("/v1/documents/nichts/reindex").status_code == 404


def test_the_events_of_a_job_end_with_it(editor: TestClient) -> None:
    reply = editor.post("/v1/documents", files=sent(("a.txt", TEXT)))
    stream = editor.get(f"{reply.headers['location']}/events")
    assert stream.headers["content-type"].startswith("text/event-stream")
    found = events(stream.text)
    assert {kind for kind, _ in found[:-1]} <= {"progress"}
    kind, job = found[-1]
    assert (kind, job["state"]) == ("done", "done")
    assert job == editor.get(reply.headers["location"]).json()
    assert editor.get(f"/v1/jobs/{'0' * 32}/events").status_code == 404
    assert editor.get("/v1/jobs/x").status_code == 422


def test_a_change_does_not_wait_for_ever(
    api: Api, editor: TestClient, monkeypatch: MonkeyPatch
) -> None:
    monkeypatch.setattr(documents, "CHANGE_S", 0.05)
    with api.service.library.writing():
        job = editor.post("/v1/documents", files=sent(("a.txt", TEXT)))
        while editor.get(job.headers["location"]).json()["state"] == "waiting":
            pass
        reply = editor.delete("/v1/documents/anteil")
    assert reply.status_code == 503
    assert "Retry-After" in reply.headers
    finished(editor, job)
    assert editor.delete("/v1/documents/anteil").status_code == 204


def test_a_read_only_corpus_says_so(api: Api, editor: TestClient, monkeypatch: MonkeyPatch) -> None:
    with api.service.library.reading() as retriever:
        monkeypatch.setattr(retriever.store, "writable", False)
    assert editor.post("/v1/documents", files=sent(("a.txt", TEXT))).status_code == 403
    assert editor.delete("/v1/documents/anteil").status_code == 403
    assert len(ids(editor)) == 4
