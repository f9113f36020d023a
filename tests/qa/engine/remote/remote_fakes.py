"""A server of chat completions on a socket of this machine, for what a real one does not do.

In: what it answers to each request. Out: the same bytes that a real one sends, on demand, and what
it was asked. It is no test of the format: ``test_remote_server`` asks a real one.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

from local_server import DONE, event, listening

from qa.engine.protocol import PromptSession
from qa.pipeline.prompt import Prompt


@dataclass
class Sent:
    """One reply: its pieces, between the first and second of which it waits for ``held``."""

    pieces: list[bytes] = field(default_factory=list)
    status: int = 200
    kind: str = "application/json"
    held: threading.Event | None = None
    cut: bool = False
    """The connection breaks instead of ending."""


def whole(text: str, top: dict[str, float] | None = None, **fields: Any) -> Sent:
    """A completion of one token, with the log-probabilities ``top``."""
    listed = [{"token": token, "logprob": value} for token, value in (top or {}).items()]
    chances = {"content": [{"token": text, "logprob": -0.5, "top_logprobs": listed}]}
    choice = {
        "message": {"role": "assistant", "content": text},
        "logprobs": chances if top is not None else None,
        "finish_reason": "length",
    }
    return Sent([json.dumps({"choices": [choice], **fields}).encode()])


def chunk(text: str | None, chance: float | None = None, finish: str | None = None) -> bytes:
    chances = None if chance is None else {"content": [{"token": text, "logprob": chance}]}
    return event(
        {"choices": [{"delta": {"content": text}, "logprobs": chances, "finish_reason": finish}]}
    )


def streamed(*pieces: bytes, finish: str | None = "stop", **fields: Any) -> Sent:
    """A stream of chunks, with its end unless ``finish`` is None."""
    end = [] if finish is None else [chunk(None, finish=finish), DONE]
    return Sent([*pieces, *end], kind="text/event-stream", **fields)


def problem(status: int, message: Any) -> Sent:
    return Sent([json.dumps({"error": {"message": message}}).encode()], status)


@dataclass
class ChatServer:
    """``answer`` makes the reply to the body of each request."""

    answer: Callable[[dict[str, Any]], Sent] = lambda _: streamed(chunk("Ja."))
    models: Sent = field(
        default_factory=lambda: Sent([b'{"data": [{"id": "first"}, {"id": "second"}]}'])
    )
    asked: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)
    gone: threading.Event = field(default_factory=threading.Event)
    """Set once a client has left before its reply was whole."""
    url: str = ""
    certificate: Path | None = None

    @property
    def messages(self) -> list[dict[str, str]]:
        """Those of the last request."""
        found: list[dict[str, str]] = self.asked[-1]["messages"]
        return found


@contextmanager
def serving(fake: ChatServer) -> Iterator[ChatServer]:
    """``fake`` behind a real socket, in threads."""
    released: list[threading.Event] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            fake.keys.append(self.headers["Authorization"])
            self._send(fake.models)

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            fake.asked.append(body)
            fake.keys.append(self.headers["Authorization"])
            self._send(fake.answer(body))

        def _send(self, sent: Sent) -> None:
            if sent.held is not None:
                released.append(sent.held)
            if sent.held is not None and len(sent.pieces) < 2:
                self._hold(sent.held)
            self.send_response(sent.status)
            self.send_header("Content-Type", sent.kind)
            if sent.cut:
                self.send_header("Content-Length", "100000")
            self.end_headers()
            for number, piece in enumerate(sent.pieces):
                self.wfile.write(piece)
                self.wfile.flush()
                if number == 0 and sent.held is not None and len(sent.pieces) > 1:
                    self._hold(sent.held)

        def _hold(self, held: threading.Event) -> None:
            """Wait until told, or until the client closes its side."""
            self.connection.settimeout(0.02)
            while not held.is_set():
                try:
                    if not self.connection.recv(1):
                        fake.gone.set()
                        return
                except TimeoutError:
                    continue
                except OSError:
                    fake.gone.set()
                    return
            self.connection.settimeout(None)

    with listening(Handler, fake.certificate) as address:
        fake.url = f"{address}/v1"
        try:
            yield fake
        finally:
            for one in released:
                one.set()


def log_odds(session: PromptSession, words: Prompt, generation_prompt: str) -> float:
    """How much likelier (nats) the model says yes than no to whether the answer is stated."""
    spellings = [[word, word.capitalize()] for word in (words.yes, words.no)]
    yes, no = session.probe(f"\n\n{words.check}{generation_prompt}", spellings)
    return yes - no
