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
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import uuid4

from fastapi import APIRouter, Request
from fastapi.responses import Response

from corpus.filters import Filters
from qa.api.app_state import Service
from qa.api.chat_schemas import (
    CachedTokens,
    ChatRequest,
    Choice,
    Chunk,
    ChunkChoice,
    Completion,
    CompletionMessage,
    Delta,
    Metadata,
    Model,
    ModelList,
    OpenAIError,
    Particulars,
    Reason,
    Usage,
)
from qa.api.chat_turns import ChatTurn, chat_turn, count
from qa.api.cited_text import CountTokens, GrowingText
from qa.api.event_schemas import chunk_events
from qa.api.footnotes import footnotes
from qa.api.problems import ProblemError, openai_error, problem_of
from qa.api.routes.turn_answer import answer_turn
from qa.api.storage.conversations import Conversations
from qa.engine.decode.sampling import Sampling
from qa.pipeline.answer import Answer, DoneEvent, Event
from qa.pipeline.options import AskOptions

NAME = "belegt"
_DONE = b"data: [DONE]\n\n"
DESCRIPTIONS = {
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
    status: {"model": OpenAIError, "description": text} for status, text in DESCRIPTIONS.items()
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
        check_model(service, model)
        return Model(id=model)

    return routes


def _names(service: Service) -> list[str]:
    return [NAME, service.require_loaded().engine.describe().model]


def check_model(service: Service, name: str) -> None:
    """Raise a ProblemError (404) for a model that there is not."""
    names = _names(service)
    if name not in names:
        known = ", ".join(f"'{one}'" for one in names)
        raise ProblemError(404, f"There is no model '{name}'; there are {known}.", param="model")


async def _complete(
    service: Service, conversations: Conversations, body: ChatRequest, request: Request
) -> Completion | Response:
    check_model(service, body.model)
    turn = turn_of(body)
    count(turn, request)
    maker = _Maker(
        body, service.settings.answer_tokens, service.require_loaded().engine.count_tokens
    )
    return await answer_turn(service, conversations, turn, request, maker, stream=bool(body.stream))


def turn_of(body: ChatRequest) -> ChatTurn:
    """What ``body`` asks, and how it is to be answered, but for deadline and cancellation."""
    sampling = Sampling(
        temperature=body.temperature or 0.0,
        top_p=body.top_p or 1.0,
        # A generator takes no negative seed; two's complement keeps them apart.
        seed=(body.seed or 0) % 2**64,
    )
    options = options_of(body.metadata, sampling, body.instruction(), body.most_tokens())
    stop = (body.stop,) if isinstance(body.stop, str) else tuple(body.stop or ())
    spoken = [(message.role, message.text()) for message in body.conversation()]
    return chat_turn(spoken, replace(options, stop=stop))


def options_of(
    metadata: Metadata | None, sampling: Sampling, instruction: str, most_tokens: int | None
) -> AskOptions:
    """How a question is to be answered; UsageError for a day that the calendar does not have."""
    metadata = metadata or Metadata()
    filters = Filters(
        since=metadata.since,
        until=metadata.until,
        sources=(metadata.source,) if metadata.source else (),
        languages=(metadata.document_language,) if metadata.document_language else (),
        documents=(metadata.document,) if metadata.document else (),
    )
    return AskOptions(
        language=metadata.language,
        top_k=int(metadata.top_k) if metadata.top_k else None,
        filters=filters,
        instruction=instruction,
        sampling=sampling,
        answer_tokens=most_tokens,
    )


class _Maker:
    """Completions and chunks for one request."""

    def __init__(self, body: ChatRequest, most: int, count_tokens: CountTokens) -> None:
        self._id = f"chatcmpl-{uuid4().hex}"
        self._created = int(time.time())
        self._model = body.model
        self._most = min(body.most_tokens() or most, most)
        metadata = body.metadata
        self._plain = body.response_format is not None or (
            metadata is not None and metadata.citations == "footnotes"
        )
        self._counts = body.stream_options is not None and bool(body.stream_options.include_usage)
        self._text = GrowingText(body.most_tokens(), count_tokens)
        self._begun = False

    def whole(self, answer: Answer) -> Completion:
        """The whole answer."""
        self._text.add(DoneEvent(answer=answer))
        message = CompletionMessage(
            content=self._text.text + self._below(answer),
            citations=self._text.cited(answer),
            belegt=particulars(answer),
        )
        return self._completion(message, self._usage(answer), self._reason(answer))

    def task(self, text: str) -> Completion:
        """What a chat page asked for by itself."""
        return self._completion(CompletionMessage(content=text, citations=[]), NO_TOKENS, "stop")

    def task_lines(self, text: str) -> Iterator[bytes]:
        """The same as a stream."""
        yield self._chunk(Delta(role="assistant", content=""))
        yield self._chunk(Delta(content=text))
        yield from self._last(Delta(), NO_TOKENS, "stop")

    def lines(self, event: Event) -> Iterator[bytes]:
        """The data that ``event`` brings to a stream."""
        if not self._begun:
            self._begun = True
            yield self._chunk(Delta(role="assistant", content=""))
        more = self._text.add(event)
        if isinstance(event, DoneEvent):
            more += self._below(event.answer)
        if more:
            yield self._chunk(Delta(content=more))
        if isinstance(event, DoneEvent):
            answer = event.answer
            last = Delta(citations=self._text.cited(answer), belegt=particulars(answer))
            yield from self._last(last, self._usage(answer), self._reason(answer))

    def failed(self, error: Exception) -> bytes:
        """The last event of a stream in which ``error`` happened."""
        return _data(openai_error(problem_of(error)))

    def _last(self, delta: Delta, usage: Usage, reason: Reason) -> Iterator[bytes]:
        yield self._chunk(delta, reason)
        if self._counts:
            chunk = Chunk(
                id=self._id, created=self._created, model=self._model, choices=[], usage=usage
            )
            yield _data(chunk.model_dump())
        yield _DONE

    def _completion(self, message: CompletionMessage, usage: Usage, reason: Reason) -> Completion:
        return Completion(
            id=self._id,
            created=self._created,
            model=self._model,
            choices=[Choice(message=message, finish_reason=reason)],
            usage=usage,
        )

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
        return footnotes(self._text.cited(answer)) if self._plain else ""

    def _reason(self, answer: Answer) -> Reason:
        was_cut = self._text.is_cut or answer.timings.output_tokens >= self._most
        return "length" if was_cut else "stop"

    def _usage(self, answer: Answer) -> Usage:
        times = answer.timings
        return usage_of(
            times.prompt_tokens, min(times.output_tokens, self._most), times.evaluated_tokens
        )


def _data(body: dict[str, Any]) -> bytes:
    return f"data: {json.dumps(body, ensure_ascii=False)}\n\n".encode()


def particulars(answer: Answer) -> Particulars:
    """What belegt knows of ``answer`` beside its text."""
    return Particulars(
        answer_id=answer.id,
        status=answer.status,
        language=answer.language,
        confidence=answer.confidence,
        nearest=answer.nearest,
        conflicts=answer.conflicts,
    )


def usage_of(read: int, written: int, computed: int) -> Usage:
    """Tokens of a prompt, of an answer, and those of the prompt that had to be computed."""
    return Usage(
        prompt_tokens=read,
        completion_tokens=written,
        total_tokens=read + written,
        prompt_tokens_details=CachedTokens(cached_tokens=max(read - computed, 0)),
    )


NO_TOKENS = usage_of(0, 0, 0)
"""Of what no model was needed for."""
