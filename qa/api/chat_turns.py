"""A question within the conversation that a client sends along, whatever API it speaks.

In: the messages before a question, and how it is to be answered. Out: the events of an answer, or
the last of them; for a request that a chat page sends by itself, its text at once. What can fail:
what asking can, and a caller who has had the day's answers (429).
"""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Iterator, Sequence
from dataclasses import dataclass, replace

from fastapi import Request

from qa.api.app_state import Service
from qa.api.footnotes import without_footnotes
from qa.api.middleware.access import caller_of
from qa.api.middleware.limits import check_quota, give_back_answer
from qa.api.page_tasks import page_task
from qa.api.storage.conversations import Conversations
from qa.dialogue.query_rewriting import Exchange
from qa.engine.cancellation import Cancellation
from qa.pipeline.answer import Answer, DoneEvent, Event
from qa.pipeline.options import AskOptions

USER, ASSISTANT = "user", "assistant"


@dataclass(frozen=True)
class ChatTurn:
    """What a request asks: a question, and how it is to be answered, earlier exchanges included.

    ``task``: the answer where a chat page asks by itself; then nothing is searched, counted or
    kept.
    """

    question: str
    options: AskOptions
    task: str | None = None


def chat_turn(spoken: Sequence[tuple[str, str]], options: AskOptions) -> ChatTurn:
    """The turn of a conversation of (role, text), the last of which is the question."""
    *earlier, (_, question) = spoken
    before = _exchanges(earlier)
    task = page_task(question, before, options.instruction)
    return ChatTurn(question, replace(options, before=before), task.answer() if task else None)


def turn_events(
    service: Service, conversations: Conversations, turn: ChatTurn, request: Request
) -> AsyncGenerator[Event, None]:
    """The events of the answer to ``turn``, which is no task."""
    return service.lanes.events(_maker(service, conversations, turn, request))


async def whole_answer(
    service: Service, conversations: Conversations, turn: ChatTurn, request: Request
) -> Answer:
    """The answer to ``turn``, which is no task; the work ends when the client goes away."""
    last = await service.lanes.last(_maker(service, conversations, turn, request), request)
    assert isinstance(last, DoneEvent)
    return last.answer


def count(turn: ChatTurn, request: Request) -> None:
    """Count an answer against the quota of the caller, but not what a page asks by itself."""
    if turn.task is not None:
        give_back_answer(request)
    else:
        check_quota(request)


@dataclass(frozen=True)
class _Make:
    """Makes the events of one answer in a thread of its own."""

    conversations: Conversations
    turn: ChatTurn
    owner: str
    deadline: float

    def __call__(self, cancellation: Cancellation) -> Iterator[Event]:
        options = replace(self.turn.options, cancellation=cancellation, deadline=self.deadline)
        return self.conversations.ask(self.turn.question, options, self.owner)


def _maker(
    service: Service, conversations: Conversations, turn: ChatTurn, request: Request
) -> _Make:
    deadline = time.monotonic() + service.settings.answer_seconds
    return _Make(conversations, turn, caller_of(request).owner, deadline)


def _exchanges(spoken: Sequence[tuple[str, str]]) -> tuple[Exchange, ...]:
    """Questions with the answers that followed them."""
    exchanges: list[Exchange] = []
    question = None
    for role, text in spoken:
        if role == USER:
            question = text
        elif question is not None and text.strip():
            exchanges.append(Exchange(question, without_footnotes(text)))
            question = None
    return tuple(exchanges)
