"""Jobs: ``/v1/jobs``.

In: the id of a job. Out: how it stands, once or as server-sent events until it is over. What can
fail, as problem details: an unknown job (404).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse

from qa.api.event_schemas import job_events
from qa.api.job_worker import JobWorker
from qa.api.problems import document_problems
from qa.api.routes.ask import encode_event, event_stream
from qa.api.schemas import Identifier
from qa.api.storage.jobs import Job

_LOOK_S = 0.2
_EVENTS: dict[str, Any] = {
    "content": job_events(),
    "description": "`progress` with the Job whenever it changed; `done` with the Job at its end.",
}


def router(worker: JobWorker) -> APIRouter:
    """The routes over the jobs of ``worker``."""
    routes = APIRouter(tags=["Documents"], prefix="/v1/jobs")

    @routes.get("/{job_id}", responses=document_problems(404), summary="How a job stands")
    def job(job_id: Identifier) -> Job:
        return worker.current_job(job_id)

    @routes.get(
        "/{job_id}/events",
        response_class=StreamingResponse,
        responses={200: _EVENTS, **document_problems(404)},
        summary="A job as it goes on",
    )
    async def events(job_id: Identifier, request: Request) -> StreamingResponse:
        return await event_stream(_changes(worker, job_id), request, _lines)

    return routes


async def _changes(worker: JobWorker, job_id: str) -> AsyncGenerator[Job, None]:
    """The job whenever it changed; ends with it, or with the server, which would wait for it."""
    shown = None
    while not worker.stopping:
        job = await asyncio.to_thread(worker.current_job, job_id)
        if job != shown:
            yield job
            shown = job
        if job.is_over:
            return
        await asyncio.sleep(_LOOK_S)


def _lines(job: Job) -> Iterator[bytes]:
    yield encode_event("done" if job.is_over else "progress", job)
