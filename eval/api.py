"""Evaluation runs over HTTP, for the page.

In: the folder of runs (``BELEGT_RUNS``). Out: a list of them, and the report of each as one
HTML file. What can fail: a run that is not there (404), one that holds no answer yet (409).

A report opens in a tab of its own, which can send no key. So a caller with a key asks for a ticket,
an address that works once and for a minute; it is random and stands for nothing else. A report is
sandboxed: its script cannot reach the API.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi import Path as InPath
from fastapi.responses import HTMLResponse
from pydantic import BaseModel

from base.errors import UsageError
from eval.figures import ScoredRecord, Summary
from eval.run_folder import INFO, RunFolder
from qa.api.app_state import Service
from qa.api.middleware.access import require
from qa.api.problems import ProblemError, document_problems

TICKET_S = 60.0
_TICKETS = 1000
_NAME = Annotated[str, InPath(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$")]
# The report's own meta element allows its style and script by their digests, and nothing else.
_POLICY = "sandbox allow-scripts allow-downloads"


class Evaluation(BaseModel):
    """One run."""

    name: str
    set: str
    system: str
    questions: int
    answered: int
    started: str
    ended: str | None


class Evaluations(BaseModel):
    """All runs, the newest first."""

    items: list[Evaluation]


class Ticket(BaseModel):
    """Where the report can be had once."""

    url: str


class _Tickets:
    """Addresses that work once. Safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._names: dict[str, tuple[str, float]] = {}

    def make(self, name: str) -> str:
        """A new ticket for the run ``name``."""
        ticket = secrets.token_urlsafe(32)
        with self._lock:
            now = time.monotonic()
            kept = {one: entry for one, entry in self._names.items() if entry[1] > now}
            if len(kept) >= _TICKETS:
                raise ProblemError(429, "Too many reports are being opened; try again in a minute.")
            self._names = {**kept, ticket: (name, now + TICKET_S)}
        return ticket

    def take(self, ticket: str) -> str:
        """The run that ``ticket`` is for; it is worth nothing afterwards."""
        with self._lock:
            name, until = self._names.pop(ticket, ("", 0.0))
        if until <= time.monotonic():
            raise ProblemError(404, "This address was used or is too old; open the report again.")
        return name


def router(service: Service) -> APIRouter:
    """The routes over the runs of ``service``'s settings."""
    folder = service.settings.runs
    tickets = _Tickets()
    routes = APIRouter(tags=["Evaluation"])
    reader = [Depends(require("reader"))]

    @routes.get(
        "/v1/evaluations",
        summary="Evaluation runs",
        dependencies=reader,
        responses=document_problems(401, 403, 429),
    )
    def evaluations() -> Evaluations:
        return Evaluations(items=sorted(_runs(folder), key=lambda one: one.started, reverse=True))

    @routes.get(
        "/v1/evaluations/{name}/report",
        response_class=HTMLResponse,
        summary="The report of a run",
        dependencies=reader,
        responses=document_problems(401, 403, 404, 409, 422, 429),
    )
    def report(name: _NAME) -> HTMLResponse:
        return _report(folder, name)

    @routes.post(
        "/v1/evaluations/{name}/ticket",
        status_code=201,
        summary="An address of the report that works once, without a key",
        dependencies=reader,
        responses=document_problems(401, 403, 404, 422, 429),
    )
    def ticket(name: _NAME) -> Ticket:
        _run(folder, name)
        return Ticket(url=f"/reports/{tickets.make(name)}")

    @routes.get(
        "/reports/{ticket}",
        response_class=HTMLResponse,
        summary="A report by its ticket",
        responses=document_problems(404, 409, 422),
    )
    def by_ticket(
        ticket: Annotated[str, InPath(pattern=r"^[A-Za-z0-9_-]{43}$")],
    ) -> HTMLResponse:
        return _report(folder, tickets.take(ticket))

    return routes


def _runs(folder: Path) -> Iterator[Evaluation]:
    if not folder.is_dir():
        return
    for path in sorted(folder.iterdir()):
        if not (path / INFO).is_file():
            continue
        try:
            run = RunFolder(path)
            info, records = run.info(), run.records()
        except UsageError:
            # A run that was cut off while its description was written is no run yet.
            continue
        yield Evaluation(
            name=path.name,
            set=info.set,
            system=info.system.name,
            questions=info.questions,
            answered=len(records),
            started=info.started,
            ended=info.ended,
        )


def _run(folder: Path, name: str) -> RunFolder:
    """The run ``name``, found by going through what is there."""
    known = {path.name: path for path in folder.iterdir()} if folder.is_dir() else {}
    path = known.get(name)
    if path is None or not (path / INFO).is_file():
        raise ProblemError(404, f"There is no evaluation run '{name}'.")
    return RunFolder(path)


def _report(folder: Path, name: str) -> HTMLResponse:
    from eval.report.page import render_report_page

    text = render_report_page([_summary(_run(folder, name), name)])
    return HTMLResponse(text, headers={"Content-Security-Policy": _POLICY})


def _summary(run: RunFolder, name: str) -> tuple[Summary, list[ScoredRecord]]:
    from base.settings import load_settings
    from eval.judges import judge_called
    from eval.metrics.injection import with_injections
    from eval.scoring import score, summarise

    info, records = run.info(), run.records()
    if not records:
        raise ProblemError(409, f"The run '{name}' has no answered question yet.")
    with judge_called("overlap", load_settings(), run.folder) as judge:
        scored = with_injections([score(record, judge) for record in records])
    return summarise(info, scored), scored
