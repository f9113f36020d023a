from __future__ import annotations

import contextlib
import logging
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from api_samples import GOOD, QUESTION
from kept import Api, events, running_api
from starlette.testclient import TestClient

from corpus.filters import Filters
from corpus.migrations import migrate
from qa.api.problems import ProblemError
from qa.api.routes import conversations as routes_module
from qa.api.storage import conversations as module
from qa.api.storage import database
from qa.api.storage.conversations import EXCHANGES, Conversations
from qa.api.storage.records import cursor_of, keys_of, writing
from qa.pipeline.answer import Answer, ModelNames, Timings

NOBODY = "0" * 32


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    with running_api(tmp_path) as found:
        yield found


@pytest.fixture
def anna(api: Api) -> TestClient:
    return api.person("anna", "reader")


def made(text: str = f"{GOOD} [1]", question: str = QUESTION, **fields: object) -> Answer:
    return Answer.model_validate(
        {
            "question": question,
            "language": "de",
            "status": "answered",
            "text": text,
            "citations": [],
            "confidence": 0.9,
            "timings": Timings(),
            "models": ModelNames(encoder="e", llm="l"),
            **fields,
        }
    )


def begin(client: TestClient, **body: str) -> str:
    reply = client.post("/v1/conversations", json=body)
    assert reply.status_code == 201
    assert reply.headers["location"] == f"/v1/conversations/{reply.json()['id']}"
    return str(reply.json()["id"])


def test_a_conversation_grows_and_is_deleted(anna: TestClient) -> None:
    one = begin(anna)
    reply = anna.post(f"/v1/conversations/{one}/ask", json={"question": QUESTION})
    assert reply.status_code == 200
    whole = anna.get(f"/v1/conversations/{one}").json()
    assert whole["title"] == QUESTION
    assert [turn["answer"] for turn in whole["turns"]] == [reply.json()]
    assert whole["turns"][0]["id"] == reply.json()["id"]
    assert anna.get("/v1/conversations").json()["items"][0]["turns"] == 1
    assert anna.delete(f"/v1/conversations/{one}").status_code == 204
    assert anna.get(f"/v1/conversations/{one}").status_code == 404
    assert anna.delete(f"/v1/conversations/{one}").status_code == 404


def test_a_stream_is_kept_too_and_a_given_title_stays(anna: TestClient) -> None:
    one = begin(anna, title="Anteile")
    body = {"question": QUESTION, "stream": True}
    kind, last = events(anna.post(f"/v1/conversations/{one}/ask", json=body).text)[-1]
    assert kind == "done"
    whole = anna.get(f"/v1/conversations/{one}").json()
    assert whole["title"] == "Anteile"
    assert whole["turns"][0]["answer"] == last["answer"]


def test_the_first_question_gives_a_short_title(api: Api) -> None:
    kept = Conversations(api.service)
    one = kept.begin("anna", None).id
    kept.keep(made(question="Wer " + "fragt  so\nviel " * 20), "anna", one)
    title = kept.whole(one, "anna").title
    assert title is not None
    assert title.startswith("Wer fragt so viel fragt")
    assert title.endswith(" …")
    assert len(title) <= 82


def test_nobody_sees_what_is_anothers(api: Api, anna: TestClient) -> None:
    one = begin(anna)
    for other in (api.person("bert", "reader"), api.person("chef", "admin")):
        assert other.get("/v1/conversations").json()["items"] == []
        path = f"/v1/conversations/{one}"
        assert other.get(path).status_code == 404
        assert other.delete(path).status_code == 404
        assert other.post(f"{path}/ask", json={"question": QUESTION}).status_code == 404
        body = {"question": QUESTION, "conversation_id": one}
        assert other.post("/v1/ask", json=body).status_code == 404
    assert anna.get(f"/v1/conversations/{one}").json()["turns"] == []


