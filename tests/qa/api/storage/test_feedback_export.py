from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kept import Api, finished, running_api, sent
from samples import DOCUMENTS
from starlette.testclient import TestClient
from test_conversations import made

from base.errors import UsageError
from corpus.filters import Filters
from eval.question import Question
from eval.questionset import find_set
from qa.api.storage.conversations import Conversations
from qa.api.storage.feedback_export import known_verdict
from qa.cli.main import main
from qa.pipeline.answer import Answer

SHARE = DOCUMENTS[0]
SHORT = "14,3 Milliarden Dollar"


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    with running_api(tmp_path) as found:
        yield found


@pytest.fixture
def anna(api: Api) -> TestClient:
    return api.person("anna", "reader")


def citation(document_id: str, start: int, quote: str) -> dict[str, Any]:
    return {
        "marker": 1,
        "document_id": document_id,
        "path": "x",
        "title": "x",
        "date": None,
        "source": None,
        "start": start,
        "end": start + len(quote),
        "quote": quote,
    }


def kept(
    api: Api, place: str | None = None, filters: Filters | None = None, **fields: Any
) -> Answer:
    answer = made(**fields)
    Conversations(api.service).keep(answer, api.owner("anna"), place, filters)
    return answer


def judge(client: TestClient, answer: Answer, verdict: str, **more: Any) -> None:
    body = {"answer_id": answer.id, "verdict": verdict, **more}
    assert client.post("/v1/feedback", json=body).status_code == 201


def passage(text: str) -> dict[str, Any]:
    start = SHARE.text.index(text)
    return {"document_id": SHARE.id, "start": start, "end": start + len(text)}


def exported(folder: Path, file: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, Question]:
    """The set as 'belegt eval run' reads it, checked against its documents, by question id."""
    assert main(["feedback", "export", str(file), "--corpus", str(folder / "corpus")]) == 0
    found = {one.id: one for one in find_set(file).questions()}
    assert capsys.readouterr().out == f"{len(found)} questions written to '{file}'.\n"
    return found


def test_what_is_known_becomes_a_set_for_an_evaluation(
    api: Api, anna: TestClient, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    right = kept(api, citations=[citation(SHARE.id, 0, SHARE.text[:11])])
    absent = kept(api, status="not_found", question="Wer gewann?")
    short, long = kept(api), kept(api)
    narrow = kept(
        api, filters=Filters(languages=("en",)), status="not_found", question="Was kostet es?"
    )
    nothing = [kept(api), kept(api), kept(api, citations=[citation("anteil", 5, "falsch")])]
    judge(anna, right, "right")
    judge(anna, absent, "right")
    judge(anna, short, "missing", passage=passage(f" {SHORT} "))
    judge(anna, long, "wrong", passage=passage(SHARE.text))
    judge(anna, narrow, "right")
    judge(anna, nothing[0], "wrong")
    judge(anna, nothing[2], "right")

    found = exported(tmp_path, tmp_path / "feed back.toml", capsys)
    assert found.keys() == {right.id, absent.id, short.id, long.id, narrow.id}
    assert found[right.id].gold_documents == {SHARE.id}
    assert not found[absent.id].answerable
    assert found[absent.id].kind == "unanswerable"
    assert found[short.id].answers == (SHORT,)
    assert found[short.id].gold_documents == {SHARE.id}
    assert found[long.id].answers == ()
    assert found[long.id].gold_documents == {SHARE.id}
    assert set(found[narrow.id].within) == {"layoffs", "valuation"}
    documents = list(find_set(tmp_path / "feed back.toml").documents())
    assert {one.id: one.text for one in documents} == {one.id: one.text for one in DOCUMENTS}

    editor = api.person("rita", "editor")
    reply = editor.get("/v1/feedback/export")
    assert reply.headers["content-type"].startswith("application/x-ndjson")
    lines = [json.loads(line) for line in reply.text.splitlines()]
    assert {line["id"] for line in lines} == found.keys()
    alone = tmp_path / "fragen.jsonl"
    assert main(["feedback", "export", str(alone), "--corpus", str(tmp_path / "corpus")]) == 0
    assert alone.read_text("utf-8") == reply.text


def test_follow_ups_come_with_what_was_asked_before(
    api: Api, anna: TestClient, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = Conversations(api.service).begin(api.owner("anna"), None).id
    kept(api, place, question="Wer gründete Scale AI?")
    kept(api, question="Etwas anderes?")
    second = kept(api, place, question="Wann war das?", status="not_found")
    kept(api, place, question="Und danach?")
    judge(anna, second, "right")
    found = exported(tmp_path, tmp_path / "set.toml", capsys)
    assert found[second.id].before == ("Wer gründete Scale AI?",)


def test_what_no_longer_stands_in_the_corpus_is_left_out(
    api: Api, anna: TestClient, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    editor = api.person("edda", "editor")
    text = "Das Haus liegt in Bonn. Dort arbeiten zehn Menschen."
    job = finished(editor, editor.post("/v1/documents", files=sent(("a.txt", text.encode()))))
    name = job["files"][0]["document_id"]
    cited = kept(api, citations=[citation(name, 0, text)])
    given, stays = kept(api), kept(api, status="not_found")
    judge(anna, cited, "right")
    judge(anna, given, "wrong", passage={"document_id": name, "start": 18, "end": 22})
    judge(anna, stays, "right")
    assert len(exported(tmp_path, tmp_path / "set.toml", capsys)) == 3
    finished(editor, editor.post("/v1/documents", files=sent(("a.txt", b"Es steht in Trier da."))))
    assert exported(tmp_path, tmp_path / "set.toml", capsys).keys() == {stays.id}
    assert editor.delete(f"/v1/documents/{name}").status_code == 204
    assert exported(tmp_path, tmp_path / "set.toml", capsys).keys() == {stays.id}


@pytest.mark.parametrize(
    ("feedback", "reviews", "expected"),
    [
        (["right"], [], "right"),
        (["right", "wrong"], [], None),
        (["right"], ["right"], "right"),
        (["right"], ["wrong"], None),
        ([], ["right"], None),
        (["right"], ["wrong", "wrong"], "wrong"),
        (["right"], ["right", "wrong"], None),
    ],
)
def test_whose_word_counts(feedback: Any, reviews: Any, expected: str | None) -> None:
    assert known_verdict(feedback, reviews) == expected


def test_what_cannot_be_exported_is_said_in_a_sentence(
    api: Api, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    corpus = ["--corpus", str(tmp_path / "corpus")]
    elsewhere = ["--corpus", str(tmp_path / "none")]
    for arguments in (
        [str(tmp_path / "a.toml"), *corpus],
        [str(tmp_path / "a.csv"), *corpus],
        [str(tmp_path / "a.toml"), *elsewhere],
    ):
        assert main(["feedback", "export", *arguments]) == UsageError.exit_code
        assert capsys.readouterr().err.count("\n") == 1
    assert not (tmp_path / "none").exists()
    anna = api.person("anna", "reader")
    judge(anna, kept(api, status="not_found"), "right")
    assert main(["feedback", "export", str(tmp_path / "no" / "a.toml"), *corpus]) == 1
    assert "cannot be written" in capsys.readouterr().err
