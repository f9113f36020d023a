"""Errors over HTTP.

In: what a route raises. Out: problem details (RFC 9457), or, on the paths of another service's API,
its error object. Nothing can fail; what nobody foresaw becomes a 500 without particulars, which go
to the log.
"""

from __future__ import annotations

import logging
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from base.errors import BelegtError, UsageError
from qa.engine.cancellation import RequestCancelledError
from qa.engine.request import DeadlinePassedError, EngineBusyError, EngineClosedError

MEDIA_TYPE = "application/problem+json"
RETRY_S = 2
"""After so many seconds a place in the queue is likely to be free."""

_OPENAI_PATHS = ("/v1/chat/", "/v1/models", "/v1/responses")
_ANTHROPIC_PATH = "/v1/messages"
_OPENAI_TYPES = {401: "authentication_error", 403: "permission_error", 429: "rate_limit_error"}
_ANTHROPIC_TYPES = {
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    503: "overloaded_error",
    504: "timeout_error",
}
_TITLES = {
    400: "The request cannot be understood",
    401: "A key is needed",
    403: "Not allowed",
    404: "Not found",
    405: "Method not allowed",
    408: "The request took too long to arrive",
    409: "In conflict with something that exists",
    412: "Changed in the meantime",
    413: "Too large",
    415: "This type is not accepted",
    422: "A field is not acceptable",
    429: "Too many requests",
    431: "The head of the request is too large",
    499: "The client went away",
    500: "An error in belegt",
    503: "Not ready",
    504: "Took too long",
}
_KNOWN: tuple[tuple[type[Exception], int, str | None], ...] = (
    (EngineBusyError, 429, None),
    (EngineClosedError, 503, "The server is shutting down; ask again in a moment."),
    (RequestCancelledError, 499, None),
    (DeadlinePassedError, 504, None),
    (UsageError, 400, None),
)
"""Errors that belegt raises, their status, and a text where their own is not for a client."""

_logger = logging.getLogger("belegt.api")


class ProblemError(Exception):
    """A request that is answered with an error: ``detail`` is one sentence for a person."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        headers: dict[str, str] | None = None,
        param: str | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = headers or {}
        self.param = param


class ProblemDetails(BaseModel):
    """RFC 9457; ``instance`` is the path that was asked for."""

    model_config = ConfigDict(json_schema_extra={"examples": [{
        "type": "about:blank", "title": "Not found", "status": 404,
        "detail": "There is no document 'x'.", "instance": "/v1/documents/x",
    }]})  # fmt: skip

    type: str = "about:blank"
    title: str
    status: int = Field(ge=400, le=599)
    detail: str
    instance: str


def document_problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """What the OpenAPI document says of these statuses."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}}
    return {status: {"description": _TITLES[status], "content": content} for status in statuses}


def problem_of(error: Exception) -> ProblemError:
    """The HTTP form of ``error``; what becomes a 500 is logged here, with where it came from."""
    if isinstance(error, ProblemError):
        return error
    if isinstance(error, RequestValidationError):
        return _invalid(error)
    if isinstance(error, HTTPException):
        return ProblemError(error.status_code, str(error.detail), headers=dict(error.headers or {}))
    for kind, status, text in _KNOWN:
        if isinstance(error, kind):
            headers = {"Retry-After": str(RETRY_S)} if status in (429, 503) else {}
            return ProblemError(status, text or str(error), headers=headers)
    _logger.error("nobody foresaw this error", exc_info=error)
    detail = str(error) if isinstance(error, BelegtError) else "The server's log says more."
    return ProblemError(500, detail)


def _invalid(error: RequestValidationError) -> ProblemError:
    first = error.errors()[0]
    place = [str(part) for part in first["loc"] if part != "body"]
    name = ".".join(place) or "body"
    if first["type"] == "json_invalid":
        return ProblemError(
            400, f"The body is not valid JSON: {first.get('ctx', {}).get('error', '')}."
        )
    return ProblemError(422, f"Field '{name}': {first['msg']}.", param=name)


def response(problem: ProblemError, path: str) -> Response:
    """The answer to a request for ``path`` that ended with ``problem``."""
    if path.startswith(_OPENAI_PATHS):
        return JSONResponse(openai_error(problem), problem.status, headers=problem.headers)
    if path.startswith(_ANTHROPIC_PATH):
        return JSONResponse(anthropic_error(problem), problem.status, headers=problem.headers)
    return JSONResponse(
        details(problem, path).model_dump(),
        problem.status,
        headers=problem.headers,
        media_type=MEDIA_TYPE,
    )


def openai_error(problem: ProblemError) -> dict[str, Any]:
    """The error object of OpenAI's API reference, "Errors"."""
    kind = _OPENAI_TYPES.get(problem.status)
    kind = kind or ("server_error" if problem.status >= 500 else "invalid_request_error")
    return {
        "error": {
            "message": problem.detail,
            "type": kind,
            "param": problem.param,
            "code": str(problem.status),
        }
    }


def anthropic_error(problem: ProblemError) -> dict[str, Any]:
    """The error object of Anthropic's API reference, "Errors"."""
    kind = _ANTHROPIC_TYPES.get(problem.status)
    kind = kind or ("api_error" if problem.status >= 500 else "invalid_request_error")
    return {"type": "error", "error": {"type": kind, "message": problem.detail}}


def details(problem: ProblemError, path: str) -> ProblemDetails:
    """The body of an error."""
    title = _TITLES.get(problem.status, "Error")
    return ProblemDetails(title=title, status=problem.status, detail=problem.detail, instance=path)


def install(app: FastAPI) -> None:
    """Answer every exception of ``app``'s routes with a problem."""

    async def handle(request: Request, error: Exception) -> Response:
        return response(problem_of(error), request.url.path)

    for kind in (ProblemError, BelegtError, RequestValidationError, HTTPException, Exception):
        app.add_exception_handler(kind, handle)
