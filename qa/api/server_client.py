"""Answers from a server that runs already.

In: a running server of the same corpus and a question. Out: the same events as from an assistant in
this process. What can fail: what the server refuses, in its own words; a server that stops in the
middle of an answer.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

from base.errors import BelegtError, UsageError
from qa.api.server_discovery import Running
from qa.pipeline.answer import Event
from qa.pipeline.options import DEFAULT_OPTIONS, AskOptions

if TYPE_CHECKING:
    import httpx

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
        import httpx

        try:
            with (
                # A server announces plain HTTP: no certificates need to be loaded.
                httpx.Client(trust_env=False, verify=False, timeout=_SILENCE_S) as client,
                client.stream(
                    "POST",
                    f"{self._running.url}/v1/ask",
                    content=json.dumps(_body(question, options)).encode(),
                    headers={
                        "Authorization": f"Bearer {self._running.token}",
                        "Content-Type": "application/json",
                    },
                ) as response,
            ):
                if response.status_code != 200:
                    raise _refusal(response)
                yield from _events(response)
        except httpx.HTTPError as error:
            raise BelegtError(
                f"The server at '{self._running.url}' stopped answering ({error}); ask again, or "
                "with --no-server."
            ) from error


def _body(question: str, options: AskOptions) -> dict[str, Any]:
    filters = options.filters
    return {
        "question": question,
        "language": options.language,
        "top_k": options.top_k,
        "filters": {} if filters is None else filters.model_dump(mode="json"),
        "stream": True,
    }


def _events(response: httpx.Response) -> Iterator[Event]:
    import httpx
    from httpx_sse import EventSource

    finished = False
    for event in EventSource(response).iter_sse():
        if event.event in _KINDS:
            finished = event.event == "done"
            yield _EVENTS.validate_json(event.data)
        elif event.event == "error":
            raise BelegtError(event.json()["detail"])
    if not finished:
        raise httpx.ReadError("the answer ended early")


def _refusal(response: httpx.Response) -> BelegtError:
    detail = f"The server answered with status {response.status_code}."
    with contextlib.suppress(ValueError, KeyError):
        detail = json.loads(response.read())["detail"]
    return UsageError(detail) if 400 <= response.status_code < 429 else BelegtError(detail)
