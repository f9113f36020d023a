"""The two peers that differ from plain llama-cpp-python in one thing."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from fakes import HashingEncoder
from local_server import listening
from samples import DOCUMENTS

from base.errors import UsageError
from base.settings import Settings
from eval.bench import peers
from eval.bench.peers import EvidenceCorpus, Prebuilt, ServedModel
from eval.question import Question

LONG = "Wie viele Milliarden Dollar zahlte Meta für die Beteiligung an Scale AI?"


def words(texts: Sequence[str]) -> list[int]:
    return [len(one.split()) for one in texts]


class Server(BaseHTTPRequestHandler):
    """llama.cpp's server, whose tokens are words."""

    protocol_version = "HTTP/1.0"

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == "/tokenize":
            return self._reply(200, json.dumps({"tokens": words([body["content"]])}).encode())
        if body["messages"][0]["content"] == "long":
            return self._reply(400, b"exceeds the context")
        assert body["stream"] is True
        assert body["stream_options"] == {"include_usage": True}
        chunks = [
            {"choices": [{"delta": {"content": "So."}, "finish_reason": None}]},
            {"choices": [{"delta": {}, "finish_reason": "stop"}]},
            {"choices": [], "usage": {"prompt_tokens": 40, "completion_tokens": 3}},
        ]
        events = [f"data: {json.dumps(one)}\n\n" for one in chunks]
        return self._reply(200, "".join([*events, "data: [DONE]\n\n"]).encode())

    def _reply(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def served() -> Iterator[ServedModel]:
    with listening(Server) as address:
        model = ServedModel(address)
        yield model
        model.close()


def chat(model: ServedModel, text: str) -> list[dict[str, Any]]:
    options = {"stream": True, "temperature": 0.0, "max_tokens": 9}
    return list(model.create_chat_completion([{"role": "user", "content": text}], **options))


def test_a_server_is_used_as_the_binding_is(served: ServedModel) -> None:
    chunks = chat(served, "kurz")
    assert [one["choices"][0]["delta"].get("content") for one in chunks] == ["So.", None]
    assert served.n_tokens == 42
    assert served.tokenize(b"drei kurze Worte", add_bos=False, special=False) == [3]


def test_a_prompt_that_is_too_long_is_refused_as_the_binding_refuses(served: ServedModel) -> None:
    with pytest.raises(ValueError, match="exceeds the context"):
        chat(served, "long")


def test_evidence_stands_in_the_place_of_passages(settings: Settings, tmp_path: Path) -> None:
    tight = settings.model_copy(update={"evidence_tokens": 64})
    corpus = EvidenceCorpus(HashingEncoder(), tight, words)
    corpus.prepare(DOCUMENTS, tmp_path / "corpus")
    found = corpus.passages(Question(id="q", text=LONG, language="de"), 3)
    assert found
    assert sum(words([one.passage.text for one in found])) <= 64
    for one in found:
        text = corpus.text(one.passage.document_id)
        assert all(part in text for part in one.passage.text.split(" … "))
    corpus.close()


def test_without_the_package_the_command_is_named(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(peers, "find_spec", lambda _: None)
    with pytest.raises(UsageError, match="pip install"):
        Prebuilt(settings)
