"""The answer to the last message of a conversation, in the form that an API gives it.

In: what is asked, a maker that puts answers and events in the API's form, whether they are
streamed. Out: the answer, whole or as a response that streams. What can fail: what asking can,
before the first event as an error of the request, after it as the stream's last event.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol, TypeVar

from fastapi import Request
from fastapi.responses import Response

from qa.api.app_state import Service
from qa.api.chat_turns import ChatTurn, turn_events, whole_answer
from qa.api.routes.ask import event_stream, streamed
from qa.api.storage.conversations import Conversations
from qa.pipeline.answer import Answer, Event

Whole_co = TypeVar("Whole_co", covariant=True)


class AnswerMaker(Protocol[Whole_co]):
    """Puts the answer to one request in the form of an API."""

    def whole(self, answer: Answer) -> Whole_co:
        """The whole answer."""
        ...

    def task(self, text: str) -> Whole_co:
        """What a chat page asked for by itself."""
        ...

    def task_lines(self, text: str) -> Iterator[bytes]:
        """The same as a stream."""
        ...

    def lines(self, event: Event) -> Iterator[bytes]:
        """What ``event`` brings to a stream."""
        ...

    def failed(self, error: Exception) -> bytes:
        """The last event of a stream in which ``error`` happened."""
        ...


async def answer_turn(
    service: Service,
    conversations: Conversations,
    turn: ChatTurn,
    request: Request,
    maker: AnswerMaker[Whole_co],
    *,
    stream: bool,
) -> Whole_co | Response:
    """The answer to ``turn``, as ``maker`` puts it."""
    if turn.task is not None:
        return streamed(maker.task_lines(turn.task)) if stream else maker.task(turn.task)
    if stream:
        events = turn_events(service, conversations, turn, request)
        return await event_stream(events, request, maker.lines, failed=maker.failed)
    return maker.whole(await whole_answer(service, conversations, turn, request))