def test_pages_hold_each_conversation_once_the_last_touched_first(anna: TestClient) -> None:
    names = [begin(anna, title=f"Nummer {number}") for number in range(7)]
    anna.post(f"/v1/conversations/{names[2]}/ask", json={"question": QUESTION})
    seen: list[str] = []
    cursor = None
    while True:
        query = {"limit": 3} | ({"cursor": cursor} if cursor else {})
        page = anna.get("/v1/conversations", params=query).json()
        seen += [one["id"] for one in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == [names[2], *(one for one in reversed(names) if one != names[2])]


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=101", "limit=x", "cursor=%20", "cursor=abc", "cursor=bnVsbA"]
)
def test_a_page_that_is_none_is_refused(anna: TestClient, query: str) -> None:
    reply = anna.get(f"/v1/conversations?{query}")
    assert reply.status_code == 422
    assert query.partition("=")[0] in reply.json()["detail"]


@pytest.mark.parametrize("number", ["x", "0" * 31, "A" * 32, "..%2f..%2fetc%2fpasswd"])
def test_an_id_that_can_be_none_is_refused(anna: TestClient, number: str) -> None:
    assert anna.get(f"/v1/conversations/{number}").status_code in (400, 404, 422)
    assert anna.get(f"/v1/conversations/{NOBODY}").status_code == 404


def test_another_conversation_in_the_body_is_refused(anna: TestClient) -> None:
    one, other = begin(anna), begin(anna)
    body = {"question": QUESTION, "conversation_id": other}
    assert anna.post(f"/v1/conversations/{one}/ask", json=body).status_code == 422
    assert anna.post("/v1/conversations", json={"name": "x"}).status_code == 422


def test_the_last_exchanges_come_without_markers(api: Api) -> None:
    kept = Conversations(api.service)
    one = kept.begin("anna", None).id
    for number in range(EXCHANGES + 2):
        kept.keep(made(f"Satz {number}. [1] [2] Und noch einer. [3]", str(number)), "anna", one)
    found = kept.exchanges(one, "anna")
    assert [(one.question, one.answer) for one in found] == [
        (str(number), f"Satz {number}. Und noch einer.") for number in range(2, EXCHANGES + 2)
    ]
    with pytest.raises(ProblemError) as error:
        kept.exchanges(one, "bert")
    assert error.value.status == 404


def test_an_answer_outlives_a_conversation_that_was_deleted_meanwhile(api: Api) -> None:
    kept = Conversations(api.service)
    one = kept.begin("anna", None).id
    kept.remove(one, "anna")
    kept.keep(made(), "anna", one, Filters(since="2025"))
    with writing(api.service) as connection:
        rows = connection.execute("SELECT conversation_id, filters FROM answers").fetchall()
    assert rows == [(None, '{"since":"2025"}')]


