"""Conversations: ``/v1/conversations``.

In: who asks, ids, a question in JSON. Out: a person's own conversations, page by page or whole,
and the next answer of one. What can fail, as problem details: an unknown conversation or somebody
else's (404), a cursor that is none (422), and what asking can (:mod:`qa.api.routes.ask`).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from typing import Any

from fastapi import APIRouter, FastAPI, Request, Response
from pydantic import Field

from base.errors import BelegtError
from qa.api.app_state import Service
from qa.api.event_schemas import answer_events
from qa.api.middleware.access import caller_of
from qa.api.problems import ProblemError, document_problems
from qa.api.routes.ask import answer
from qa.api.schemas import AskRequest, Identifier, Name, Strict
from qa.api.storage.conversations import (
    Conversation,
    ConversationPage,
    Conversations,
    WholeConversation,
)
from qa.api.storage.records import Cursor, Limit
from qa.pipeline.answer import Answer

FORGET_EACH_S = 3600.0
"""Time between two looks for answers past their time."""
_logger = logging.getLogger("belegt.api")
_ANSWER: dict[str, Any] = {
    "content": answer_events(),
    "description": "The answer, or with `stream` its events, as of `POST /v1/ask`.",
}


class ConversationStart(Strict):
    """A new conversation; without a title it gets that of its first question."""

    title: Name | None = Field(None, examples=["Scale AI"])


def router(service: Service, conversations: Conversations) -> APIRouter:
    """The routes over ``conversations``."""

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await asyncio.to_thread(_forget_old, conversations)
        forgetting = asyncio.ensure_future(_forget_again_and_again(conversations))
        try:
            yield
        finally:
            forgetting.cancel()
            await asyncio.wait({forgetting})

    routes = APIRouter(tags=["Conversations"], prefix="/v1/conversations", lifespan=lifespan)

    @routes.post("", status_code=201, summary="Begin a conversation")
    def begin(body: ConversationStart, request: Request, response: Response) -> Conversation:
        made = conversations.begin(caller_of(request).owner, body.title)
        response.headers["Location"] = f"/v1/conversations/{made.id}"
        return made

    @routes.get("", summary="Your conversations, the last touched first")
    def listing(request: Request, limit: Limit = 20, cursor: Cursor = None) -> ConversationPage:
        return conversations.page(caller_of(request).owner, limit, cursor)

    @routes.get(
        "/{conversation_id}",
        responses=document_problems(404),
        summary="A conversation with its turns",
    )
    def whole(conversation_id: Identifier, request: Request) -> WholeConversation:
        return conversations.whole(conversation_id, caller_of(request).owner)

    @routes.delete(
        "/{conversation_id}",
        status_code=204,
        responses=document_problems(404),
        summary="Delete a conversation",
    )
    def remove(conversation_id: Identifier, request: Request) -> None:
        conversations.remove(conversation_id, caller_of(request).owner)

    @routes.post(
        "/{conversation_id}/ask",
        response_model=Answer,
        responses={200: _ANSWER, **document_problems(404, 499, 504)},
        summary="Ask the next question",
    )
    async def ask(conversation_id: Identifier, body: AskRequest, request: Request) -> Any:
        if body.conversation_id not in (None, conversation_id):
            raise ProblemError(
                422,
                "Field 'conversation_id': it names another conversation than the path.",
                param="conversation_id",
            )
        turn = body.model_copy(update={"conversation_id": conversation_id})
        return await answer(service, conversations, turn, request)

    return routes


async def _forget_again_and_again(conversations: Conversations) -> None:
    while True:
        await asyncio.sleep(FORGET_EACH_S)
        await asyncio.to_thread(_forget_old, conversations)


def _forget_old(conversations: Conversations) -> None:
    try:
        gone = conversations.forget_old()
    except (BelegtError, ProblemError) as error:
        # A read-only corpus can be asked all the same.
        _logger.warning("old answers could not be removed: %s", error)
    else:
        if gone:
            _logger.info("answers past their time that were removed: %d", gone)
