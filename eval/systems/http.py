"""belegt, or anything else, behind an OpenAI-compatible address.

In: the address up to ``/v1``, questions. Out: replies as they were streamed. What can fail: no
server at ``prepare`` (one sentence); for a single question a lost connection, an HTTP error, no
answer in time, an event that is malformed.

``POST {url}/chat/completions`` with ``stream`` and ``stream_options.include_usage``. The
documents must be at the server already: such an address has no call that adds any. A server that
says more than the text does so in fields of the last chunk, its delta or its message:
``citations`` (a list of :class:`qa.pipeline.answer.Citation`), ``status`` and ``confidence``, as
belegt does. From any other, markers stay with their statements without a citation, and whether it
refused is read from its words. The key, where one is needed, comes from ``BELEGT_EVAL_API_KEY`` and
is never recorded.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from base.errors import BelegtError, UsageError
from base.http import cause, client_for
from base.settings import Settings
from corpus.document import Document
from eval.question import Question
from eval.record import Cited, Cost, Ranked, Reply, SystemInfo
from eval.systems.chat_reply import Received, ReportedUsage, error_words
from eval.systems.protocol import QuestionFailedError
from eval.systems.refusal import is_refusal
from eval.systems.statements import split_statements
from qa.engine.remote.event_stream import MalformedEventError, objects, parse_event
from qa.pipeline.answer import Citation

if TYPE_CHECKING:
    import httpx

API_KEY = "BELEGT_EVAL_API_KEY"
"""Environment variable of the setting that holds the key."""
CONNECT_S = 10.0


class HttpSystem:
    """An address that answers chat completions."""

    def __init__(
        self,
        settings: Settings,
        *,
        url: str | None = None,
        model: str | None = None,
        timeout_s: float = 600.0,
    ) -> None:
        import httpx

        if not url or not url.startswith(("http://", "https://")):
            raise UsageError(
                f"System 'http' was given the address '{url or ''}'; "
                "name one such as --url http://127.0.0.1:8000/v1."
            )
        self._url = url.rstrip("/")
        self._model = model
        self._timeout_s = timeout_s
        patience = httpx.Timeout(timeout_s, connect=CONNECT_S)
        self._client = client_for(self._url, timeout=patience)
        if settings.eval_api_key is not None:
            key = settings.eval_api_key.get_secret_value()
            self._client.headers["Authorization"] = f"Bearer {key}"

    def describe(self) -> SystemInfo:
        """The address and the model that is asked for; what is behind them is not told."""
        return SystemInfo(
            name="http",
            settings={"url": self._url, "temperature": 0.0},
            models={"served": self._served()},
        )

    def _served(self) -> str:
        """The model to ask for: the one that was named, or the first that the server lists."""
        if self._model is None:
            names = self._list_models()
            if not names:
                raise BelegtError(f"The server at '{self._url}' lists no model; name one: --model.")
            self._model = names[0]
        return self._model

    def prepare(self, documents: Iterable[Document], folder: Path) -> None:  # noqa: ARG002
        """Check that the server answers; its documents must already be there."""
        self._list_models()

    def _list_models(self) -> list[str]:
        import httpx

        address = f"{self._url}/models"
        try:
            answer = self._client.get(address, timeout=CONNECT_S)
            if answer.is_error:
                raise BelegtError(_refusal(answer, address))
            return [str(one["id"]) for one in answer.json()["data"]]
        except (json.JSONDecodeError, KeyError, TypeError) as error:
            raise BelegtError(
                f"'{address}' does not answer with a list of models; check the address, which "
                "ends in /v1 at most servers."
            ) from error
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
            raise BelegtError(
                f"No server answers at '{address}' ({cause(error)}); start it or mend the address."
            ) from error

    def retrieve(self, question: Question, depth: int) -> tuple[Ranked, ...] | None:  # noqa: ARG002
        """None: such an address does not say what it found."""
        return None

    def answer(self, question: Question) -> Reply:
        """The reply to the question, after those to the earlier ones of its conversation."""
        if question.within:
            raise QuestionFailedError(
                f"Question '{question.id}' is asked of some documents only, "
                "which a chat completion cannot say."
            )
        conversation: list[dict[str, str]] = []
        for earlier in question.before:
            conversation.append({"role": "user", "content": earlier})
            reply = self._ask(conversation).text
            conversation.append({"role": "assistant", "content": reply})
        conversation.append({"role": "user", "content": question.text})
        return _reply(question, self._ask(conversation))

    def _ask(self, conversation: list[dict[str, str]]) -> Received:
        import httpx

        body = {
            "model": self._served(),
            "messages": conversation,
            "temperature": 0.0,
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        received = Received(started=time.perf_counter())
        try:
            with self._client.stream(
                "POST",
                f"{self._url}/chat/completions",
                # Not as httpx writes JSON, which has no place for half a character.
                content=json.dumps(body).encode(),
                headers={"Content-Type": "application/json"},
            ) as answer:
                if answer.is_error:
                    answer.read()
                    raise QuestionFailedError(_refusal(answer, self._url))
                self._read(answer, received)
        except MalformedEventError as error:
            raise QuestionFailedError(str(error)) from error
        except httpx.TimeoutException as error:
            raise QuestionFailedError(
                f"The server at '{self._url}' said nothing for {self._timeout_s:g} s."
            ) from error
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
            raise QuestionFailedError(
                f"The connection to '{self._url}' was refused or lost ({cause(error)})."
            ) from error
        return received

    def _read(self, answer: httpx.Response, received: Received) -> None:
        """Take the stream; a server that streams nothing sends one completion instead."""
        if answer.headers.get("Content-Type", "").startswith("application/json"):
            received.take(parse_event(answer.read()))
            received.first_token_ms = None
            return
        for event in objects(answer.iter_bytes()):
            if event is None:
                return
            received.take(event)
        if not received.complete:
            raise QuestionFailedError("The server ended its reply before it was complete.")

    def prompt_reader(self) -> str | None:
        """The API does not say."""
        return None

    def close(self) -> None:
        """Close the connections."""
        self._client.close()


def _reply(question: Question, received: Received) -> Reply:
    total_ms = received.since_start()
    more = received.extension()
    text = received.text.strip()
    statements = split_statements(text, question.language)
    usage = more.usage or ReportedUsage()
    return Reply(
        status=more.status or ("not_found" if is_refusal(statements) else "answered"),
        text=text,
        statements=statements,
        citations=tuple(_cited(one) for one in more.citations or ()),
        confidence=more.confidence,
        cost=Cost(
            total_ms=total_ms,
            first_token_ms=received.first_token_ms,
            prompt_tokens=usage.prompt_tokens,
            output_tokens=usage.completion_tokens,
        ),
    )


def _cited(one: Citation) -> Cited:
    """The citation; whether its quote is exact cannot be seen without the server's text."""
    return Cited(**one.model_dump(include=set(Cited.model_fields)))


def _refusal(answer: httpx.Response, address: str) -> str:
    """One sentence about an HTTP error, with the server's own words and the mend for a key."""
    try:
        body = answer.json()
        words = error_words(body.get("error", body) if isinstance(body, dict) else body)
    except ValueError:
        words = error_words(answer.text)
    mend = f"; set {API_KEY}" if answer.status_code in (401, 403) else ""
    told = f": {words}" if words else ""
    return f"'{address}' answered HTTP {answer.status_code} {answer.reason_phrase}{told}{mend}."
