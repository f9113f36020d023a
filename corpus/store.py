"""The one truth on disk: a SQLite database of documents, passages, terms and vectors.

In: documents with their passages, stemmed terms and vectors, in whole. Out: the same again, by
id, and BM25 over the terms. Each change is one transaction that also advances ``generation``,
by which anything derived (the dense index) knows whether it is current.

What can fail, each as one sentence: a folder that does not exist or cannot be written, a file
that is not such a database, a database newer than this program, offsets that do not fit.
"""

from __future__ import annotations

import json
import os
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from base.errors import BelegtError, UsageError
from corpus import copies, regions, schema
from corpus.cache_folder import forget
from corpus.document import Document, Language, Passage, SentenceContext, Span
from corpus.filters import Filters
from corpus.migrations import version, write_ahead
from corpus.places import PlaceMap, Provenance
from corpus.provenance import place_of
from corpus.reader_pool import ReaderPool

DATABASE = "corpus.sqlite"
Vectors = NDArray[np.float32]
Ids = NDArray[np.int64]


@dataclass(frozen=True)
class StoredPassage:
    """A passage with its database id and the facts of its document.

    ``sentence_vectors``: float32 (sentences, dimension), or None where a corpus has none yet.
    """

    id: int
    passage: Passage
    title: str
    source: str | None
    date: str | None
    language: Language
    path: str
    sentence_vectors: Vectors | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True)
class DocumentInfo:
    """One line of a corpus listing."""

    id: str
    title: str
    source: str | None
    date: str | None
    language: str
    path: str
    passages: int
    characters: int


@dataclass(frozen=True)
class ListedDocument(DocumentInfo):
    """The same with the moment it was stored (ISO 8601, UTC) and the digest of its content."""

    added: str
    digest: str


@dataclass(frozen=True)
class Prepared:
    """A document ready to be stored: ``vectors`` is float32 (passages, dimension).

    ``sentence_vectors``: for each passage float32 (sentences, dimension); empty where only
    passages were encoded. They are kept in half precision.
    """

    document: Document
    digest: str
    passages: Sequence[Passage]
    terms: Sequence[str]
    vectors: Vectors
    sentence_vectors: Sequence[Vectors] = ()
    signature: copies.Signature | None = None
    """What tells copies of its text."""


