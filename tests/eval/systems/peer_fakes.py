"""Stand-ins for what lies outside: llama.cpp's high-level class, and a server of chat completions.

In: a script. Out: the same calls and bytes that the real ones give, on demand. Everything around
them in a test (corpus, search, prompts, parsing, a real socket) is the real thing.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

from local_server import event, listening

from corpus.document import Language
from eval.question import Question


def question(text: str, language: Language = "de", **fields: Any) -> Question:
    return Question(id="q1", text=text, language=language, **fields)


@dataclass
class ScriptedLlama:
    """``llama_cpp.Llama`` that streams ``reply`` word by word, and keeps what it was asked.

    Its tokens are words. ``limit``: a prompt of more words is refused as the binding refuses.
    """

    reply: str = ""
    finish: str = "stop"
    limit: int = 10_000
    asked: list[dict[str, Any]] = field(default_factory=list)
    n_tokens: int = 0
    closed: bool = False

    def create_chat_completion(self, messages: Any, **options: Any) -> Iterator[dict[str, Any]]:
        self.asked.append({"messages": messages, **options})
        words = sum(len(one["content"].split()) for one in messages)
        if words > self.limit:
            raise ValueError(f"Requested tokens ({words}) exceed context window of {self.limit}")
        return self._stream(words)

    def _stream(self, words: int) -> Iterator[dict[str, Any]]:
        yield self._chunk({"role": "assistant"})
        pieces = self.reply.split(" ")
        for number, piece in enumerate(pieces):
            yield self._chunk({"content": piece if number == 0 else f" {piece}"})
        written = len(self.reply.split())
        self.n_tokens = words + written - (self.finish == "length")
        yield self._chunk({}, self.finish)

    def _chunk(self, delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
        return {"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}

    def tokenize(self, text: bytes, add_bos: bool, special: bool) -> list[int]:
        return list(range(len(text.split())))

    def close(self) -> None:
        self.closed = True


def content(text: str) -> bytes:
    return event({"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": None}]})


def end(**fields: Any) -> bytes:
    """The chunk that finishes a reply; ``fields`` stand beside its choices."""
    return event({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}], **fields})


@dataclass
class FakeServer:
    """What the server says: ``stream`` piece by piece, or ``status`` and ``body``."""

    stream: list[bytes] = field(default_factory=list)
    status: int = 200
    body: bytes = b""
    kind: str = "text/event-stream"
    chunked: bool = True
    models: Any = field(default_factory=lambda: {"data": [{"id": "first"}, {"id": "second"}]})
    models_status: int = 200
    waits: threading.Event | None = None
    """Set: the server waits for it after the first piece."""
    requests: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    url: str = ""


@contextmanager
def serving(fake: FakeServer) -> Iterator[FakeServer]:
    """``fake`` behind a real socket of this machine, in a thread."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1" if fake.chunked else "HTTP/1.0"

        def do_GET(self) -> None:
            self._whole(fake.models_status, "application/json", json.dumps(fake.models).encode())

        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            fake.requests.append(json.loads(self.rfile.read(length)))
            fake.headers.append(dict(self.headers))
            if fake.status != 200 or fake.body:
                self._whole(fake.status, fake.kind, fake.body)
                return
            self.send_response(200)
            self.send_header("Content-Type", fake.kind)
            if fake.chunked:
                self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            for number, piece in enumerate(fake.stream):
                if number == 1 and fake.waits is not None:
                    fake.waits.wait(10)
                self._piece(piece)
            if fake.chunked:
                self.wfile.write(b"0\r\n\r\n")

        def _piece(self, piece: bytes) -> None:
            framed = b"%x\r\n%s\r\n" % (len(piece), piece) if fake.chunked else piece
            self.wfile.write(framed)
            self.wfile.flush()

        def _whole(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    with listening(Handler) as address:
        fake.url = f"{address}/v1"
        try:
            yield fake
        finally:
            if fake.waits is not None:
                fake.waits.set()
