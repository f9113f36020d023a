"""Whether a corpus holds what it says, and its derived parts made again.

In: an open corpus. Out: every fault that was found, each one sentence, and whether it was mended.
What can fail: a database that SQLite cannot read at all.

Checked are the database's own structure, each document's digest, each passage's place in its
text, its vectors and those of its sentences, its terms, the counts, the dense index with its
files, and what was kept of documents that are gone. Terms, vectors and files are derived and can
be made again; a text that does not fit its digest cannot.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from base.errors import BelegtError
from base.files import sha256_of
from base.settings import Settings
from corpus.cache_folder import FOLDER, kept_folder, sweep
from corpus.document import Document
from corpus.filters import Filters
from corpus.loaders import digest
from corpus.store import CorpusStore, StoredPassage
from index.build import Indexer, open_dense, passage_terms, stored_encoder
from index.dense import LOCAL, StaleIndexError
from index.encoder import Encoder, EncoderDescription
from index.faiss_index import forget_files, stored_manifest

_LENGTH_OFF = 0.02
"""How far a vector's length may be from 1; half precision is off by a thousandth."""


@dataclass
class CheckReport:
    """What was found and what was done."""

    documents: int = 0
    passages: int = 0
    faults: list[str] = field(default_factory=list)
    """One sentence each."""
    repaired: list[str] = field(default_factory=list)
    """Which parts were made again."""


@dataclass
class _Found:
    """What must be made again: ids of documents, ids of passages with their terms, parts."""

    documents: dict[str, None] = field(default_factory=dict)
    terms: dict[int, str] = field(default_factory=dict)
    lone_terms: list[int] = field(default_factory=list)
    dense: bool = False
    kept: bool = False


class Checker:
    """Checks one corpus. ``load`` loads the encoder, only where vectors must be made again."""

    def __init__(self, store: CorpusStore, settings: Settings, load: Callable[[], Encoder]) -> None:
        self._store = store
        self._settings = settings
        self._load = load
        self._found = _Found()
        self._report = CheckReport()

    def run(self, *, repair: bool = False) -> CheckReport:
        """Check everything; with ``repair``, make derived parts again."""
        report, encoder = self._report, stored_encoder(self._store)
        report.faults += _structure(self._store)
        for info in self._store.documents():
            report.documents += 1
            self._check_document(info.id, encoder)
        report.passages = self._store.passage_count()
        self._check_lone_terms()
        if encoder is not None:
            self._check_dense(encoder)
        self._check_kept()
        if repair:
            self._repair(encoder)
        return report

    def _check_document(self, document_id: str, encoder: EncoderDescription | None) -> None:
        document = self._store.document(document_id)
        if digest(document) != self._store.digest(document_id):
            self._report.faults.append(
                f"Document '{document_id}' does not fit its digest; add it again."
            )
        ids = self._store.passage_ids(Filters(documents=(document_id,))).tolist()
        passages = self._store.passages(ids)
        ordinals = sorted(one.passage.ordinal for one in passages.values())
        if not ids or ordinals != list(range(len(ids))):
            self._again(document_id, f"Document '{document_id}' lacks passages.")
        terms = self._terms(ids)
        vectors = dict(zip(ids, self._raw_vectors(ids), strict=True))
        for number, stored in passages.items():
            self._check_passage(document, stored, vectors[number], encoder)
            if terms.get(number) != passage_terms(document, stored.passage):
                self._report.faults.append(
                    f"Passage {stored.passage.ordinal} of document '{document_id}' has other "
                    "terms than its text."
                )
                self._found.terms[number] = passage_terms(document, stored.passage)

    def _check_passage(
        self,
        document: Document,
        stored: StoredPassage,
        vector: bytes,
        encoder: EncoderDescription | None,
    ) -> None:
        try:
            stored.passage.check(document)
        except BelegtError as error:
            self._again(document.id, str(error))
        name = f"Passage {stored.passage.ordinal} of document '{document.id}'"
        if encoder is None or not _is_unit(vector, "<f4", encoder.dimension, 1):
            self._again(document.id, f"{name} has a vector that is none of its encoder.")

    def _terms(self, ids: list[int]) -> dict[int, str]:
        with self._store.reading() as connection:
            return dict(
                connection.execute(
                    "SELECT rowid, stems FROM passage_terms "
                    f"WHERE rowid IN ({', '.join('?' * len(ids))})",
                    ids,
                )
            )

    def _raw_vectors(self, ids: list[int]) -> list[bytes]:
        with self._store.reading() as connection:
            return [
                row[0]
                for row in connection.execute(
                    f"SELECT vector FROM passages WHERE id IN ({', '.join('?' * len(ids))}) "
                    "ORDER BY id",
                    ids,
                )
            ]

    def _again(self, document_id: str, fault: str) -> None:
        self._report.faults.append(fault)
        self._found.documents[document_id] = None

    def _check_lone_terms(self) -> None:
        with self._store.reading() as connection:
            rows = connection.execute(
                "SELECT rowid FROM passage_terms EXCEPT SELECT id FROM passages"
            ).fetchall()
        self._found.lone_terms = [row[0] for row in rows]
        if rows:
            self._report.faults.append(f"There are terms of {len(rows)} passages that are gone.")

    def _check_dense(self, encoder: EncoderDescription) -> None:
        for fault in self._dense_faults(encoder):
            self._report.faults.append(fault)
            self._found.dense = True

    def _dense_faults(self, encoder: EncoderDescription) -> Iterator[str]:
        try:
            manifest = stored_manifest(self._store) if self._settings.index == LOCAL else None
        except StaleIndexError as error:
            yield f"The dense index will be made again, because {error}."
            return
        damaged = False
        for file in manifest.files if manifest is not None else ():
            path = self._store.folder / file.name
            if not path.is_file():
                damaged = True
                yield f"The file '{file.name}' of the dense index is missing."
            elif sha256_of(path) != file.sha256:
                damaged = True
                yield f"The file '{file.name}' of the dense index is damaged."
        if damaged:
            return
        dense, _ = open_dense(self._store, encoder, self._settings)
        if dense.count() != self._store.passage_count():
            yield (
                f"The dense index has {dense.count()} passages, the database "
                f"{self._store.passage_count()}."
            )

    def _check_kept(self) -> None:
        known = {kept_folder(self._store.folder, one.id).name for one in self._store.documents()}
        lone = [one for one in self._store.folder.glob(f"{FOLDER}/*") if one.name not in known]
        if lone:
            self._found.kept = True
            self._report.faults.append(
                f"There are readings of {len(lone)} documents that are gone."
            )

    def _repair(self, encoder: EncoderDescription | None) -> None:
        found, done = self._found, self._report.repaired
        if found.documents:
            indexer = Indexer(self._store, self._load(), self._settings)
            for document_id in found.documents:
                indexer.reindex(document_id)
            done.append(f"passages of {len(found.documents)} documents")
        terms = {
            number: stems for number, stems in found.terms.items() if self._store.passages([number])
        }
        if terms or found.lone_terms:
            _write_terms(self._store, terms, found.lone_terms)
            done.append(f"terms of {len(terms) + len(found.lone_terms)} passages")
        if found.dense and encoder is not None:
            forget_files(self._store)
            dense, _ = open_dense(self._store, encoder, self._settings)
            dense.save()
            done.append("the dense index")
        if found.kept:
            sweep(self._store.folder, (one.id for one in self._store.documents()))
            done.append("kept readings")


