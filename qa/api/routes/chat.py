"""OpenAI's chat API: ``POST /v1/chat/completions``, ``GET /v1/models``.

In: a conversation whose last message is a question. Out: a completion, whole or in chunks, whose
text is made of checked sentences with markers; the citations they resolve to stand beside it, in
``citations``, and below it as footnotes where the client asks for plain text. What can fail: errors
in that API's shape; in the middle of a stream, as its last data.

A stream carries whole sentences, because what was sent cannot be taken back there and nothing
unchecked may stay. The native API streams words.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any
from uuid import uuid4

from fastapi import APIRouter, Request
from fastapi.responses import Response

from corpus.filters import Filters
from qa.api.app_state import Service
from qa.api.chat_schemas import (
    CachedTokens,
    ChatMessage,
    ChatRequest,
    Choice,
    Chunk,
    ChunkChoice,
    Completion,
    CompletionMessage,
    Delta,
    Model,
    ModelList,
    OpenAIError,
    Particulars,
    Reason,
    Usage,
)
from qa.api.event_schemas import chunk_events
from qa.api.footnotes import footnotes, without_footnotes
from qa.api.middleware.access import caller_of
from qa.api.problems import ProblemError, openai_error, problem_of
from qa.api.routes.ask import event_stream
from qa.api.storage.conversations import Conversations
from qa.dialogue.query_rewriting import Exchange
from qa.engine.cancellation import Cancellation
from qa.engine.decode.sampling import Sampling
from qa.pipeline.answer import Answer, DoneEvent, Event, SentenceEvent
from qa.pipeline.options import AskOptions

NAME = "belegt"
_DONE = b"data: [DONE]\n\n"
_DESCRIPTIONS = {
    400: "A parameter is missing, wrong or not supported; `param` names it.",
    401: "No key, or not a valid one.",
    403: "The key may not do this.",
    404: "There is no such model.",
    408: "The request took too long to arrive.",
    413: "The request is too large.",
    422: "A parameter is not acceptable; `param` names it.",
    429: "Too many requests; `Retry-After` says when to try again.",
    499: "The client went away.",
    500: "An error in belegt.",
    503: "The models are being loaded.",
    504: "The answer took too long.",
}
ERRORS: dict[int | str, dict[str, Any]] = {
    status: {"model": OpenAIError, "description": text} for status, text in _DESCRIPTIONS.items()
}


def router(service: Service, conversations: Conversations) -> APIRouter:
    """The routes over ``service``."""
    routes = APIRouter(tags=["OpenAI-compatible"])
    stream: dict[str, Any] = {
        "description": "The completion, or with `stream` its chunks.",
        "content": chunk_events(),
    }

    @routes.post(
        "/v1/chat/completions",
        response_model=Completion,
        responses={200: stream},
        summary="Answer the last message",
    )
    async def complete(body: ChatRequest, request: Request) -> Any:
        return await _complete(service, conversations, body, request)

    @routes.get("/v1/models", summary="The models that can be asked for")
    def models() -> ModelList:
        return ModelList(data=[Model(id=name) for name in _names(service)])

    @routes.get("/v1/models/{model}", summary="One model")
    def model(model: str) -> Model:
        _check_model(service, model)
        return Model(id=model)

    return routes


def _names(service: Service) -> list[str]:
    return [NAME, service.require_loaded().engine.describe().model]


def _check_model(service: Service, name: str) -> None:
    names = _names(service)
    if name not in names:
        known = ", ".join(f"'{one}'" for one in names)
        raise ProblemError(404, f"There is no model '{name}'; there are {known}.", param="model")


async def _complete(
    service: Service, conversations: Conversations, body: ChatRequest, request: Request
) -> Completion | Response:
    _check_model(service, body.model)
    options, question = wishes_of(body), body.messages[-1].said()
    owner = caller_of(request).name
    deadline = time.monotonic() + service.settings.answer_seconds

    def make(cancellation: Cancellation) -> Iterator[Event]:
        asked = replace(options, cancellation=cancellation, deadline=deadline)
        return conversations.ask(question, asked, owner)

    maker = _Maker(body, service.settings.answer_tokens)
    if body.stream:
        return await event_stream(
            service.lanes.events(make), request, maker.lines, failed=_encode_failure
        )
    last = await service.lanes.last(make, request)
    assert isinstance(last, DoneEvent)
    return maker.completion(last.answer)


def wishes_of(body: ChatRequest) -> AskOptions:
    """How the question is to be answered, but for deadline and cancellation."""
    *earlier, _ = body.messages
    metadata = body.metadata
    stop = [body.stop] if isinstance(body.stop, str) else body.stop or []
    filters = None
    if metadata is not None:
        filters = Filters(
            since=metadata.since,
            until=metadata.until,
            sources=(metadata.source,) if metadata.source else (),
            languages=(metadata.document_language,) if metadata.document_language else (),
            documents=(metadata.document,) if metadata.document else (),
        )
    return AskOptions(
        language=metadata.language if metadata else None,
        top_k=int(metadata.top_k) if metadata and metadata.top_k else None,
        filters=filters,
        before=_exchanges(earlier),
        instruction="\n".join(one.said() for one in earlier if one.role in ("system", "developer")),
        sampling=Sampling(
            temperature=body.temperature or 0.0,
            top_p=body.top_p or 1.0,
            # A generator takes no negative seed; two's complement keeps them apart.
            seed=(body.seed or 0) % 2**64,
        ),
        answer_tokens=body.most_tokens(),
        stop=tuple(stop),
    )


def _exchanges(messages: Sequence[ChatMessage]) -> tuple[Exchange, ...]:
    """Questions with the answers that followed them."""
    found: list[Exchange] = []
    question = None
    for message in messages:
        if message.role == "user":
            question = message.said()
        elif message.role == "assistant" and question is not None:
            found.append(Exchange(question, without_footnotes(message.said())))
            question = None
    return tuple(found)


class _Maker:
    """Completions and chunks for one request."""

    def __init__(self, body: ChatRequest, most: int) -> None:
        self._id = f"chatcmpl-{uuid4().hex}"
        self._created = int(time.time())
        self._model = body.model
        self._most = min(body.most_tokens() or most, most)
        metadata = body.metadata
        self._plain = body.response_format is not None or (
            metadata is not None and metadata.citations == "footnotes"
        )
        self._counts = body.stream_options is not None and body.stream_options.include_usage
        self._begun = self._said = False

    def completion(self, answer: Answer) -> Completion:
        """The whole answer."""
        message = CompletionMessage(
            content=answer.text + self._below(answer),
            citations=answer.citations,
            belegt=_particulars(answer),
        )
        return Completion(
            id=self._id,
            created=self._created,
            model=self._model,
            choices=[Choice(message=message, finish_reason=self._reason(answer))],
            usage=_usage(answer),
        )

    def lines(self, event: Event) -> Iterator[bytes]:
        """The data that ``event`` brings to a stream."""
        if not self._begun:
            self._begun = True
            yield self._chunk(Delta(role="assistant", content=""))
        if isinstance(event, SentenceEvent):
            yield self._chunk(Delta(content=f" {event.text}" if self._said else event.text))
            self._said = True
        elif isinstance(event, DoneEvent):
            yield from self._end(event.answer)

    def _end(self, answer: Answer) -> Iterator[bytes]:
        rest = self._below(answer) if self._said else answer.text
        if rest:
            yield self._chunk(Delta(content=rest))
        last = Delta(citations=answer.citations, belegt=_particulars(answer))
        yield self._chunk(last, self._reason(answer))
        if self._counts:
            usage = Chunk(
                id=self._id,
                created=self._created,
                model=self._model,
                choices=[],
                usage=_usage(answer),
            )
            yield _data(usage.model_dump())
        yield _DONE

    def _chunk(self, delta: Delta, reason: Reason | None = None) -> bytes:
        choice = ChunkChoice(delta=delta, finish_reason=reason)
        chunk = Chunk(id=self._id, created=self._created, model=self._model, choices=[choice])
        body = chunk.model_dump()
        # That API leaves out what a delta does not add, and usage unless it was asked for.
        body["choices"][0]["delta"] = delta.model_dump(exclude_none=True)
        if not self._counts:
            del body["usage"]
        return _data(body)

    def _below(self, answer: Answer) -> str:
        return footnotes(answer) if self._plain else ""

    def _reason(self, answer: Answer) -> Reason:
        return "length" if answer.timings.output_tokens >= self._most else "stop"


def _data(body: dict[str, Any]) -> bytes:
    return f"data: {json.dumps(body, ensure_ascii=False)}\n\n".encode()


def _encode_failure(error: Exception) -> bytes:
    return _data(openai_error(problem_of(error)))


def _particulars(answer: Answer) -> Particulars:
    return Particulars(
        answer_id=answer.id,
        status=answer.status,
        language=answer.language,
        confidence=answer.confidence,
        nearest=answer.nearest,
        conflicts=answer.conflicts,
    )


def _usage(answer: Answer) -> Usage:
    times = answer.timings
    return Usage(
        prompt_tokens=times.prompt_tokens,
        completion_tokens=times.output_tokens,
        total_tokens=times.prompt_tokens + times.output_tokens,
        prompt_tokens_details=CachedTokens(
            cached_tokens=max(times.prompt_tokens - times.evaluated_tokens, 0)
        ),
    )
