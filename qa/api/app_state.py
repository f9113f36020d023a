"""Everything a running server holds.

In: settings. Out: the corpus, the engine and what the routes share. What can fail: what loading a
model or opening a corpus raises, once somebody asks for it; until both are there the server answers
and says that it is not ready.
"""

from __future__ import annotations

import contextlib
import logging
import sqlite3
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from base.errors import BelegtError
from base.settings import Settings
from index.encoder import Encoder
from qa.api.metrics import EngineState, IndexState, Metrics
from qa.api.problems import RETRY_S, ProblemError
from qa.api.storage.database import connect
from qa.api.storage.library import Library
from qa.api.streams import Lanes
from qa.engine.protocol import ClosableEngine
from qa.engine.tune.idle import IdleMeasurement
from qa.pipeline.assistant import Assistant
from qa.pipeline.cache_warmer import CacheWarmer

_logger = logging.getLogger("belegt.api")


def _ignore() -> None:
    """Nobody is to be told."""


@dataclass(frozen=True)
class Loaded:
    """What takes seconds to load."""

    library: Library
    engine: ClosableEngine
    read_ahead: CacheWarmer


LoadModels = Callable[[Settings], tuple[Encoder, ClosableEngine]]


class Service:
    """One corpus, one engine, one database of the service. Safe to use from many threads."""

    def __init__(self, settings: Settings, load: LoadModels, *, read_ahead: bool = True) -> None:
        """``read_ahead``: whether passages are read while nobody asks, as the settings say."""
        self.settings = settings
        self._reads_ahead = read_ahead
        self._on_failure: Callable[[], None] = _ignore
        self.lanes = Lanes(settings.requests + settings.waiting_requests)
        self._load = load
        self._ready = threading.Event()
        self.leaving = threading.Event()
        self._loaded: Loaded | None = None
        self._failure: Exception | None = None
        self._thread: threading.Thread | None = None
        self._closing: list[Callable[[], None]] = []
        self.metrics = Metrics(self._engine_state, self._index_state)

    @property
    def failure(self) -> Exception | None:
        """What loading raised; None while it goes on and once it has succeeded."""
        return self._failure

    def start(self, *, wait: bool = False, on_failure: Callable[[], None] | None = None) -> None:
        """Load models and corpus in the background, or before returning.

        ``on_failure`` is called, from another thread, when they cannot be loaded.
        """
        self._on_failure = on_failure or _ignore
        self._thread = threading.Thread(target=self._run, name="belegt-load", daemon=True)
        self._thread.start()
        if wait:
            self._thread.join()
            self.require_loaded()

    def _run(self) -> None:
        try:
            encoder, engine = self._load(self.settings)
            try:
                library = Library(self.settings, encoder)
                measurement = IdleMeasurement(engine, self.settings)
                read_ahead = CacheWarmer(engine, library.store, self.settings, measurement.run)
                self._loaded = Loaded(library, engine, read_ahead)
                if self._reads_ahead:
                    read_ahead.start()
            except BaseException:
                engine.close()
                raise
        except Exception as error:
            self._failure = error
            # Belegt's own errors name files and settings, and nothing that people asked.
            reason = str(error) if isinstance(error, BelegtError) else type(error).__name__
            _logger.exception("the models or the corpus could not be loaded: %s", reason)
        finally:
            self._ready.set()
            if self._failure is not None:
                self._on_failure()

    def require_loaded(self) -> Loaded:
        """Models and corpus; raises what loading raised, or a ProblemError while it goes on."""
        if not self._ready.is_set():
            headers = {"Retry-After": str(RETRY_S)}
            raise ProblemError(503, "The models are being loaded; try again.", headers=headers)
        if self._loaded is None:
            raise ProblemError(503, f"belegt cannot answer: {self._failure}")
        return self._loaded

    @property
    def library(self) -> Library:
        """The corpus; a ProblemError while it is not there."""
        return self.require_loaded().library

    @contextlib.contextmanager
    def assistant(self) -> Iterator[Assistant]:
        """Somebody who answers from the newest state of the corpus."""
        loaded = self.require_loaded()
        with loaded.library.reading() as retriever:
            yield Assistant(
                retriever, loaded.engine, self.settings, on_cache_miss=loaded.read_ahead.want
            )

    def _engine_state(self) -> EngineState | None:
        if self._loaded is None or self._loaded.engine.failure() is not None:
            return None
        held = self._loaded.engine.occupancy()
        if held is None:
            return None
        return EngineState(held["open"], held["waiting"], held["cells"], self.settings.cells)

    def _index_state(self) -> IndexState | None:
        if self._loaded is None:
            return None
        with self._loaded.library.reading() as retriever:
            store = retriever.store
            return IndexState(store.generation, store.document_count(), store.passage_count())

    def database(self) -> sqlite3.Connection:
        """A new connection to the service's database, to be closed by whoever asked."""
        self.settings.corpus.mkdir(parents=True, exist_ok=True)
        return connect(self.settings.corpus)

    def on_close(self, call: Callable[[], None]) -> None:
        """Have ``call`` made when the service is closed, before the corpus is."""
        self._closing.append(call)

    def leave(self) -> None:
        """Have whatever only waits for news end, because the server is about to."""
        self.leaving.set()

    def close(self) -> None:
        """Cancel what runs, stop what was started, free the models."""
        self.lanes.close()
        for call in reversed(self._closing):
            call()
        if self._thread is not None:
            self._thread.join()
        if self._loaded is not None:
            self._loaded.read_ahead.close()
            self._loaded.library.close()
            self._loaded.engine.close()
            self._loaded = None
