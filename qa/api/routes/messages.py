"""Anthropic's Messages API: ``POST /v1/messages``.

In: a conversation whose last message is a question. Out: a message, whole or as events, of blocks
of text that each carry the citations which prove it, in that API's own form. What can fail: errors
in that API's shape; in the middle of a stream, as its last event.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

from fastapi import APIRouter, Request
from fastapi.responses import Response

from qa.api.app_state import Service
from qa.api.chat_turns import ChatTurn, chat_turn, count
from qa.api.cited_text import CitedPiece, CountTokens, GrowingText, cited_pieces
from qa.api.event_schemas import message_events
from qa.api.messages_schemas import (
    AnthropicError,
    CharLocation,
    MessagesAnswer,
    MessagesRequest,
    MessagesUsage,
    PageLocation,
    StopReason,
    TextBlock,
)
from qa.api.problems import anthropic_error, problem_of
from qa.api.routes.chat import DESCRIPTIONS, check_model, particulars
from qa.api.routes.turn_answer import answer_turn
from qa.api.storage.conversations import Conversations
from qa.engine.decode.sampling import Sampling
from qa.pipeline.answer import Answer, Citation, DoneEvent, Event, SentenceEvent
from qa.pipeline.options import AskOptions

ERRORS: dict[int | str, dict[str, Any]] = {
    status: {"model": AnthropicError, "description": text} for status, text in DESCRIPTIONS.items()
}


def router(service: Service, conversations: Conversations) -> APIRouter:
    """The route over ``service``."""
    routes = APIRouter(tags=["Anthropic-compatible"])
    stream: dict[str, Any] = {
        "description": "The message, or with `stream` its events.",
        "content": message_events(),
    }

    @routes.post(
        "/v1/messages",
        response_model=MessagesAnswer,
        responses={200: stream},
        summary="Answer the last message",
    )
    async def messages(body: MessagesRequest, request: Request) -> Any:
        return await _answer(service, conversations, body, request)

    return routes


async def _answer(
    service: Service, conversations: Conversations, body: MessagesRequest, request: Request
) -> MessagesAnswer | Response:
    check_model(service, body.model)
    turn = turn_of(body)
    count(turn, request)
    maker = _Maker(
        body, service.settings.answer_tokens, service.require_loaded().engine.count_tokens
    )
    return await answer_turn(service, conversations, turn, request, maker, stream=bool(body.stream))


def turn_of(body: MessagesRequest) -> ChatTurn:
    """What ``body`` asks, and how it is to be answered, but for deadline and cancellation."""
    options = AskOptions(
        instruction=body.instruction(),
        sampling=Sampling(temperature=body.temperature or 0.0, top_p=body.top_p or 1.0, seed=0),
        answer_tokens=body.max_tokens,
        stop=tuple(body.stop_sequences or ()),
    )
    return chat_turn([(message.role, message.text()) for message in body.messages], options)


class _Maker:
    """The message for one request, whole or event by event."""

    def __init__(self, body: MessagesRequest, most: int, count_tokens: CountTokens) -> None:
        self._id = f"msg_{uuid4().hex}"
        self._model = body.model
        self._most = min(body.max_tokens, most)
        self._text = GrowingText(body.max_tokens, count_tokens)
        self._blocks = 0
        self._has_begun = False
        self._known: dict[int, Citation] = {}
        self._documents: dict[str, int] = {}

    def whole(self, answer: Answer) -> MessagesAnswer:
        """The whole answer."""
        self._text.add(DoneEvent(answer=answer))
        pieces = cited_pieces(self._text.text, answer.citations)
        made = self._message([self._block(piece) for piece in pieces], self._usage(answer))
        return made.model_copy(
            update={"stop_reason": self._reason(answer), "belegt": particulars(answer)}
        )

    def task(self, text: str) -> MessagesAnswer:
        """What a chat page asked for by itself."""
        block = TextBlock(text=text, citations=None)
        return self._message([block], _NOTHING).model_copy(update={"stop_reason": "end_turn"})

    def task_lines(self, text: str) -> Iterator[bytes]:
        """The same as events."""
        yield self._start()
        yield from self._piece(CitedPiece(text, ()))
        yield from self._end("end_turn", _NOTHING, None)

    def lines(self, event: Event) -> Iterator[bytes]:
        """The events that ``event`` brings."""
        if not self._has_begun:
            self._has_begun = True
            yield self._start()
        if isinstance(event, SentenceEvent):
            self._known |= {citation.marker: citation for citation in event.citations}
        if isinstance(event, DoneEvent):
            self._known |= {citation.marker: citation for citation in event.answer.citations}
        for piece in cited_pieces(self._text.add(event), list(self._known.values())):
            yield from self._piece(piece)
        if isinstance(event, DoneEvent):
            answer = event.answer
            yield from self._end(
                self._reason(answer), self._usage(answer), particulars(answer).model_dump()
            )

    def failed(self, error: Exception) -> bytes:
        """The last event of a stream in which ``error`` happened."""
        body = json.dumps(anthropic_error(problem_of(error)), ensure_ascii=False)
        return f"event: error\ndata: {body}\n\n".encode()

    def _start(self) -> bytes:
        message = self._message([], _NOTHING).model_dump(exclude={"belegt"})
        return _data("message_start", message=message)

    def _piece(self, piece: CitedPiece) -> Iterator[bytes]:
        """A block of its own: that API's citations belong to a whole block."""
        index = self._blocks
        self._blocks += 1
        block = self._block(piece)
        empty = TextBlock(text="", citations=block.citations and [])
        yield _data("content_block_start", index=index, content_block=empty.model_dump())
        delta: dict[str, Any] = {"type": "text_delta", "text": piece.text}
        yield _data("content_block_delta", index=index, delta=delta)
        for citation in block.citations or ():
            delta = {"type": "citations_delta", "citation": citation.model_dump()}
            yield _data("content_block_delta", index=index, delta=delta)
        yield _data("content_block_stop", index=index)

    def _end(
        self, reason: StopReason, usage: MessagesUsage, more: dict[str, Any] | None
    ) -> Iterator[bytes]:
        delta = {"stop_reason": reason, "stop_sequence": None, "belegt": more}
        yield _data("message_delta", delta=delta, usage=usage.model_dump())
        yield _data("message_stop")

    def _message(self, content: list[TextBlock], usage: MessagesUsage) -> MessagesAnswer:
        return MessagesAnswer(
            id=self._id, model=self._model, content=content, stop_reason=None, usage=usage
        )

    def _block(self, piece: CitedPiece) -> TextBlock:
        citations = [self._location(citation) for citation in piece.citations]
        return TextBlock(text=piece.text, citations=citations or None)

    def _location(self, citation: Citation) -> CharLocation | PageLocation:
        """The page where there is one; ``page`` is the one on which the quotation begins."""
        facts: dict[str, Any] = {
            "cited_text": citation.quote,
            "document_index": self._documents.setdefault(
                citation.document_id, len(self._documents)
            ),
            "document_title": citation.title,
            "start_char_index": citation.start,
            "end_char_index": citation.end,
            "file_id": citation.document_id,
        }
        if citation.page is None:
            return CharLocation(**facts)
        return PageLocation(
            **facts, start_page_number=citation.page, end_page_number=citation.page + 1
        )

    def _reason(self, answer: Answer) -> StopReason:
        was_cut = self._text.is_cut or answer.timings.output_tokens >= self._most
        return "max_tokens" if was_cut else "end_turn"

    def _usage(self, answer: Answer) -> MessagesUsage:
        times = answer.timings
        cached = max(times.prompt_tokens - times.evaluated_tokens, 0)
        return MessagesUsage(
            input_tokens=times.prompt_tokens - cached,
            output_tokens=min(times.output_tokens, self._most),
            cache_read_input_tokens=cached,
        )


_NOTHING = MessagesUsage(input_tokens=0, output_tokens=0)


def _data(kind: str, **fields: Any) -> bytes:
    body = json.dumps({"type": kind, **fields}, ensure_ascii=False)
    return f"event: {kind}\ndata: {body}\n\n".encode()
