"""The corpus of a running server: read by many, written by one.

In: the folder of a corpus and an encoder. Out: a retriever over its newest state for whoever
reads, and a turn to write for whoever changes it. What can fail: what the corpus and the index
raise.

Readers get a snapshot, a connection of their own with the index of one generation, and keep it to
the end of their request, whatever is written meanwhile. A snapshot is replaced as soon as the
database says that it is of an older generation, whoever changed it (``belegt index add`` beside a
running server as well), and closed when its last reader is done.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from base.settings import Settings
from corpus.store import CorpusStore
from index.build import Indexer, check_encoder, open_dense
from index.encoder import Encoder
from index.retriever import Retriever


@dataclass
class _Snapshot:
    """One generation of the corpus. ``readers`` keep it open."""

    store: CorpusStore
    retriever: Retriever
    generation: int
    readers: int = 0
    replaced: bool = False


class Library:
    """Read and write access to one corpus. Safe to use from many threads."""

    def __init__(self, settings: Settings, encoder: Encoder) -> None:
        self._settings = settings
        self._encoder = encoder
        self._lock = threading.Lock()
        self._opening = threading.Lock()
        self._writing = threading.Lock()
        # Makes the corpus where there is none: people add documents on the page.
        with CorpusStore.open(settings.corpus, create=not self._present()) as store:
            check_encoder(store, encoder)
        self._snapshot = self._open()

    @property
    def folder(self) -> Path:
        """Where the corpus lies."""
        return self._settings.corpus

    def _present(self) -> bool:
        from corpus.store import DATABASE

        return (self._settings.corpus / DATABASE).is_file()

    def _open(self, before: _Snapshot | None = None) -> _Snapshot:
        store = CorpusStore.open(self._settings.corpus)
        try:
            # Read before the index, so that a change in between makes the snapshot an old one.
            generation = store.generation
            after = None if before is None else before.retriever.dense
            dense, _ = open_dense(store, self._encoder.describe(), self._settings, after=after)
            retriever = Retriever(store, dense, self._encoder, self._settings)
        except BaseException:
            store.close()
            raise
        return _Snapshot(store, retriever, generation)

    @contextlib.contextmanager
    def reading(self) -> Iterator[Retriever]:
        """A retriever over the newest generation; its ``store`` is open as long as the context."""
        snapshot = self._take()
        try:
            yield snapshot.retriever
        finally:
            with self._lock:
                snapshot.readers -= 1
                self._close_unread(snapshot)

    @contextlib.contextmanager
    def store(self) -> Iterator[CorpusStore]:
        """The newest generation without its index."""
        with self.reading() as retriever:
            yield retriever.store

    def _take(self) -> _Snapshot:
        with self._lock:
            self._snapshot.readers += 1
            current = self._snapshot
        if current.store.generation == current.generation:
            return current
        # Whoever has a snapshot already, or is done with one, does not wait for this.
        try:
            with self._opening:
                if self._snapshot is current:
                    new = self._open(current)
                    with self._lock:
                        self._snapshot, current.replaced = new, True
                with self._lock:
                    self._snapshot.readers += 1
                    return self._snapshot
        finally:
            with self._lock:
                current.readers -= 1
                self._close_unread(current)

    @staticmethod
    def _close_unread(snapshot: _Snapshot) -> None:
        if snapshot.replaced and not snapshot.readers:
            snapshot.store.close()

    @contextlib.contextmanager
    def writing(self) -> Iterator[tuple[CorpusStore, Indexer]]:
        """A connection and an indexer for changes; one writer at a time, others wait."""
        with self._writing, CorpusStore.open(self._settings.corpus, create=True) as store:
            yield store, Indexer(store, self._encoder, self._settings)

    def consistent(self) -> bool:
        """Whether the index that readers get is of the database's present generation."""
        with self.reading() as retriever:
            return retriever.store.generation == self._snapshot.generation

    def close(self) -> None:
        """Close the corpus, once its readers are done."""
        with self._lock:
            self._snapshot.replaced = True
            self._close_unread(self._snapshot)
