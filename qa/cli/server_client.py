"""Answers from a server that runs already.

In: a running server of the same corpus and a question. Out: the same events as from an assistant in
this process. What can fail: what the server refuses, in its own words; a server that stops in the
middle of an answer.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import Any
from urllib.parse import urlsplit

from pydantic import TypeAdapter

from base.errors import BelegtError, UsageError
from qa.cli.server_discovery import Running
from qa.pipeline.answer import Event
from qa.pipeline.options import DEFAULT_OPTIONS, AskOptions

_EVENTS: TypeAdapter[Event] = TypeAdapter(Event)
_KINDS = ("retrieved", "token", "sentence", "retracted", "done")
# An answer may wait for others; the server itself gives up sooner (BELEGT_ANSWER_SECONDS).
_SILENCE_S = 600.0


class ServedAssistant:
    """Asks ``running`` as an :class:`~qa.pipeline.assistant.Assistant` is asked."""

    def __init__(self, running: Running) -> None:
        self._running = running

    def prepare_for_more(self) -> None:
        """A server is ready for as many as come."""

    def stream(self, question: str, options: AskOptions = DEFAULT_OPTIONS) -> Iterator[Event]:
        """Events while the answer grows; closing the iterator stops the server's work."""
        place = urlsplit(self._running.url)
        connection = HTTPConnection(place.hostname or "", place.port, timeout=_SILENCE_S)
        try:
            connection.request(
                "POST",
                "/v1/ask",
                json.dumps(_body(question, options)).encode("utf-8", "surrogatepass"),
                {
                    "Authorization": f"Bearer {self._running.token}",
                    "Content-Type": "application/json",
                },
            )
            response = connection.getresponse()
            if response.status != 200:
                raise _refusal(response)
            yield from _events(response)
        except (OSError, HTTPException) as error:
            raise BelegtError(
                f"The server at '{self._running.url}' stopped answering ({error}); ask again, or "
                "with --no-server."
            ) from error
        finally:
            connection.close()


def _body(question: str, options: AskOptions) -> dict[str, Any]:
    filters = options.filters
    return {
        "question": question,
        "language": options.language,
        "top_k": options.top_k,
        "filters": {} if filters is None else filters.model_dump(mode="json"),
        "stream": True,
    }


def _events(response: HTTPResponse) -> Iterator[Event]:
    kind = ""
    finished = False
    for line in response:
        name, _, value = line.decode().rstrip("\n").partition(": ")
        if name == "event":
            kind = value
        elif name == "data" and kind in _KINDS:
            finished = kind == "done"
            yield _EVENTS.validate_json(value)
        elif name == "data" and kind == "error":
            raise BelegtError(json.loads(value)["detail"])
    if not finished:
        raise HTTPException("the answer ended early")


def _refusal(response: HTTPResponse) -> BelegtError:
    detail = f"The server answered with status {response.status}."
    with contextlib.suppress(ValueError, KeyError):
        detail = json.loads(response.read())["detail"]
    return UsageError(detail) if 400 <= response.status < 429 else BelegtError(detail)
