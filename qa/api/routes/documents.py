"""Documents: ``/v1/documents``.

In: files, ids, filters, offsets. Out: the documents of the corpus, and jobs for whatever takes
time. What can fail, as problem details: an unknown document (404), one that changed meanwhile
(412), too many files (413), an idempotency key used twice (422), a corpus that cannot be written
(403) or not now (503).

What is uploaded is stored before the answer, 202, is sent (:mod:`qa.api.storage.jobs`).
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Iterator
from typing import Annotated, Any

from fastapi import (
    APIRouter,
    Depends,
    FastAPI,
    File,
    Header,
    Path,
    Query,
    Request,
    Response,
    UploadFile,
)
from fastapi.responses import FileResponse

from base.errors import BelegtError, UsageError
from corpus.document import Document, Language
from corpus.filters import Filters
from corpus.loaders.child import LoadLimits, draw_guarded
from qa.api.app_state import Service
from qa.api.documents import (
    DocumentId,
    DocumentPage,
    DocumentSpan,
    WholeDocument,
    document_facts,
    document_span,
    etag_matches,
    page_of,
    whole_of,
)
from qa.api.job_worker import JobWorker
from qa.api.middleware.access import caller_of, require
from qa.api.originals import has_original, original_of
from qa.api.problems import RETRY_S, ProblemError, document_problems
from qa.api.routes.jobs import router as jobs_router
from qa.api.schemas import Day
from qa.api.storage.jobs import Job, JobStore, Upload
from qa.api.storage.records import Cursor, Limit
from qa.api.uploads import display_name, distinct_names, refusal

CHANGE_S = 10.0
"""So long a change waits for the one before it."""
_CONTEXT = 5000
_MOST_PAGES = 100_000
_DRAWING_S = 30.0
_LAST = 100_000_000
_EDITOR = [Depends(require("editor"))]
_ETAG = {"ETag": {"schema": {"type": "string"}, "description": "Names what the document says."}}
_LOCATION = {"Location": {"schema": {"type": "string"}, "description": "Of the job."}}
_TAGS = Annotated[str | None, Header(max_length=1000)]
Offset = Annotated[int, Query(ge=0, le=_LAST)]


def router(service: Service) -> APIRouter:
    """The routes over the corpus of ``service``, and the thread that changes it."""
    jobs = JobStore(service)
    worker = JobWorker(service, jobs)

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        worker.start()
        yield

    routes = APIRouter(tags=["Documents"], prefix="/v1/documents", lifespan=lifespan)
    _add_reading(routes, service)
    _add_changing(routes, service, jobs, worker)
    both = APIRouter()
    both.include_router(routes)
    both.include_router(jobs_router(worker))
    return both


def _add_reading(routes: APIRouter, service: Service) -> None:
    @routes.get("", summary="The documents, by id")
    def listing(
        *,
        limit: Limit = 50,
        cursor: Cursor = None,
        q: Annotated[str, Query(max_length=200, description="In title or path.")] = "",
        source: Annotated[str | None, Query(min_length=1, max_length=300)] = None,
        language: Language | None = None,
        since: Day | None = None,
        until: Day | None = None,
    ) -> DocumentPage:
        filters = Filters(
            since=since,
            until=until,
            sources=() if source is None else (source,),
            languages=() if language is None else (language,),
        )
        with service.library.reading() as retriever:
            return page_of(retriever.store, filters, q, limit, cursor)

    @routes.get(
        "/{document_id}",
        response_model=WholeDocument,
        responses={
            200: {"headers": _ETAG},
            304: {"description": "It still says what `If-None-Match` names.", "headers": _ETAG},
            **document_problems(404),
        },
        summary="A document with its text",
    )
    def document(document_id: DocumentId, response: Response, if_none_match: _TAGS = None) -> Any:
        with service.library.reading() as retriever:
            facts = document_facts(retriever.store, document_id)
            if if_none_match is not None and etag_matches(if_none_match, facts.etag, weakly=True):
                return Response(status_code=304, headers={"ETag": facts.etag})
            response.headers["ETag"] = facts.etag
            return whole_of(retriever.store, facts)

    @routes.get(
        "/{document_id}/span", responses=document_problems(404), summary="A span in its context"
    )
    def span(
        document_id: DocumentId,
        start: Offset,
        end: Offset,
        context: Annotated[int, Query(ge=0, le=_CONTEXT)] = 600,
    ) -> DocumentSpan:
        with service.library.reading() as retriever:
            document_facts(retriever.store, document_id)
            found = retriever.store.document(document_id)
            span = document_span(found, start, end, context)
        drawn = bool(span.place.pages) and has_original(service.library.folder, found)
        return span.model_copy(update={"drawn": drawn})

    @routes.get(
        "/{document_id}/original",
        response_class=FileResponse,
        responses=document_problems(404),
        summary="The file that a document came from",
    )
    def original(document_id: DocumentId) -> FileResponse:
        file, name = original_of(service.library.folder, _document(service, document_id))
        return FileResponse(file, media_type="application/octet-stream", filename=name)

    @routes.get(
        "/{document_id}/pages/{page}.png",
        response_class=Response,
        responses={200: {"content": {"image/png": {}}}, **document_problems(404)},
        summary="A page of a PDF as a picture",
    )
    def page_picture(
        document_id: DocumentId,
        page: Annotated[int, Path(ge=1, le=_MOST_PAGES)],
        scale: Annotated[float, Query(ge=0.5, le=4, description="Pixels for each point.")] = 1.5,
    ) -> Response:
        file, _ = original_of(service.library.folder, _document(service, document_id))
        try:
            picture = draw_guarded(file, page, scale, LoadLimits(seconds=_DRAWING_S))
        except UsageError as error:
            raise ProblemError(404, str(error).replace(str(file), file.name)) from error
        return Response(picture, media_type="image/png")


def _document(service: Service, document_id: str) -> Document:
    with service.library.reading() as retriever:
        document_facts(retriever.store, document_id)
        return retriever.store.document(document_id)


def _add_changing(routes: APIRouter, service: Service, jobs: JobStore, worker: JobWorker) -> None:
    def accept(job: Job, response: Response) -> Job:
        worker.wake()
        response.headers["Location"] = f"/v1/jobs/{job.id}"
        return job

    job_made: dict[int | str, dict[str, Any]] = {202: {"headers": _LOCATION}}

    @routes.post(
        "",
        status_code=202,
        dependencies=_EDITOR,
        responses=job_made,
        summary="Add files, or replace those of the same names",
    )
    def add(
        files: Annotated[
            list[UploadFile], File(description="Files of all formats that belegt reads.")
        ],
        request: Request,
        response: Response,
        idempotency_key: Annotated[str | None, Header(pattern="^[!-~]{1,200}$")] = None,
    ) -> Job:
        _check_writable(service)
        settings = service.settings
        if len(files) > settings.upload_files:
            raise ProblemError(
                413,
                f"The upload has {len(files)} files, more than the {settings.upload_files} that "
                "are taken at once; send the others after them.",
            )
        names = distinct_names([display_name(sent.filename) for sent in files])
        uploads = [
            _upload(name, sent, settings.upload_bytes)
            for name, sent in zip(names, files, strict=True)
        ]
        return accept(jobs.add(uploads, caller_of(request).owner, idempotency_key), response)

    @routes.post(
        "/reindex",
        status_code=202,
        dependencies=_EDITOR,
        responses=job_made,
        summary="Index everything again",
    )
    def reindex_all(request: Request, response: Response) -> Job:
        _check_writable(service)
        return accept(jobs.reindex(None, caller_of(request).owner), response)

    @routes.post(
        "/{document_id}/reindex",
        status_code=202,
        dependencies=_EDITOR,
        responses={**job_made, **document_problems(404)},
        summary="Index a document again",
    )
    def reindex(document_id: DocumentId, request: Request, response: Response) -> Job:
        _check_writable(service)
        with service.library.reading() as retriever:
            document_facts(retriever.store, document_id)
        return accept(jobs.reindex(document_id, caller_of(request).owner), response)

    @routes.delete(
        "/{document_id}",
        status_code=204,
        dependencies=_EDITOR,
        responses=document_problems(404, 412),
        summary="Delete a document",
    )
    def delete(document_id: DocumentId, if_match: _TAGS = None) -> None:
        _check_writable(service)
        with worker.changing(CHANGE_S), _busy_told(), service.library.writing() as (store, indexer):
            facts = document_facts(store, document_id)
            if if_match is not None and not etag_matches(if_match, facts.etag, weakly=False):
                raise ProblemError(
                    412, f"The document '{document_id}' has changed; look at it before deleting it."
                )
            indexer.remove(document_id)


def _upload(name: str, sent: UploadFile, most_bytes: int) -> Upload:
    content = sent.file.read()
    return Upload(name or "(no name)", content, refusal(name, content, most_bytes))


def _check_writable(service: Service) -> None:
    with service.library.reading() as retriever:
        if not retriever.store.writable:
            raise ProblemError(403, "The corpus is read-only; its documents cannot be changed.")


@contextlib.contextmanager
def _busy_told() -> Iterator[None]:
    try:
        yield
    except UsageError:
        raise
    except BelegtError as error:
        raise ProblemError(503, str(error), headers={"Retry-After": str(RETRY_S)}) from error
