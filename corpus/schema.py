"""The database's tables, as numbered steps from the first version on.

In: an open SQLite connection. Out: the same database at ``LATEST``. What can fail:
:func:`corpus.migrations.migrate`, which takes the steps.

Passage ids are never reused (AUTOINCREMENT), so that a dense index that lags behind can never
point at the wrong passage. ``passage_terms`` is a full-text table of already stemmed words.
``sentence_vectors`` has no row for passages that were stored before it was there.
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