def _structure(store: CorpusStore) -> list[str]:
    """What SQLite itself finds; the full-text table is checked with it."""
    with store.reading() as connection:
        said = [str(row[0]) for row in connection.execute("PRAGMA integrity_check(10)")]
        lone = connection.execute("PRAGMA foreign_key_check").fetchall()
    faults = [f"The database is damaged: {one}; restore a backup." for one in said if one != "ok"]
    if lone:
        faults.append(f"The database has {len(lone)} rows of documents that are gone.")
    if store.writable:
        try:
            # Written as an insertion, it changes nothing.
            with store.reading() as connection:
                connection.execute(
                    "INSERT INTO passage_terms (passage_terms) VALUES ('integrity-check')"
                )
        except sqlite3.DatabaseError as error:
            faults.append(f"The full-text index is damaged ({error}).")
    return faults


def _write_terms(store: CorpusStore, terms: dict[int, str], lone: list[int]) -> None:
    with store.transaction(), store.reading() as connection:
        connection.execute("INSERT INTO passage_terms (passage_terms) VALUES ('rebuild')")
        for number in [*lone, *terms]:
            connection.execute("DELETE FROM passage_terms WHERE rowid = ?", (number,))
        connection.executemany(
            "INSERT INTO passage_terms (rowid, stems) VALUES (?, ?)", list(terms.items())
        )


def _is_unit(data: bytes, kind: str, dimension: int, rows: int) -> bool:
    if len(data) != np.dtype(kind).itemsize * dimension * rows:
        return False
    vectors = np.frombuffer(data, dtype=kind).astype(np.float64).reshape(rows, dimension)
    lengths = np.linalg.norm(vectors, axis=1)
    return bool(np.isfinite(vectors).all() and (np.abs(lengths - 1) < _LENGTH_OFF).all())
