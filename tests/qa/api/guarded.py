"""A small application behind everything that guards the real one, and raw connections to it."""

from __future__ import annotations

import asyncio
import contextlib
import select
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import uvicorn
from fastapi import Depends, FastAPI, Request, UploadFile
from fastapi.responses import PlainTextResponse, Response, StreamingResponse
from fastapi.staticfiles import StaticFiles
from pydantic import BaseModel
from starlette.testclient import TestClient
from starlette.types import ASGIApp

from base.settings import Settings
from qa.api.metrics import Metrics
from qa.api.middleware import observe
from qa.api.middleware.access import caller_of, require
from qa.api.middleware.connection import server_options
from qa.api.middleware.secured import secure
from qa.api.problems import ProblemError, install
from qa.api.routes import keys
from qa.api.storage.keys import Access, KeyRole

LOOPBACK = "http://127.0.0.1"
SECRET_FILE = "what nobody may read"
QUESTION = "Wer verdient bei uns am meisten?"
WAIT_S = 300.0
"""Time after which a test that waits for a server has failed."""


class Question(BaseModel):
    question: str


def application(static: Path, access: Access) -> FastAPI:
    """One route of each kind; documents lie in a dict, as the real ones do in a database."""
    app = FastAPI(docs_url=None, redoc_url=None)
    install(app)
    documents = {"a-12345678": "<script>alert(1)</script>"}

    @app.get("/healthz")
    def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/")
    def page() -> Response:
        return Response("<!doctype html>", media_type="text/html")

    @app.post("/v1/ask", dependencies=[Depends(require("reader"))])
    def ask(body: Question, request: Request) -> dict[str, str]:
        return {"question": body.question, "caller": caller_of(request).name}

    @app.get("/v1/documents/{name}", dependencies=[Depends(require("reader"))])
    def read(name: str) -> PlainTextResponse:
        if name not in documents:
            raise ProblemError(404, f"There is no document '{name}'.")
        return PlainTextResponse(documents[name], headers={"Cache-Control": "private"})

    @app.delete("/v1/documents/{name}", status_code=204, dependencies=[Depends(require("editor"))])
    def remove(name: str) -> None:
        documents.pop(name, None)

    @app.post("/v1/documents", dependencies=[Depends(require("editor"))])
    async def upload(files: list[UploadFile]) -> list[int]:
        return [len(await file.read()) for file in files]

    @app.post("/v1/unread")
    async def unread() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/v1/boom")
    def boom() -> None:
        raise RuntimeError(f"cannot digest {QUESTION}")

    @app.get("/v1/broken-header")
    def broken_header(value: str) -> Response:
        return Response("x", headers={"X-Value": value})

    @app.get("/v1/flood")
    def flood() -> StreamingResponse:
        async def chunks() -> AsyncIterator[bytes]:
            while True:
                yield b"x" * 65536
                await asyncio.sleep(0)

        return StreamingResponse(chunks())

    @app.get("/v1/slow")
    async def slow() -> dict[str, str]:
        await asyncio.sleep(1)
        return {"status": "ok"}

    @app.get("/v1/pinned")
    def pinned(_: Annotated[object, Depends(require("admin"))]) -> dict[str, bool]:
        return {"admin": True}

    app.include_router(keys.router(access))
    app.include_router(observe.router())
    app.mount("/static", StaticFiles(directory=static))
    return app


@dataclass(frozen=True)
class Guarded:
    """The application, who may use it, and what it counts."""

    app: ASGIApp
    access: Access
    metrics: Metrics
    settings: Settings

    def client(self, key: str | None = None, **headers: str) -> TestClient:
        """A client that sends ``key`` and ``headers`` with each request."""
        if key is not None:
            headers["Authorization"] = f"Bearer {key}"
        return TestClient(self.app, base_url=LOOPBACK, headers=headers)

    def key(self, role: KeyRole, name: str | None = None) -> str:
        """A new key."""
        return self.access.keys.create(name or role, role)[1]


@contextlib.contextmanager
def guarded(folder: Path, *, loopback: bool = True, **settings: Any) -> Iterator[Guarded]:
    """The application over a corpus folder; beyond loopback an admin's key is made first."""
    found = Settings(cache=folder / "cache", corpus=folder / "corpus", **settings)
    static = folder / "static"
    for made in (found.corpus, static):
        made.mkdir(exist_ok=True)
    (static / "app.js").write_text("'use strict'", encoding="utf-8")
    (folder / "secret.txt").write_text(SECRET_FILE, encoding="utf-8")
    access = Access(found.corpus, loopback=loopback)
    metrics = Metrics()
    try:
        app = secure(application(static, access), access, found, metrics)
        yield Guarded(app, access, metrics, found)
    finally:
        access.close()


@contextlib.contextmanager
def running(served: Guarded) -> Iterator[int]:
    """``served`` behind a real server on loopback, with the real options; its port."""
    with socket.create_server(("127.0.0.1", 0)) as place:
        server = uvicorn.Server(uvicorn.Config(served.app, **server_options(served.settings)))
        thread = threading.Thread(target=server.run, args=([place],), daemon=True)
        thread.start()
        try:
            yield int(place.getsockname()[1])
        finally:
            server.should_exit = True
            thread.join(WAIT_S)


@contextlib.contextmanager
def connected(port: int) -> Iterator[socket.socket]:
    """A raw connection."""
    with socket.create_connection(("127.0.0.1", port), timeout=WAIT_S) as connection:
        yield connection


def trickle(connection: socket.socket, text: bytes) -> None:
    """Send byte by byte, each in good time, until there is an answer or the other side is gone."""
    with contextlib.suppress(ConnectionError):
        for number in range(len(text)):
            if select.select([connection], [], [], 0.05)[0]:
                return
            connection.sendall(text[number : number + 1])


def everything(connection: socket.socket) -> bytes:
    """What comes until the other side hangs up."""
    parts: list[bytes] = []
    with contextlib.suppress(ConnectionResetError):
        while part := connection.recv(65536):
            parts.append(part)
    return b"".join(parts)


def one_answer(connection: socket.socket) -> bytes:
    """A JSON answer, on a connection that may go on."""
    answer = b""
    while not answer.endswith(b"}"):
        part = connection.recv(65536)
        assert part, answer
        answer += part
    return answer


def still_serves(port: int) -> bool:
    """Whether another client is answered."""
    with connected(port) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        return everything(connection).startswith(b"HTTP/1.1 200")