class CorpusStore:
    """The database of one corpus folder. Use as a context manager or call ``close``."""

    def __init__(
        self,
        folder: Path,
        connection: sqlite3.Connection,
        *,
        writable: bool,
        connect: Callable[[], sqlite3.Connection] | None = None,
    ) -> None:
        """``connect`` opens the same database once more, for questions of other threads."""
        self.folder = folder
        self.writable = writable
        self._connection = connection
        self._owner = threading.get_ident()
        self._readers = None if connect is None else ReaderPool(connect)

    @classmethod
    def open(cls, folder: Path, *, create: bool = False) -> CorpusStore:
        """Open the corpus in ``folder``; with ``create``, make it where it does not exist."""
        file = folder / DATABASE
        if not file.is_file():
            if not create:
                raise UsageError(
                    f"There is no corpus in '{folder}'; add documents with "
                    f"'belegt index add PATH --corpus {folder}'."
                )
            _make_folder(folder)
        writable = os.access(folder, os.W_OK) and (not file.exists() or os.access(file, os.W_OK))
        if create and not writable:
            raise UsageError(f"The corpus folder '{folder}' is read-only; nothing was changed.")
        return cls(
            folder,
            _connect(file, writable=writable),
            writable=writable,
            connect=lambda: _connect_reader(file, writable=writable),
        )

    def close(self) -> None:
        """Release the database."""
        if self._readers is not None:
            self._readers.close()
        self._connection.close()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection to ask, which no other thread uses meanwhile.

        One connection answers one question at a time, so that threads would wait for each other.
        The thread that opened the store sees what its open transaction has changed.
        """
        if self._readers is None or threading.get_ident() == self._owner:
            yield self._connection
            return
        with self._readers.connection() as connection:
            yield connection

    def __enter__(self) -> CorpusStore:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def require_writable(self) -> None:
        """Raise UsageError where nothing can be changed."""
        if not self.writable:
            raise UsageError(
                f"The corpus folder '{self.folder}' is read-only; nothing was changed."
            )

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing, for every call inside; nested use joins the outer one."""
        if self._connection.in_transaction:
            yield
            return
        self.require_writable()
        self._owner = threading.get_ident()
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            yield
            self._connection.execute(
                "UPDATE meta SET value = CAST(value AS INTEGER) + 1 WHERE key = 'generation'"
            )
            self._connection.execute("COMMIT")
        except BaseException as error:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            if isinstance(error, sqlite3.OperationalError):
                raise BelegtError(
                    f"The corpus in '{self.folder}' could not be written ({error}); "
                    "nothing was changed."
                ) from error
            raise

    def change(self, statement: str, values: Sequence[object] = ()) -> None:
        """Carry out one statement, in a transaction of its own or in the open one."""
        with self.transaction():
            self._connection.execute(statement, values)

    def ask(self, question: str, values: Sequence[object] = ()) -> list[Any]:
        """All rows that answer an SQL question."""
        with self.reading() as connection:
            return connection.execute(question, values).fetchall()

    @property
    def generation(self) -> int:
        """How many changes this database has seen."""
        return int(self.meta("generation") or 0)

    @property
    def identity(self) -> str:
        """A random name given to this database when it was made."""
        return self.meta("identity") or ""

    def meta(self, key: str) -> str | None:
        """A stored fact about the corpus, or None."""
        rows = self.ask("SELECT value FROM meta WHERE key = ?", (key,))
        return str(rows[0][0]) if rows else None

    def make_durable(self) -> None:
        """Have every later transaction of this connection outlive a power cut.

        Without it the last ones may be lost then, though never in part (SQLite documentation,
        "PRAGMA synchronous").
        """
        self._connection.execute("PRAGMA synchronous = FULL")

    def set_meta(self, key: str, value: str) -> None:
        """Store a fact about the corpus."""
        with self.transaction():
            self._connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    def put(self, prepared: Prepared) -> list[int]:
        """Store a document in place of an earlier one of its id; the new passage ids."""
        document = prepared.document
        if not len(prepared.passages) == len(prepared.terms) == len(prepared.vectors):
            raise ValueError("passages, terms and vectors must be of one length")
        if len(prepared.sentence_vectors) not in (0, len(prepared.passages)):
            raise ValueError("all passages or none must have vectors of their sentences")
        for passage in prepared.passages:
            passage.check(document)
        with self.transaction():
            added = self._added(document.id, prepared.digest)
            self._delete(document.id)
            self._connection.execute(
                "INSERT INTO documents (id, path, title, source, date, language, text, metadata, "
                "digest, added, regions) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    document.id,
                    document.path,
                    document.title,
                    document.source,
                    document.date,
                    document.language,
                    document.text,
                    json.dumps(document.metadata, ensure_ascii=False),
                    prepared.digest,
                    added or datetime.now(UTC).isoformat(timespec="seconds"),
                    regions.to_bytes(document.regions) if document.regions else None,
                ),
            )
            if document.places is not None:
                self._connection.execute(
                    "INSERT INTO places VALUES (?, ?)", (document.id, document.places.pack())
                )
            if prepared.signature is not None:
                copies.put(self._connection, document.id, prepared.signature)
            rows = zip(prepared.passages, prepared.terms, prepared.vectors, strict=True)
            numbers = [self._put_passage(*row) for row in rows]
            self._connection.executemany(
                "INSERT INTO sentence_vectors VALUES (?, ?)",
                [
                    (number, np.asarray(vectors, dtype="<f2").tobytes())
                    for number, vectors in zip(numbers, prepared.sentence_vectors, strict=False)
                ],
            )
            return numbers

    def _added(self, document_id: str, content: str) -> str | None:
        """When this very content was stored: to index it again is not to add it."""
        row = self._connection.execute(
            "SELECT added FROM documents WHERE id = ? AND digest = ?", (document_id, content)
        ).fetchone()
        return None if row is None else str(row[0])

    def _put_passage(self, passage: Passage, stems: str, vector: Vectors) -> int:
        spans = [[span.start, span.end] for span in passage.sentences]
        cursor = self._connection.execute(
            'INSERT INTO passages (document_id, ordinal, start, "end", sentences, vector, role, '
            "contexts) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                passage.document_id,
                passage.ordinal,
                passage.start,
                passage.end,
                json.dumps(spans),
                np.asarray(vector, dtype="<f4").tobytes(),
                passage.role,
                _contexts_text(passage.contexts),
            ),
        )
        row = int(cursor.lastrowid or 0)
        self._connection.execute(
            "INSERT INTO passage_terms (rowid, stems) VALUES (?, ?)", (row, stems)
        )
        return row

    def remove(self, document_id: str) -> bool:
        """Forget a document; False if it was not there."""
        with self.transaction():
            return self._delete(document_id)

    def _delete(self, document_id: str) -> bool:
        forget(self.folder, document_id)
        self._connection.execute(
            "DELETE FROM passage_terms WHERE rowid IN "
            "(SELECT id FROM passages WHERE document_id = ?)",
            (document_id,),
        )
        cursor = self._connection.execute("DELETE FROM documents WHERE id = ?", (document_id,))
        return cursor.rowcount > 0

    def digest(self, document_id: str) -> str | None:
        """The content digest a document was stored with, or None if it is not there."""
        row = self._connection.execute(
            "SELECT digest FROM documents WHERE id = ?", (document_id,)
        ).fetchone()
        return None if row is None else str(row[0])

    def document(self, document_id: str) -> Document:
        """The stored document; UsageError if there is none of that id."""
        row = self._connection.execute(
            "SELECT id, path, title, source, date, language, text, metadata, regions, places "
            "FROM documents LEFT JOIN places ON document_id = id WHERE id = ?",
            (document_id,),
        ).fetchone()
        if row is None:
            raise UsageError(
                f"There is no document '{document_id}' in '{self.folder}'; "
                "'belegt index list' shows those that are."
            )
        names = ("id", "path", "title", "source", "date", "language", "text")
        return Document(
            **dict(zip(names, row[:7], strict=True)),
            metadata=json.loads(row[7]),
            regions=() if row[8] is None else regions.from_bytes(row[8]),
            places=None if row[9] is None else PlaceMap.unpack(row[9]),
        )

    def place_of(self, document_id: str, start: int, end: int) -> Provenance:
        """Where the span ``start`` to ``end`` of a document's text stands in its original.

        Empty where that is not known; UsageError if there is no document of that id.
        """
        return place_of(self.document(document_id), start, end)

    def copies_of(self, document_id: str, told: copies.Signature) -> list[copies.Copy]:
        """The other documents that say what the text that ``told`` is of says."""
        with self.reading() as connection:
            return copies.find(connection, document_id, told)

    def copy_groups(self, document_ids: Sequence[str]) -> dict[str, str]:
        """For each of ``document_ids`` the first of them that it is a copy or near-copy of.

        One that is no copy of any before it stands for itself.
        """
        with self.reading() as connection:
            return copies.groups(connection, document_ids)

    def documents(self) -> list[DocumentInfo]:
        """All documents, by id."""
        rows = self._connection.execute(
            "SELECT documents.id, title, source, date, language, path, count(passages.id), "
            "length(text) FROM documents LEFT JOIN passages ON document_id = documents.id "
            "GROUP BY documents.id ORDER BY documents.id"
        )
        return [DocumentInfo(*row) for row in rows]

    def listed(
        self, filters: Filters, words: str = "", after: str = "", limit: int = -1
    ) -> list[ListedDocument]:
        """``limit`` documents whose ids come after ``after``, by id.

        They pass ``filters``, and title or path holds ``words``, whatever the case.
        """
        where, values = _where(filters, words)
        rows = self._connection.execute(
            "SELECT id, title, source, date, language, path, (SELECT count(*) FROM passages "
            "WHERE document_id = documents.id), length(text), added, digest FROM documents "
            f"WHERE {where} AND id > ? ORDER BY id LIMIT ?",
            [*values, after, limit],
        )
        return [ListedDocument(*row) for row in rows]

    def listed_count(self, filters: Filters, words: str = "") -> int:
        """How many documents :meth:`listed` would give."""
        where, values = _where(filters, words)
        rows = self._connection.execute(f"SELECT count(*) FROM documents WHERE {where}", values)
        return int(rows.fetchone()[0])

    def document_count(self) -> int:
        """How many documents there are."""
        return int(self._connection.execute("SELECT count(*) FROM documents").fetchone()[0])

    def sources(self, limit: int) -> list[str]:
        """The first ``limit`` distinct sources of documents, by name."""
        rows = self._connection.execute(
            "SELECT DISTINCT source FROM documents WHERE source IS NOT NULL ORDER BY source "
            "LIMIT ?",
            (limit,),
        )
        return [str(row[0]) for row in rows]

    def languages(self, filters: Filters) -> dict[Language, int]:
        """Number of passages per language among the documents that pass ``filters``."""
        where, values = filters.where()
        rows = self.ask(
            "SELECT language, count(*) FROM passages JOIN documents ON document_id = documents.id "
            f"WHERE {where} GROUP BY language",
            values,
        )
        return dict(rows)

    def passage_count(self) -> int:
        """How many passages there are."""
        return int(self.ask("SELECT count(*) FROM passages")[0][0])

    def passage_ids(self, filters: Filters) -> Ids:
        """Ids of the passages whose documents pass ``filters``; int64, ascending."""
        where, values = filters.where()
        rows = self.ask(
            "SELECT passages.id FROM passages JOIN documents ON document_id = documents.id "
            f"WHERE {where}",
            values,
        )
        return np.sort(np.fromiter((row[0] for row in rows), dtype=np.int64, count=len(rows)))

    def passages(self, ids: Iterable[int]) -> dict[int, StoredPassage]:
        """The passages of ``ids`` that exist, by id."""
        wanted = [int(number) for number in ids]
        rows = self.ask(
            'SELECT passages.id, document_id, ordinal, start, "end", sentences, '
            'substr(text, start + 1, "end" - start), title, source, date, language, path, vectors, '
            "role, contexts "
            "FROM passages JOIN documents ON document_id = documents.id "
            "LEFT JOIN sentence_vectors ON passage_id = passages.id "
            f"WHERE passages.id IN ({', '.join('?' * len(wanted))})",
            wanted,
        )
        return {row[0]: _stored_passage(row) for row in rows}

    def vectors(self, ids: Iterable[int] | None = None) -> tuple[Ids, Vectors]:
        """Passage ids and their vectors: int64 (n,), float32 (n, dimension), by ascending id."""
        condition, values = "", []
        if ids is not None:
            values = [int(number) for number in ids]
            condition = f"WHERE id IN ({', '.join('?' * len(values))})"
        rows = self.ask(f"SELECT id, vector FROM passages {condition} ORDER BY id", values)
        numbers = np.fromiter((row[0] for row in rows), dtype=np.int64, count=len(rows))
        data = np.frombuffer(b"".join(row[1] for row in rows), dtype="<f4").astype(np.float32)
        return numbers, data.reshape(len(rows), -1) if rows else np.zeros((0, 0), np.float32)

    def bm25(self, stems: Sequence[str], filters: Filters, limit: int) -> list[tuple[int, float]]:
        """The ``limit`` best passages for any of ``stems`` by Okapi BM25, best first.

        SQLite's FTS5 computes it with k1 = 1.2 and b = 0.75 (SQLite documentation, "The bm25()
        function") and returns it negated, hence the sign.
        """
        if not stems:
            return []
        where, values = filters.where()
        match = " OR ".join(f'"{stem}"' for stem in stems)
        rows = self.ask(
            "SELECT passage_terms.rowid, -bm25(passage_terms) AS score FROM passage_terms "
            "JOIN passages ON passages.id = passage_terms.rowid "
            "JOIN documents ON documents.id = document_id "
            f"WHERE passage_terms MATCH ? AND {where} ORDER BY score DESC LIMIT ?",
            [match, *values, limit],
        )
        return [(int(row[0]), float(row[1])) for row in rows]

    def document_frequencies(self, stems: Sequence[str]) -> dict[str, int]:
        """In how many passages each stem occurs; absent ones are left out."""
        return dict(
            self.ask(
                f"SELECT term, doc FROM term_counts WHERE term IN ({', '.join('?' * len(stems))})",
                list(stems),
            )
        )


