"""OpenAI's Responses API: ``POST /v1/responses``.

In: a conversation whose last message is a question. Out: a response, whole or as events, whose text
has markers; each marker is an annotation that names the document and the exact span. What can fail:
errors in that API's shape; in the middle of a stream, as its last event.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

from fastapi import APIRouter, Request
from fastapi.responses import Response

from qa.api.app_state import Service
from qa.api.chat_turns import ChatTurn, chat_turn, count
from qa.api.cited_text import CountTokens, GrowingText, markers_in
from qa.api.event_schemas import response_events
from qa.api.problems import openai_error, problem_of
from qa.api.responses_schemas import (
    FileCitation,
    IncompleteDetails,
    InputTokens,
    OutputMessage,
    OutputText,
    ResponseBody,
    ResponsesRequest,
    ResponsesUsage,
    Status,
)
from qa.api.routes.chat import ERRORS as CHAT_ERRORS
from qa.api.routes.chat import check_model, options_of, particulars
from qa.api.routes.turn_answer import answer_turn
from qa.api.storage.conversations import Conversations
from qa.engine.decode.sampling import Sampling
from qa.pipeline.answer import Answer, Citation, DoneEvent, Event, SentenceEvent

ERRORS = CHAT_ERRORS


def router(service: Service, conversations: Conversations) -> APIRouter:
    """The route over ``service``."""
    routes = APIRouter(tags=["OpenAI-compatible"])
    stream: dict[str, Any] = {
        "description": "The response, or with `stream` its events.",
        "content": response_events(),
    }

    @routes.post(
        "/v1/responses",
        response_model=ResponseBody,
        responses={200: stream},
        summary="Answer the last message of the input",
    )
    async def respond(body: ResponsesRequest, request: Request) -> Any:
        return await _respond(service, conversations, body, request)

    return routes


async def _respond(
    service: Service, conversations: Conversations, body: ResponsesRequest, request: Request
) -> ResponseBody | Response:
    check_model(service, body.model)
    turn = turn_of(body)
    count(turn, request)
    maker = _Maker(
        body, service.settings.answer_tokens, service.require_loaded().engine.count_tokens
    )
    return await answer_turn(service, conversations, turn, request, maker, stream=bool(body.stream))


def turn_of(body: ResponsesRequest) -> ChatTurn:
    """What ``body`` asks, and how it is to be answered, but for deadline and cancellation."""
    sampling = Sampling(temperature=body.temperature or 0.0, top_p=body.top_p or 1.0, seed=0)
    options = options_of(body.metadata, sampling, body.instruction(), body.max_output_tokens)
    spoken = [(message.role, message.text()) for message in body.conversation_messages()]
    return chat_turn(spoken, options)


class _Maker:
    """The response to one request, whole or event by event."""

    def __init__(self, body: ResponsesRequest, most: int, count_tokens: CountTokens) -> None:
        self._id = f"resp_{uuid4().hex}"
        self._item = f"msg_{uuid4().hex}"
        self._created = int(time.time())
        self._body = body
        self._most = min(body.max_output_tokens or most, most)
        self._text = GrowingText(body.max_output_tokens, count_tokens)
        self._known: dict[int, Citation] = {}
        self._annotations: list[FileCitation] = []
        self._number = 0
        self._has_begun = False

    def whole(self, answer: Answer) -> ResponseBody:
        """The whole response."""
        self._known = {citation.marker: citation for citation in answer.citations}
        self._grow(DoneEvent(answer=answer))
        return self._finished(answer)

    def task(self, text: str) -> ResponseBody:
        """What a chat page asked for by itself."""
        self._text.text = text
        return self._response("completed", [self._message("completed")], usage=_usage(0, 0, 0))

    def task_lines(self, text: str) -> Iterator[bytes]:
        """The same as events."""
        yield from self._begin()
        yield self._delta(text)
        response = self.task(text)
        yield from self._end(response)

    def lines(self, event: Event) -> Iterator[bytes]:
        """The events that ``event`` brings."""
        if not self._has_begun:
            self._has_begun = True
            yield from self._begin()
        if isinstance(event, SentenceEvent):
            self._known |= {citation.marker: citation for citation in event.citations}
        if isinstance(event, DoneEvent):
            self._known |= {citation.marker: citation for citation in event.answer.citations}
        before = len(self._annotations)
        if more := self._grow(event):
            yield self._delta(more)
        for index, annotation in enumerate(self._annotations[before:], before):
            yield self._event(
                "response.output_text.annotation.added",
                **self._place(),
                annotation_index=index,
                annotation=annotation.model_dump(),
            )
        if isinstance(event, DoneEvent):
            yield from self._end(self._finished(event.answer))

    def failed(self, error: Exception) -> bytes:
        """The last event of a stream that broke."""
        found = openai_error(problem_of(error))["error"]
        fields = {name: found[name] for name in ("message", "param", "code")}
        return self._event("error", **fields)

    def _grow(self, event: Event) -> str:
        """Take the text of ``event``; what it adds, with the annotations of its markers."""
        begin = len(self._text.text)
        more = self._text.add(event)
        for place, marker in markers_in(more):
            if marker in self._known:
                self._annotations.append(_annotation(self._known[marker], begin + place))
        return more

    def _begin(self) -> Iterator[bytes]:
        response = self._response("in_progress", []).model_dump()
        yield self._event("response.created", response=response)
        yield self._event("response.in_progress", response=response)
        item = {**self._message("in_progress").model_dump(), "content": []}
        yield self._event("response.output_item.added", output_index=0, item=item)
        part = OutputText(text="", annotations=[]).model_dump()
        yield self._event("response.content_part.added", **self._place(), part=part)

    def _end(self, response: ResponseBody) -> Iterator[bytes]:
        (item,) = response.output
        (part,) = item.content
        place = self._place()
        yield self._event("response.output_text.done", **place, text=part.text, logprobs=[])
        yield self._event("response.content_part.done", **place, part=part.model_dump())
        yield self._event("response.output_item.done", output_index=0, item=item.model_dump())
        yield self._event(f"response.{response.status}", response=response.model_dump())

    def _delta(self, text: str) -> bytes:
        return self._event("response.output_text.delta", **self._place(), delta=text, logprobs=[])

    def _place(self) -> dict[str, Any]:
        return {"item_id": self._item, "output_index": 0, "content_index": 0}

    def _event(self, kind: str, **fields: Any) -> bytes:
        body = {"type": kind, "sequence_number": self._number, **fields}
        self._number += 1
        return f"event: {kind}\ndata: {json.dumps(body, ensure_ascii=False)}\n\n".encode()

    def _finished(self, answer: Answer) -> ResponseBody:
        times = answer.timings
        was_cut = self._text.is_cut or times.output_tokens >= self._most
        status: Status = "incomplete" if was_cut else "completed"
        written = min(times.output_tokens, self._most)
        return self._response(
            status,
            [self._message(status)],
            incomplete_details=IncompleteDetails() if was_cut else None,
            usage=_usage(times.prompt_tokens, written, times.evaluated_tokens),
            belegt=particulars(answer),
        )

    def _response(self, status: Status, output: list[OutputMessage], **more: Any) -> ResponseBody:
        body = self._body
        return ResponseBody(
            id=self._id,
            created_at=self._created,
            status=status,
            model=body.model,
            output=output,
            instructions=body.instruction() or None,
            temperature=body.temperature,
            top_p=body.top_p,
            **more,
        )

    def _message(self, status: Status) -> OutputMessage:
        text = OutputText(text=self._text.text, annotations=self._annotations)
        return OutputMessage(id=self._item, status=status, content=[text])


def _annotation(citation: Citation, index: int) -> FileCitation:
    return FileCitation(
        file_id=citation.document_id,
        filename=citation.title,
        index=index,
        marker=citation.marker,
        start=citation.start,
        end=citation.end,
        quote=citation.quote,
    )


def _usage(read: int, written: int, computed: int) -> ResponsesUsage:
    return ResponsesUsage(
        input_tokens=read,
        input_tokens_details=InputTokens(cached_tokens=max(read - computed, 0)),
        output_tokens=written,
        total_tokens=read + written,
    )
