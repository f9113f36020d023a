"""A service over four short documents, with an engine that says what it is told to."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import uvicorn
from fakes import HashingEncoder, Script, ScriptedEngine
from samples import DOCUMENTS

from base.settings import Settings
from corpus.store import CorpusStore
from index.build import Indexer
from qa.api.app import create_app
from qa.api.app_state import Service
from qa.api.middleware.connection import server_options
from qa.api.middleware.secured import secure
from qa.api.storage.keys import Access

QUESTION = "Was zahlte Meta für 49 Prozent von Scale AI?"
GOOD = "Meta zahlte 14,3 Milliarden Dollar für 49 Prozent von Scale AI."
SECOND = "Der Vertrag wurde im Juni 2025 unterschrieben."


def made_service(
    folder: Path, *, empty: bool = False, **settings: Any
) -> tuple[Service, ScriptedEngine]:
    """A service that is ready, and the engine in it."""
    found = Settings(cache=folder / "cache", corpus=folder / "corpus", **settings)
    encoder, engine = HashingEncoder(), ScriptedEngine(Script(answer=GOOD))
    if not empty:
        with CorpusStore.open(found.corpus, create=True) as store:
            Indexer(store, encoder, found).add_documents(DOCUMENTS)
    service = Service(found, lambda _: (encoder, engine))
    service.start(wait=True)
    return service, engine


@contextlib.contextmanager
def running(app: Any, **options: Any) -> Iterator[str]:
    """``app`` behind a real server on loopback; its address."""
    config = uvicorn.Config(app, host="127.0.0.1", port=0, **options)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        threading.Event().wait(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(10)


@contextlib.contextmanager
def served(
    folder: Path, *, empty: bool = False, **settings: Any
) -> Iterator[tuple[str, Service, ScriptedEngine]]:
    """The whole server on loopback: its address, its service, its engine."""
    service, engine = made_service(folder, empty=empty, **settings)
    access = Access(service.settings.corpus, loopback=True)
    app = secure(create_app(service, access), access, service.settings, service.metrics)
    options = server_options(service.settings)
    with running(app, **options) as url:
        yield url, service, engine
    access.close()
