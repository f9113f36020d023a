"""The database's tables, as numbered steps from the first version on.

In: an open SQLite connection. Out: the same database at ``LATEST``. What can fail:
:func:`corpus.migrations.migrate`, which takes the steps.

Passage ids are never reused (AUTOINCREMENT), so that a dense index that lags behind can never
point at the wrong passage. ``passage_terms`` is a full-text table of already stemmed words.
``sentence_vectors`` has no row for passages that were stored before it was there; so with
``regions`` and ``places``, which say what each part of a text is and where it stands in its file,
and with ``contexts``, the headings and readings of a passage's sentences.

``files`` is what a folder held when it was last brought in step (:mod:`index.sync`), ``copies``
which documents say the same (:mod:`corpus.copies`).
``removed_passages`` is what a dense index reads to follow the database (:mod:`corpus.change_log`).
"""

from __future__ import annotations

import sqlite3

from corpus import migrations

_STEPS: tuple[str, ...] = (
    """
    CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE documents (
        id TEXT PRIMARY KEY,
        path TEXT NOT NULL,
        title TEXT NOT NULL,
        source TEXT,
        date TEXT,
        language TEXT NOT NULL,
        text TEXT NOT NULL,
        metadata TEXT NOT NULL,
        digest TEXT NOT NULL,
        added TEXT NOT NULL
    );
    CREATE TABLE passages (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        document_id TEXT NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
        ordinal INTEGER NOT NULL,
        start INTEGER NOT NULL,
        "end" INTEGER NOT NULL,
        sentences TEXT NOT NULL,
        vector BLOB NOT NULL,
        UNIQUE (document_id, ordinal)
    );
    CREATE VIRTUAL TABLE passage_terms USING fts5 (
        stems, tokenize = "unicode61 remove_diacritics 0"
    );
    CREATE VIRTUAL TABLE term_counts USING fts5vocab (passage_terms, row);
    INSERT INTO meta VALUES ('identity', lower(hex(randomblob(16)))), ('generation', '0');
    """,
    """
    CREATE TABLE sentence_vectors (
        passage_id INTEGER PRIMARY KEY REFERENCES passages (id) ON DELETE CASCADE,
        vectors BLOB NOT NULL
    );
    """,
    """
    CREATE TABLE removed_passages (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        passage_id INTEGER NOT NULL
    );
    CREATE TRIGGER passage_removed AFTER DELETE ON passages BEGIN
        INSERT INTO removed_passages (passage_id) VALUES (old.id);
    END;
    CREATE INDEX documents_by_facts ON documents (language, source, date, id);
    """,
    """
    ALTER TABLE documents ADD COLUMN regions BLOB;
    ALTER TABLE passages ADD COLUMN role TEXT NOT NULL DEFAULT 'text';
    ALTER TABLE passages ADD COLUMN contexts TEXT;
    CREATE TABLE places (
        document_id TEXT PRIMARY KEY REFERENCES documents (id) ON DELETE CASCADE,
        places BLOB NOT NULL
    );
    CREATE TABLE files (
        root TEXT NOT NULL,
        path TEXT NOT NULL,
        name TEXT NOT NULL DEFAULT '',
        size INTEGER NOT NULL,
        modified INTEGER NOT NULL,
        digest TEXT NOT NULL,
        document_id TEXT REFERENCES documents (id) ON DELETE SET NULL,
        reason TEXT NOT NULL DEFAULT '',
        PRIMARY KEY (root, path, name)
    ) WITHOUT ROWID;
    CREATE INDEX files_of_document ON files (document_id);
    CREATE TABLE copies (
        document_id TEXT PRIMARY KEY REFERENCES documents (id) ON DELETE CASCADE,
        exact TEXT NOT NULL,
        signature BLOB NOT NULL
    );
    CREATE INDEX exact_copies ON copies (exact);
    CREATE TABLE copy_bands (
        band INTEGER NOT NULL,
        key INTEGER NOT NULL,
        document_id TEXT NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
        PRIMARY KEY (band, key, document_id)
    ) WITHOUT ROWID;
    CREATE INDEX bands_of_document ON copy_bands (document_id);
    """,
)

LATEST = len(_STEPS)


def migrate(connection: sqlite3.Connection, name: str) -> None:
    """Bring the database ``name`` to ``LATEST``; UsageError if it is newer than that."""
    migrations.migrate(
        connection,
        _STEPS[:LATEST],
        name=f"corpus database '{name}'",
        remedy="update belegt or use another --corpus",
    )
