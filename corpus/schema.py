"""The database's tables, as numbered steps from the first version on.

In: an open SQLite connection. Out: the same database at ``LATEST``. What can fail: a database
written by a newer belegt, refused by name before anything is touched. Every step runs in one
transaction, so an interrupted migration leaves the old version.

Passage ids are never reused (AUTOINCREMENT), so that a dense index that lags behind can never
point at the wrong passage. ``passage_terms`` is a full-text table of already stemmed words.
"""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Iterator

from models.errors import UsageError

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
    """,
)

LATEST = len(_STEPS)


def version(connection: sqlite3.Connection) -> int:
    """The schema version that the database states of itself (0: empty)."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def migrate(connection: sqlite3.Connection, name: str) -> None:
    """Bring the database ``name`` to ``LATEST``; UsageError if it is newer than that."""
    found = version(connection)
    if found > LATEST:
        raise UsageError(
            f"The corpus database '{name}' has schema version {found}, this belegt knows "
            f"{LATEST}; update belegt or use another --corpus."
        )
    for number in range(found, LATEST):
        connection.execute("BEGIN IMMEDIATE")
        try:
            # Another process may have taken the same step while this one waited for the lock.
            if version(connection) == number:
                _take(connection, number)
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


def _take(connection: sqlite3.Connection, number: int) -> None:
    for statement in _statements(_STEPS[number]):
        connection.execute(statement)
    if number == 0:
        connection.execute(
            "INSERT INTO meta VALUES ('identity', ?), ('generation', '0')", (uuid.uuid4().hex,)
        )
    connection.execute(f"PRAGMA user_version = {number + 1}")


def _statements(script: str) -> Iterator[str]:
    """One by one, because ``executescript`` would commit what is open."""
    statement = ""
    for part in script.split(";"):
        statement += f"{part};"
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
