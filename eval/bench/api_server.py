"""``belegt serve`` with the tiny model, for measurements that need to know what it holds.

In: settings, for the child the environment. Out: a server in a process of its own over the sample
corpus (:class:`ServerProcess`), and what that process holds at the moment (:class:`Held`). What can
fail, each one sentence: a missing model, a server that ends before it can answer.

The child is the server as people run it, but it refuses no question, remembers the tokens of its
last answers, and has routes more, ``/bench/held`` and ``/bench/said``.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

import httpx

from base.errors import BelegtError
from base.settings import PREFIX, Settings, load_settings
from eval.bench.api_recording import RecordingEngine
from eval.bench.memory import resident
from qa.api.server_discovery import Running, find_server
from qa.engine.protocol import ClosableEngine, Piece

if TYPE_CHECKING:
    from fastapi import APIRouter

    from index.encoder import Encoder
    from qa.api.app_state import Service

MODEL = "smollm2-135m-instruct"
ANSWER_TOKENS = 32
DOCUMENTS = Path(__file__).resolve().parents[2] / "corpus" / "documents"
_START_S = 120.0
_STOP_S = 40.0
_LOOK_S = 0.1
_SETTLE_S = 1.0
_ONCE = {"Connection": "close"}
"""A connection of the measurement's own must not be counted among those that grow."""


@dataclass(frozen=True)
class Held:
    """What a server's process holds: ``cells`` of open requests, resident ``memory_mb``."""

    cells: int
    requests: int
    tasks: int
    threads: int
    handles: int
    memory_mb: float


class ServerProcess:
    """A context in which such a server runs; ``settings`` beside those that it needs anyway."""

    def __init__(self, **settings: object) -> None:
        self._stack = contextlib.ExitStack()
        # Short answers: a measurement is of many requests, not of much text. No reading ahead: the
        # same question is to have the same answer at the beginning and at the end.
        # Nothing may compute beside what is measured.
        usual = {"answer_tokens": ANSWER_TOKENS, "keep_passages": "never", "tune": "off"}
        self._settings = {**usual, **settings}

    def __enter__(self) -> ServerProcess:
        """Start it and hand it the sample corpus."""
        with contextlib.ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="belegt-bench-")))
            self.settings = load_settings(
                corpus=folder / "corpus", llm=MODEL, port=0, **self._settings
            )
            log = stack.enter_context((folder / "log").open("w+", encoding="utf-8"))
            self.process = self._started(log.fileno())
            stack.callback(self._end)
            self.running = self._ready(folder / "log")
            self.client = stack.enter_context(
                httpx.Client(base_url=self.running.url, headers=self.headers, timeout=60)
            )
            self._add_documents()
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop it."""
        self._stack.close()

    @property
    def headers(self) -> dict[str, str]:
        """What a request needs to be let in."""
        return {"Authorization": f"Bearer {self.running.token}"}

    def held(self) -> Held:
        """What the server holds now."""
        found: dict[str, Any] = (
            self.client.get("/bench/held", headers=_ONCE).raise_for_status().json()
        )
        return Held(**found)

    def said(self, draft: str) -> list[Piece]:
        """The tokens of an answer that the server wrote a moment ago."""
        asked = self.client.get("/bench/said", params={"draft": draft}, headers=_ONCE)
        reply = asked.raise_for_status()
        return [Piece(**one) for one in reply.json()]

    def held_at_rest(self, patience_s: float = 30.0) -> Held:
        """What it holds once no request is left, or after ``patience_s``."""
        until = time.monotonic() + patience_s
        while self.held().requests and time.monotonic() < until:
            time.sleep(_LOOK_S)
        # Connections that their clients have closed are noticed a moment later.
        time.sleep(_SETTLE_S)
        return self.held()

    def _started(self, log: int) -> subprocess.Popen[bytes]:
        values = self.settings.model_dump(mode="json", exclude_none=True)
        known = {PREFIX + name.upper(): str(value) for name, value in values.items()}
        others = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
        return subprocess.Popen(
            [sys.executable, "-m", __spec__.name], env={**others, **known}, stderr=log
        )

    def _ready(self, log: Path) -> Running:
        until = time.monotonic() + _START_S
        while time.monotonic() < until and self.process.poll() is None:
            running = find_server(self.settings)
            if running is not None:
                return running
            time.sleep(_LOOK_S)
        lines = log.read_text("utf-8").splitlines() or ["it said nothing"]
        raise BelegtError(f"The server for the measurement did not start: {lines[-1]}")

    def _add_documents(self) -> None:
        files = [("files", (one.name, one.read_bytes())) for one in sorted(DOCUMENTS.glob("*.md"))]
        job = self.client.post("/v1/documents", files=files).raise_for_status().json()
        while job["state"] in ("waiting", "running"):
            time.sleep(_LOOK_S)
            job = self.client.get(f"/v1/jobs/{job['id']}").raise_for_status().json()
        if job["state"] != "done" or any(one["state"] == "refused" for one in job["files"]):
            raise BelegtError(f"The sample corpus was not taken: {job['reason']}")

    def _end(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def bench_router(service: Service) -> APIRouter:
    """The routes by which the child tells what it holds and said."""
    from fastapi import APIRouter

    routes = APIRouter()

    @routes.get("/bench/said")
    def said(draft: str) -> list[dict[str, Any]]:
        engine = service.require_loaded().engine
        assert isinstance(engine, RecordingEngine), "the child loads no other"
        return [vars(one) for one in engine.said(draft)]

    @routes.get("/bench/held")
    async def held() -> dict[str, float]:
        # It answers between two steps of the model, and this loop has clients to serve.
        engine = await asyncio.to_thread(service.require_loaded().engine.occupancy) or {}
        return {
            "cells": engine.get("open_cells", 0),
            "requests": service.lanes.running + engine["open"] + engine["waiting"],
            "tasks": len(asyncio.all_tasks()),
            "threads": threading.active_count(),
            "handles": sum(1 for _ in _handles()),
            "memory_mb": resident().get("resident_mb", 0.0),
        }

    return routes


def answer_everything() -> None:
    """Have no question refused in this process: the tiny model would stream next to nothing."""
    from qa.pipeline import confidence

    willing = confidence.Weights(judges="", intercept=0.0, threshold=0.0)
    confidence.weights_of = lambda *_: willing  # type: ignore[assignment]


def _handles() -> Iterator[Path]:
    with contextlib.suppress(OSError):
        yield from Path("/proc/self/fd").iterdir()


def main() -> int:
    """Serve; the child's exit code."""
    from qa.cli import serve

    answer_everything()
    load_models = serve.load_models

    def load_recording(settings: Settings) -> tuple[Encoder, ClosableEngine]:
        encoder, engine = load_models(settings)
        return encoder, RecordingEngine(engine)

    serve.load_models = load_recording
    try:
        settings = load_settings()
        with serve.listen(settings.host, settings.port) as place:
            return serve.serve(settings, place, (bench_router,))
    except BelegtError as error:
        print(f"belegt: {error}", file=sys.stderr)
        return error.exit_code


if __name__ == "__main__":
    sys.exit(main())
