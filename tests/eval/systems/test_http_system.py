"""Against a real, small server on a socket of this machine that says what it is told to."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from local_server import DONE, event, free_port
from peer_fakes import FakeServer, content, end, question, serving

from base.errors import BelegtError, UsageError
from base.settings import Settings, load_settings
from eval.record import Reply
from eval.systems.http import API_KEY, HttpSystem
from eval.systems.protocol import QuestionFailedError

CITATION = {
    "marker": 1,
    "document_id": "anteil",
    "path": "anteil.txt",
    "title": "Der Anteil",
    "date": "2025-06-13",
    "source": None,
    "start": 0,
    "end": 4,
    "quote": "Meta",
    "support": [[0, 4]],
}
USAGE = {"prompt_tokens": 12, "completion_tokens": 3, "total_tokens": 15}


@pytest.fixture
def started() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def ask(stack: ExitStack, fake: FakeServer, text: str = "Wer?", **fields: Any) -> Reply:
    stack.enter_context(serving(fake))
    system = HttpSystem(Settings(), url=fake.url, model="m")
    stack.callback(system.close)
    return system.answer(question(text, **fields))


@pytest.mark.parametrize("chunked", [True, False])
def test_text_markers_and_usage(started: ExitStack, chunked: bool) -> None:
    usage = event({"choices": [], "usage": USAGE})
    fake = FakeServer([content("Meta "), content("zahlte [1]."), end(), usage, DONE])
    fake.chunked = chunked
    reply = ask(started, fake)
    assert (reply.status, reply.text) == ("answered", "Meta zahlte [1].")
    assert [(one.text, one.markers) for one in reply.statements] == [("Meta zahlte.", (1,))]
    assert reply.citations == ()
    assert (reply.cost.prompt_tokens, reply.cost.output_tokens) == (12, 3)


def test_what_is_asked(started: ExitStack) -> None:
    fake = FakeServer([content("Ja."), end(), DONE])
    ask(started, fake, "Wer zahlte?")
    (sent,) = fake.requests
    assert sent["model"] == "m"
    assert sent["messages"] == [{"role": "user", "content": "Wer zahlte?"}]
    assert sent["stream"] is True
    assert sent["stream_options"] == {"include_usage": True}
    assert sent["temperature"] == 0.0


def test_earlier_questions_are_asked_first(started: ExitStack) -> None:
    fake = FakeServer([content("Ja."), end(), DONE])
    ask(started, fake, "Und wann?", before=("Wer zahlte?",))
    assert [one["role"] for one in fake.requests[1]["messages"]] == ["user", "assistant", "user"]
    assert fake.requests[1]["messages"][1]["content"] == "Ja."


@pytest.mark.parametrize("place", ["chunk", "delta", "message"])
def test_citations_status_and_confidence(started: ExitStack, place: str) -> None:
    more = {"citations": [CITATION], "status": "answered", "confidence": 0.7}
    if place == "chunk":
        last = end(**more)
    elif place == "delta":
        last = event({"choices": [{"delta": more, "finish_reason": "stop"}]})
    else:
        last = event({"choices": [{"delta": {}, "message": more, "finish_reason": "stop"}]})
    reply = ask(started, FakeServer([content("Meta [1]."), last, DONE]))
    assert (reply.status, reply.confidence) == ("answered", 0.7)
    (cited,) = reply.citations
    assert (cited.marker, cited.document_id, cited.quote) == (1, "anteil", "Meta")
    assert (cited.start, cited.end, cited.exact) == (0, 4, None)


def test_the_servers_word_about_the_status_counts(started: ExitStack) -> None:
    fake = FakeServer([content("Hier ist etwas."), end(status="not_found"), DONE])
    assert ask(started, fake).status == "not_found"


@pytest.mark.parametrize(
    "text", ["Die Quellen enthalten die Antwort nicht.", "The sources do not contain it."]
)
def test_without_it_the_words_of_a_refusal_do(started: ExitStack, text: str) -> None:
    assert ask(started, FakeServer([content(text), end(), DONE])).status == "not_found"


def test_the_first_token_is_timed_when_it_comes(started: ExitStack) -> None:
    fake = FakeServer([content("Ja, "), content("ja."), end(), DONE], waits=threading.Event())
    assert fake.waits is not None
    held = 0.3
    threading.Timer(held, fake.waits.set).start()
    cost = ask(started, fake).cost
    assert cost.first_token_ms is not None
    assert cost.total_ms - cost.first_token_ms > 500 * held


def test_a_server_that_does_not_stream(started: ExitStack) -> None:
    message = {"role": "assistant", "content": "Meta [1].", "citations": [CITATION]}
    whole = {"choices": [{"message": message, "finish_reason": "stop"}], "usage": USAGE}
    fake = FakeServer(body=json.dumps(whole).encode(), kind="application/json")
    reply = ask(started, fake)
    assert reply.text == "Meta [1]."
    assert len(reply.citations) == 1
    assert reply.cost.first_token_ms is None
    assert reply.cost.output_tokens == 3


@pytest.mark.parametrize(
    ("stream", "sentence"),
    [
        ([content("Ja"), event("{oops")], "not JSON: '{oops'"),
        ([event("[1]")], "no object"),
        ([event({"choices": "x"})], "'choices' that are no list"),
        ([event({"choices": ["x"]})], "'choices' that is no object"),
        ([event({"choices": [{"delta": "x"}]})], "'delta' that is no object"),
        ([event({"choices": [{"delta": {"content": 7}}]})], "'content' that is no text: 7"),
        ([event({"error": {"message": "out of memory"}})], "with an error: out of memory."),
        ([content("Ja"), end(citations=[{"marker": 0}]), DONE], "'citations.0.marker'"),
        ([content("Ja"), end(citations="x"), DONE], "'citations' that does not fit"),
        ([content("Ja"), end(status="maybe"), DONE], "'status' that does not fit"),
        ([content("Ja"), end(confidence=7), DONE], "'confidence' that does not fit"),
        ([content("Ja"), end(usage={"prompt_tokens": "x"}), DONE], "'usage.prompt_tokens'"),
        ([content("Ja")], "ended its reply before it was complete"),
        ([], "ended its reply before it was complete"),
    ],
)
def test_malformed_replies_fail_in_one_sentence(
    started: ExitStack, stream: list[bytes], sentence: str
) -> None:
    with pytest.raises(QuestionFailedError) as failed:
        ask(started, FakeServer(stream))
    assert sentence in str(failed.value)
    assert "\n" not in str(failed.value)


@pytest.mark.parametrize(
    ("status", "body", "sentence"),
    [
        (
            500,
            b'{"error": {"message": "no\\nmemory."}}',
            "HTTP 500 Internal Server Error: no memory.",
        ),
        (503, b"busy", "HTTP 503 Service Unavailable: busy."),
        (404, b"", "HTTP 404 Not Found."),
        (401, b'{"error": "bad key"}', f"HTTP 401 Unauthorized: bad key; set {API_KEY}."),
        (422, b'{"detail": [1]}', "HTTP 422"),
        (500, b"[1]", "HTTP 500 Internal Server Error: [1]."),
    ],
)
def test_http_errors_in_the_servers_words(
    started: ExitStack, status: int, body: bytes, sentence: str
) -> None:
    with pytest.raises(QuestionFailedError) as failed:
        ask(started, FakeServer(status=status, body=body, kind="application/json"))
    assert sentence in str(failed.value)


def test_silence_is_given_up(started: ExitStack) -> None:
    fake = FakeServer([content("Ja, "), content("ja.")], waits=threading.Event())
    started.enter_context(serving(fake))
    system = HttpSystem(Settings(), url=fake.url, model="m", timeout_s=0.2)
    with pytest.raises(QuestionFailedError, match=r"said nothing for 0\.2 s"):
        system.answer(question("Wer?"))


def free_address() -> str:
    return f"http://127.0.0.1:{free_port()}/v1"


def test_nobody_there() -> None:
    system = HttpSystem(Settings(), url=free_address(), model="m")
    with pytest.raises(BelegtError, match=r"No server answers at .*Connection refused"):
        system.prepare((), Path())
    with pytest.raises(QuestionFailedError, match=r"refused or lost \(Connection refused\)"):
        system.answer(question("Wer?"))


def test_preparing_reads_no_document(started: ExitStack, tmp_path: Path) -> None:
    fake = started.enter_context(serving(FakeServer()))

    def documents() -> Iterator[Any]:
        raise AssertionError("read")
        yield

    HttpSystem(Settings(), url=fake.url).prepare(documents(), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_without_a_name_the_first_model_is_asked(started: ExitStack) -> None:
    fake = started.enter_context(serving(FakeServer([content("Ja."), end(), DONE])))
    system = HttpSystem(Settings(), url=fake.url)
    assert system.describe().models == {"served": "first"}
    system.answer(question("Wer?"))
    assert fake.requests[0]["model"] == "first"


@pytest.mark.parametrize(
    ("status", "models", "sentence"),
    [
        (404, {}, "HTTP 404"),
        (401, {"error": "bad key"}, API_KEY),
        (200, {"models": []}, "ends in /v1"),
        (200, [1], "ends in /v1"),
        (200, {"data": ["x"]}, "ends in /v1"),
        (200, {"data": []}, "name one: --model"),
    ],
)
def test_a_server_that_is_another(
    started: ExitStack, status: int, models: Any, sentence: str
) -> None:
    fake = started.enter_context(serving(FakeServer(models=models, models_status=status)))
    with pytest.raises(BelegtError, match=sentence):
        HttpSystem(Settings(), url=fake.url).describe()


@pytest.mark.parametrize("url", [None, "", "127.0.0.1:8000/v1", "file:///etc"])
def test_an_address_that_is_none(url: str | None) -> None:
    with pytest.raises(UsageError, match="--url http://"):
        HttpSystem(Settings(), url=url)


def test_the_key_is_sent_and_never_recorded(
    started: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = started.enter_context(serving(FakeServer([content("Ja."), end(), DONE])))
    monkeypatch.setenv(API_KEY, "s3cret")
    system = HttpSystem(load_settings(), url=fake.url)
    system.answer(question("Wer?"))
    assert fake.headers[0]["Authorization"] == "Bearer s3cret"
    assert "s3cret" not in system.describe().model_dump_json()


def test_questions_of_some_documents_cannot_be_asked() -> None:
    system = HttpSystem(Settings(), url=free_address(), model="m")
    with pytest.raises(QuestionFailedError, match="some documents only"):
        system.answer(question("Wer?", within=("a",)))


def test_it_does_not_search() -> None:
    assert HttpSystem(Settings(), url=free_address()).retrieve(question("Wer?"), 5) is None
