"""The web application: its routes, and what answers when they fail.

In: a service, who may use it, and the routers that other packages add; these say themselves whom
they serve. Out: an application, to be wrapped in what guards it (:mod:`qa.api.middleware.secured`).
Nothing can fail here.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from importlib.metadata import version

from fastapi import APIRouter, Depends, FastAPI

from qa.api import examples, page
from qa.api.app_state import Service
from qa.api.event_schemas import event_schemas
from qa.api.middleware import observe
from qa.api.middleware.access import require
from qa.api.problems import document_problems, install
from qa.api.routes import (
    ask,
    chat,
    documents,
    feedback,
    health,
    keys,
    messages,
    prove,
    responses,
)
from qa.api.routes import conversations as conversation_routes
from qa.api.storage.conversations import Conversations
from qa.api.storage.keys import Access

Extension = Callable[[Service], APIRouter]
_ALWAYS = document_problems(400, 401, 403, 408, 413, 422, 429, 500, 503)


def create_app(service: Service, access: Access, extensions: Sequence[Extension] = ()) -> FastAPI:
    """The application over ``service``, which it closes when it is shut down."""

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        service.close()

    app = FastAPI(
        title="belegt",
        version=version("belegt"),
        description="Answers from your documents, every statement with its source.",
        lifespan=lifespan,
        # Its logs would carry what people asked; traces are qa/api/middleware/tracing.py's, and
        # opt-in.
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
        docs_url=None,
        redoc_url=None,
    )
    install(app)
    conversations = Conversations(service)
    made = [extension(service) for extension in extensions]
    app.state.evaluations = bool(made)
    reader = [Depends(require("reader"))]
    for router in (
        ask.router(service, conversations),
        conversation_routes.router(service, conversations),
        documents.router(service),
        feedback.router(service),
        prove.router(service),
    ):
        app.include_router(router, responses=_ALWAYS, dependencies=reader)
    for api in (chat, messages, responses):
        app.include_router(
            api.router(service, conversations), responses=api.ERRORS, dependencies=reader
        )
    app.include_router(health.router(service))
    for router in (observe.router(), keys.router(access), *made):
        app.include_router(router, responses=_ALWAYS)
    app.include_router(page.router())
    _describe(app)
    return app


def _describe(app: FastAPI) -> None:
    """Complete the OpenAPI document: schemas of problems and events, and examples."""
    made = app.openapi

    def openapi() -> dict[str, object]:
        document = made()
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        for name, schema in event_schemas().items():
            schemas.setdefault(name, schema)
        examples.add_examples(document)
        return document

    app.openapi = openapi  # type: ignore[method-assign]
