"""Questions and searches: ``POST /v1/ask``, ``POST /v1/search``, ``GET /v1/info``.

In: a question in JSON. Out: an :class:`~qa.pipeline.answer.Answer`, as one JSON document or as
server-sent events while it grows. What can fail, as problem details: a question that cannot be
asked (400, 422), an unknown conversation (404), no free place (429), models still loading (503).
What goes wrong in the middle of a stream is its last event, ``error``.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, AsyncIterable, Callable, Iterable, Iterator
from importlib.metadata import version
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response, StreamingResponse
from pydantic import BaseModel

from qa.api.app_state import Service
from qa.api.event_schemas import EVENT_STREAM, answer_events
from qa.api.middleware.access import caller_of
from qa.api.problems import details, document_problems, problem_of
from qa.api.schemas import AskRequest, FoundPassage, Info, SearchRequest, SearchResult
from qa.api.storage.conversations import Conversations
from qa.api.streams import with_heartbeat
from qa.dialogue.query_rewriting import Exchange
from qa.engine.cancellation import Cancellation
from qa.pipeline.answer import Answer, DoneEvent, Event, SentenceEvent
from qa.pipeline.options import AskOptions

_MOST_SOURCES = 200
_EVENTS: dict[str, Any] = {
    "content": answer_events(),
    "description": "The answer, or with `stream` its events: retrieved, token, sentence, citation, "
    "retracted, conflict, done, error.",
}


def router(service: Service, conversations: Conversations) -> APIRouter:
    """The routes over ``service``."""
    routes = APIRouter(tags=["Questions"])

    @routes.post(
        "/v1/ask",
        response_model=Answer,
        responses={200: _EVENTS, **document_problems(404, 499, 504)},
        summary="Ask a question",
    )
    async def ask(body: AskRequest, request: Request) -> Any:
        return await answer(service, conversations, body, request)

    @routes.post("/v1/search", summary="Search without an answer")
    def search(body: SearchRequest) -> SearchResult:
        return _search(service, body)

    @routes.get("/v1/info", summary="What this server holds")
    def info(request: Request) -> Info:
        return _info(service, request)

    return routes


async def answer(
    service: Service, conversations: Conversations, body: AskRequest, request: Request
) -> Answer | Response:
    """Answer ``body`` as its sender wants it, and keep it with its conversation."""
    service.require_loaded()
    owner = caller_of(request).owner
    before: tuple[Exchange, ...] = ()
    if body.conversation_id:
        before = await asyncio.to_thread(conversations.exchanges, body.conversation_id, owner)

    def make(cancellation: Cancellation) -> Iterator[Event]:
        options = AskOptions(
            language=body.language,
            top_k=body.top_k,
            filters=body.filters.filters(),
            before=before,
            cancellation=cancellation,
            deadline=time.monotonic() + service.settings.answer_seconds,
        )
        return conversations.ask(body.question, options, owner, body.conversation_id)

    if body.stream or EVENT_STREAM in request.headers.get("accept", ""):
        return await event_stream(service.lanes.events(make), request, _lines)
    last = await service.lanes.last(make, request)
    assert isinstance(last, DoneEvent)
    return last.answer


def _lines(event: Event) -> Iterator[bytes]:
    if isinstance(event, SentenceEvent):
        yield encode_event(event.kind, event.model_copy(update={"citations": []}))
        for citation in event.citations:
            yield encode_event("citation", citation)
    elif isinstance(event, DoneEvent):
        for conflict in event.answer.conflicts:
            yield encode_event("conflict", conflict)
        yield encode_event(event.kind, event)
    else:
        yield encode_event(event.kind, event)


def encode_event(kind: str, data: BaseModel) -> bytes:
    """One server-sent event (WHATWG HTML, "Server-sent events"); JSON has no line breaks."""
    return f"event: {kind}\ndata: {data.model_dump_json()}\n\n".encode()


async def event_stream(
    events: AsyncGenerator[Any, None],
    request: Request,
    lines: Callable[[Any], Iterator[bytes]],
    failed: Callable[[Exception], bytes] | None = None,
) -> StreamingResponse:
    """``events`` as a response; what fails before the first of them is an error of the request."""
    first = await anext(events)
    path = request.url.path

    async def body() -> AsyncGenerator[bytes, None]:
        async with contextlib.aclosing(events):
            try:
                for line in lines(first):
                    yield line
                async for event in events:
                    for line in lines(event):
                        yield line
            except Exception as error:  # noqa: BLE001 - the client is told, in the stream
                yield (
                    failed(error)
                    if failed
                    else encode_event("error", details(problem_of(error), path))
                )

    return streamed(with_heartbeat(body()))


def streamed(lines: AsyncIterable[bytes] | Iterable[bytes]) -> StreamingResponse:
    """Server-sent events; proxies are told not to collect them (nginx, "X-Accel-Buffering")."""
    headers = {"X-Accel-Buffering": "no"}
    return StreamingResponse(lines, media_type=EVENT_STREAM, headers=headers)


def _search(service: Service, body: SearchRequest) -> SearchResult:
    started = time.perf_counter()
    with service.assistant() as assistant:
        found = assistant.search(
            body.question,
            AskOptions(language=body.language, top_k=body.top_k, filters=body.filters.filters()),
        )
    passages = [
        FoundPassage(
            document_id=one.stored.passage.document_id,
            title=one.stored.title,
            date=one.stored.date,
            source=one.stored.source,
            language=one.stored.language,
            start=one.stored.passage.start,
            end=one.stored.passage.end,
            text=one.stored.passage.text,
            score=one.score,
        )
        for one in found.passages
    ]
    took = round((time.perf_counter() - started) * 1000, 1)
    return SearchResult(language=found.language, passages=passages, took_ms=took)


def _info(service: Service, request: Request) -> Info:
    settings = service.settings
    loaded = service.require_loaded()
    with loaded.library.reading() as retriever:
        return Info(
            version=version("belegt"),
            models={
                "encoder": retriever.encoder.describe().model,
                "llm": loaded.engine.describe().model,
            },
            documents=retriever.store.document_count(),
            passages=retriever.store.passage_count(),
            languages=["de", "en"],
            sources=retriever.store.sources(_MOST_SOURCES),
            role=caller_of(request).role,
            writable=retriever.store.writable,
            limits={
                "question_characters": settings.question_characters,
                "upload_bytes": settings.upload_bytes,
                "upload_files": settings.upload_files,
            },
            evaluation=request.app.state.evaluations,
        )