def _where(filters: Filters, words: str) -> tuple[str, list[str]]:
    """``filters`` and ``words`` as a condition over ``documents``."""
    where, values = filters.where()
    if not words:
        return where, values
    folded = words.casefold()
    held = "(instr(casefold(title), ?) OR instr(casefold(path), ?))"
    return f"{where} AND {held}", [*values, folded, folded]


@contextmanager
def damage_told() -> Iterator[None]:
    """Turn what SQLite says of a damaged or locked database into one sentence."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        raise BelegtError(
            f"The corpus database is damaged or in use ({error}); try again, or move the corpus "
            "folder away and add the documents again."
        ) from error


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"The corpus folder '{folder}' cannot be made ({error.strerror}); "
            "name another with --corpus."
        ) from error


def _connect(file: Path, *, writable: bool) -> sqlite3.Connection:
    # A folder that cannot be written cannot hold SQLite's lock files either; "immutable" is
    # SQLite's way to read such a database, and safe because nothing can change it.
    mode = "mode=rwc" if writable else "mode=ro&immutable=1"
    address = f"{file.resolve().as_uri()}?{mode}"
    try:
        connection = sqlite3.connect(
            address, uri=True, isolation_level=None, timeout=30, check_same_thread=False
        )
        connection.execute("PRAGMA foreign_keys = ON")
        # SQLite's own lower() and LIKE know the case of ASCII letters only.
        connection.create_function("casefold", 1, str.casefold, deterministic=True)
        if writable:
            write_ahead(connection)
            connection.execute("PRAGMA synchronous = NORMAL")
        found = version(connection)
        if writable or found > schema.LATEST:
            schema.migrate(connection, str(file))
        elif found < schema.LATEST:
            raise UsageError(
                f"The corpus database '{file}' has schema version {found} and cannot be brought "
                f"to {schema.LATEST}, because its folder is read-only; make the folder writable."
            )
    except sqlite3.DatabaseError as error:
        raise UsageError(
            f"'{file}' cannot be opened as a corpus database ({error}); move it away and add the "
            "documents again."
        ) from error
    return connection


def _connect_reader(file: Path, *, writable: bool) -> sqlite3.Connection:
    connection = _connect(file, writable=writable)
    connection.execute("PRAGMA query_only = ON")
    return connection


def _stored_passage(row: tuple[Any, ...]) -> StoredPassage:
    number, document_id, ordinal, start, end, sentences, text, *facts = row
    title, source, date, language, path, vectors, role, contexts = facts
    spans = tuple(Span(start=first, end=last) for first, last in json.loads(sentences))
    return StoredPassage(
        id=number,
        passage=Passage(
            document_id=document_id,
            ordinal=ordinal,
            start=start,
            end=end,
            text=text,
            sentences=spans,
            role=role,
            contexts=_contexts(contexts),
        ),
        title=title,
        source=source,
        date=date,
        language=language,
        path=path,
        sentence_vectors=None if vectors is None else _sentence_vectors(vectors, len(spans)),
    )


def _sentence_vectors(data: bytes, sentences: int) -> Vectors:
    return np.frombuffer(data, dtype="<f2").astype(np.float32).reshape(sentences, -1)


def _contexts_text(contexts: Sequence[SentenceContext]) -> str | None:
    """The contexts of a passage as JSON: each path of headings once, pieces where there are any."""
    if not contexts:
        return None
    paths: dict[tuple[str, ...], int] = {}
    rows = [
        [paths.setdefault(context.headings, len(paths)), context.pieces] for context in contexts
    ]
    return json.dumps([list(paths), rows], ensure_ascii=False, separators=(",", ":"))


def _contexts(stored: str | None) -> tuple[SentenceContext, ...]:
    if stored is None:
        return ()
    paths, rows = json.loads(stored)
    return tuple(
        SentenceContext(headings=tuple(paths[path]), pieces=tuple(map(tuple, pieces)))
        for path, pieces in rows
    )