def test_an_answer_that_cannot_be_kept_is_given(
    api: Api, anna: TestClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    one = begin(anna)

    def full(*_: object, **__: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as patch, caplog.at_level(logging.WARNING, "belegt.api"):
        patch.setattr(module, "writing", full)
        reply = anna.post(f"/v1/conversations/{one}/ask", json={"question": QUESTION})
    assert reply.status_code == 200
    assert f"{reply.json()['id']} was given but could not be kept" in caplog.text
    assert anna.get(f"/v1/conversations/{one}").json()["turns"] == []
    feedback = {"answer_id": reply.json()["id"], "verdict": "right"}
    assert anna.post("/v1/feedback", json=feedback).status_code == 404


def test_a_database_that_cannot_be_written_is_503(api: Api, anna: TestClient) -> None:
    def refuse(connection: sqlite3.Connection) -> None:
        connection.execute("PRAGMA query_only = ON")

    opened = api.service.database
    api.service.database = lambda: (found := opened(), refuse(found))[0]  # type: ignore[method-assign]
    try:
        reply = anna.post("/v1/conversations", json={})
    finally:
        api.service.database = opened  # type: ignore[method-assign]
    assert reply.status_code == 503
    assert "Retry-After" in reply.headers


def test_old_answers_go_and_judged_ones_stay(tmp_path: Path) -> None:
    with running_api(tmp_path, kept_answers_days=5) as api:
        kept = Conversations(api.service)
        one, fresh = kept.begin("local", None).id, kept.begin("local", None).id
        old, judged, new = made(), made(), made()
        for answer, place in ((old, one), (judged, None), (new, fresh)):
            kept.keep(answer, "local", place)
        with writing(api.service) as connection:
            connection.execute(
                "UPDATE answers SET created = '2020' WHERE id IN (?, ?)", (old.id, judged.id)
            )
            connection.execute("UPDATE conversations SET updated = '2020' WHERE id = ?", (one,))
            connection.execute(
                "INSERT INTO feedback (answer_id, caller, verdict, created) "
                "VALUES (?, 'local', 'right', '2020')",
                (judged.id,),
            )
    with running_api(tmp_path, kept_answers_days=5) as api:
        with writing(api.service) as connection:
            left = {row[0] for row in connection.execute("SELECT id FROM answers")}
        assert left == {judged.id, new.id}
        items = Conversations(api.service).page("local", 10, None).items
        assert [item.id for item in items] == [fresh]


def test_deleting_a_conversation_keeps_what_was_judged(api: Api) -> None:
    kept = Conversations(api.service)
    one = kept.begin("anna", None).id
    judged = made()
    kept.keep(judged, "anna", one)
    kept.keep(made(), "anna", one)
    with writing(api.service) as connection:
        connection.execute(
            "INSERT INTO verdicts VALUES (?, 'rita', 'wrong', NULL, '2025')", (judged.id,)
        )
    kept.remove(one, "anna")
    with writing(api.service) as connection:
        rows = connection.execute("SELECT id, conversation_id FROM answers").fetchall()
    assert rows == [(judged.id, None)]


def test_cursors_name_their_place() -> None:
    assert keys_of(cursor_of("ä", "b/c"), 2) == ("ä", "b/c")
    for cursor, keys in ((cursor_of("a"), 2), ("!", 1), ("AAAA", 1), (cursor_of("a\0"), 1)):
        with pytest.raises(ProblemError):
            keys_of(cursor, keys)


def test_a_new_key_of_a_revoked_key_s_name_opens_nothing_of_it(api: Api) -> None:
    first = api.person("anna", "reader")
    one = begin(first)
    answer = first.post(f"/v1/conversations/{one}/ask", json={"question": QUESTION}).json()
    (key,) = [key for key in api.access.keys.list() if key.name == "anna"]
    api.access.keys.revoke(key.id)
    second = api.person("anna", "reader")
    assert second.get("/v1/conversations").json()["items"] == []
    for request in (
        second.get(f"/v1/conversations/{one}"),
        second.post(f"/v1/conversations/{one}/ask", json={"question": QUESTION}),
        second.delete(f"/v1/conversations/{one}"),
    ):
        assert request.status_code == 404
    judged = second.post("/v1/feedback", json={"answer_id": answer["id"], "verdict": "right"})
    assert judged.status_code in (403, 404)


def test_conversations_of_names_become_those_of_the_keys_that_had_them(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / database.DATABASE, isolation_level=None) as connection:
        migrate(connection, database._STEPS[:4], name="old")
        for row in (
            ("old", b"1", "anna", "reader", "2025-01-01T00:00+00:00", None, "2025-02-01"),
            ("new", b"2", "anna", "admin", "2025-03-01T00:00+00:00", None, None),
        ):
            connection.execute("INSERT INTO keys VALUES (?, ?, ?, ?, ?, ?, ?)", row)
        for name, owner, moment in (
            ("a", "anna", "2025-01-01T00:00:30.000000+00:00"),
            ("b", "anna", "2025-03-02T00:00:00.000000+00:00"),
            ("c", "local", "2025-03-02T00:00:00.000000+00:00"),
        ):
            row = (name, owner, None, moment, moment)
            connection.execute("INSERT INTO conversations VALUES (?, ?, ?, ?, ?)", row)
    with contextlib.closing(database.connect(tmp_path)) as connection:
        owners = dict(connection.execute("SELECT id, owner FROM conversations"))
        connection.execute("UPDATE keys SET role = 'metrics' WHERE id = 'new'")
    assert owners == {"a": "old", "b": "new", "c": "local"}


def test_old_answers_go_while_the_server_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = threading.Semaphore(0)
    monkeypatch.setattr(routes_module, "FORGET_EACH_S", 0.01)
    monkeypatch.setattr(routes_module, "_forget_old", lambda _: calls.release())
    with running_api(tmp_path):
        for _ in range(3):
            assert calls.acquire(timeout=300)
