"""Whether the server lives, and whether it can answer.

In: a request without a key. Out: ``/healthz`` says that the process serves; ``/readyz`` that models
are loaded, that the index is of the database's present state, and that the engine runs (503
otherwise, with what is missing). What can fail: nothing; what is wrong is the answer.
"""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel

from base.errors import BelegtError
from qa.api.app_state import Service
from qa.api.problems import ProblemError


class Health(BaseModel):
    """The process serves."""

    status: Literal["ok"] = "ok"


class Readiness(BaseModel):
    """``checks`` say "ok" or one sentence each."""

    status: Literal["ready", "not ready"]
    checks: dict[str, str]


def router(service: Service) -> APIRouter:
    """The routes over ``service``."""
    routes = APIRouter(tags=["Health"])

    @routes.get("/healthz", summary="Whether the process serves")
    def healthz() -> Health:
        return Health()

    @routes.get(
        "/readyz",
        summary="Whether questions can be answered",
        responses={503: {"model": Readiness, "description": "Not ready"}},
    )
    def readyz(response: Response) -> Readiness:
        checks = _checks(service)
        ready = all(text == "ok" for text in checks.values())
        if not ready:
            response.status_code = 503
        return Readiness(status="ready" if ready else "not ready", checks=checks)

    return routes


def _checks(service: Service) -> dict[str, str]:
    try:
        loaded = service.require_loaded()
    except ProblemError as problem:
        return {"models": problem.detail}
    checks = {"models": "ok", "index": "ok", "engine": "ok"}
    try:
        if not loaded.library.consistent():
            checks["index"] = "The index is being brought up to date."
    except BelegtError as error:
        checks["index"] = str(error)
    if (failure := loaded.engine.failure()) is not None:
        checks["engine"] = failure
    return checks
